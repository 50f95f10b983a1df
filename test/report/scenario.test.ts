/** The report of scenarios with a program of their own. */
import { describe, expect, it } from "vitest";
import { csvReport } from "../../src/report/csv.ts";
import { terminalReport } from "../../src/report/terminal.ts";
import type { Cell } from "../../src/results/schema.ts";
import { aCell, aRecord } from "../results/support.ts";

const source = "a paper";
const cellOf = (strategy: string, cpus: number, rate: number, share: number, more: Partial<Cell> = {}) =>
  aCell({
    id: `${strategy}@${cpus}`,
    strategy,
    cpus,
    workload: "proc-walk",
    requestsPerSecond: rate,
    requestUnit: "pids",
    figures: [
      {
        name: "share",
        unit: "%",
        value: share,
        ...(more.gain ? {} : { published: { min: 97, max: 97, source }, fitted: true }),
      },
      { name: "entries", unit: "count", value: 549_755_813_888, published: { min: 5e11, max: 6e11, source } },
      { name: "unknown", unit: "us", value: null },
    ],
    ...more,
  });
const gain = { over: "old", published: { min: 3, max: 4, source } };
const cells = [
  cellOf("old", 1, 1000, 50),
  cellOf("new", 1, 1100, 40, { gain: { over: "old" } }),
  cellOf("old", 128, 2000, 97),
  cellOf("new", 128, 10_000, 80, { gain }),
];
const report = terminalReport(aRecord({ cells, planned: cells.map(({ id }) => id) }), { color: false });
const lines = report.split("\n").map((line) => line.replace(/ +/g, " ").trim());

describe("the report of a scenario's variants", () => {
  it("has rates in the scenario's unit with gains on as many CPUs", () => {
    expect(lines).toContainEqual(expect.stringMatching(/^variant CPUs pids\/s ±% gain/));
    expect(lines).toContainEqual(expect.stringMatching(/^new 1 1,100 [\d.]+ 1.10 /));
    expect(lines).toContainEqual(expect.stringMatching(/^new 128 10,000 [\d.]+ 5.00 /));
    expect(lines).toContainEqual(expect.stringMatching(/^old 128 2,000 [\d.]+ - /));
  });

  it("shows what differs with the CPUs for each, and what does not once, with all digits", () => {
    expect(lines).toContain("variant CPUs share %");
    expect(lines).toContain("old 128 97");
    expect(lines).toContain("variant entries unknown us");
    expect(lines).toContain("old 549,755,813,888 -");
    expect(lines.filter((line) => line === "new 549,755,813,888 -")).toHaveLength(1);
  });

  it("puts published figures beside, with the error from the nearer end, and says what was fitted", () => {
    expect(lines).toContain("gain over old new 128 5 3..4 +25%");
    expect(lines).toContain("share % old 128 97 97 fitted");
    expect(lines).toContain("entries old 1..128 549,755,813,888 500,000,000,000..600,000,000,000 0");
    expect(lines).toContain(`published: ${source}`);
  });

  it("says nothing of hooks and labels", () => {
    expect(report).not.toMatch(/hooks|label B|strategy/);
  });

  it("has a column for each figure in CSV", () => {
    const [head = "", first = ""] = csvReport(aRecord({ cells })).split("\n");
    expect(head).toMatch(/,figure share \(%\),figure entries \(count\),figure unknown \(us\)$/);
    expect(first).toMatch(/,50,549755813888,$/);
    expect(csvReport(aRecord())).not.toContain("figure ");
  });
});
