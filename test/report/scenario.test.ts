/** The report of scenarios with a program of their own. */
import { describe, expect, it } from "vitest";
import { csvReport } from "../../src/report/csv.ts";
import { terminalReport } from "../../src/report/terminal.ts";
import { withEfficiency } from "../../src/results/efficiency.ts";
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
const reportOf = (of: readonly Cell[]): string =>
  terminalReport(aRecord({ cells: [...of], planned: of.map(({ id }) => id) }), { color: false });
const linesOf = (of: readonly Cell[]): string[] =>
  reportOf(of)
    .split("\n")
    .map((line) => line.replace(/ +/g, " ").trim());
const report = reportOf(cells);
const lines = linesOf(cells);

describe("the report of a scenario's variants", () => {
  it("has rates in the scenario's unit with gains on as many CPUs", () => {
    expect(lines).toContainEqual(expect.stringMatching(/^variant CPUs pids\/s ±% gain/));
    expect(lines).toContainEqual(expect.stringMatching(/^new 1 1,100 [\d.]+ 1.10 /));
    expect(lines).toContainEqual(expect.stringMatching(/^new 128 10,000 [\d.]+ 5.00 /));
    expect(lines).toContainEqual(expect.stringMatching(/^old 128 2,000 [\d.]+ - /));
  });

  it("compares by a figure where the gain names one, and says so", () => {
    const by = { gain: { over: "old", by: "share" } };
    const shown = linesOf([cellOf("old", 1, 1000, 50), cellOf("new", 1, 9000, 2, by)]);
    expect(shown).toContainEqual(expect.stringMatching(/^new 1 9,000 [\d.]+ 25.0 /));
    expect(shown).toContain("gain: `share` of old on as many CPUs against the variant's.");
    expect(shown.join()).not.toContain("the rate against that of");
    // One of them cannot tell.
    const unknown = { gain: { over: "old", by: "unknown" } };
    const silent = linesOf([cellOf("old", 1, 1000, 50), cellOf("new", 1, 9000, 2, unknown)]);
    expect(silent).toContainEqual(expect.stringMatching(/^new 1 9,000 [\d.]+ - /));
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
    // With all its zeros it would be too wide.
    expect(lines).toContain("entries old 1..128 549,755,813,888 500G..600G 0");
    const [, , , last] = cells as [Cell, Cell, Cell, Cell];
    const [share, ...others] = last.figures ?? [];
    const told = { ...share, published: { min: 97, max: 97, source } } as NonNullable<typeof share>;
    const cell = { ...last, figures: [told, ...others] };
    // Percentages are off by points.
    expect(linesOf([...cells.slice(0, 3), cell])).toContain("share % new 128 80 97 -17 points");
    expect(lines).toContain(`published: ${source}`);
  });

  it("says of a figure that it rests on an assumption, and how far off it is all the same", () => {
    const of = (value: number, fitted: { fitted?: true }) =>
      cellOf("new", 1, 1, 1, {
        gain: { over: "old" },
        figures: [
          {
            name: "max",
            unit: "us",
            value,
            published: { min: 5, max: 5, source },
            assumed: true,
            ...fitted,
          },
        ],
      });
    expect(linesOf([of(7, {})])).toContain("max us new 1 7 5 +40%, assumed");
    expect(linesOf([of(7, { fitted: true })])).toContain("max us new 1 7 5 fitted, assumed");
    expect(linesOf([of(7, {})])).toContain("assumed: rests on an assumption");
    expect(report).not.toContain("assumed:");
  });

  it("puts published figures only beside cells that have them: what lies between differs, or is of another value", () => {
    const entries = (value: number, published = true) => ({
      gain: { over: "old" },
      figures: [
        {
          name: "entries",
          unit: "count",
          value,
          ...(published ? { published: { min: 5, max: 5, source } } : {}),
        },
      ],
    });
    const of = [
      cellOf("new", 1, 1, 1, entries(5)),
      cellOf("new", 2, 1, 1, entries(5)),
      cellOf("new", 4, 1, 1, entries(7)),
      cellOf("new", 8, 1, 1, entries(5)),
      cellOf("new", 16, 1, 1, entries(5, false)),
      cellOf("new", 32, 1, 1, entries(5)),
      cellOf("new", 64, 1, 1, { ...entries(5), varied: { parameter: "files", value: 9 } }),
    ];
    const rows = linesOf(of).filter((line) => /^entries new/.test(line));
    expect(rows).toEqual([
      "entries new 1..2 5 5 0",
      "entries new 4 7 5 +40%",
      "entries new 8 5 5 0",
      "entries new 32 5 5 0",
      "entries new 9 64 5 5 0",
    ]);
  });

  it("keeps engines apart, holds gains against the own one, and puts both side by side", () => {
    const simulated = cells
      .slice(0, 2)
      .map((cell): Cell => ({ ...cell, id: `${cell.id} sim`, engine: "sim" }));
    const threads = [cellOf("old", 1, 500, 1), cellOf("new", 1, 2000, 1, { gain: { over: "old" } })];
    const text = linesOf([...simulated, ...threads]);
    expect(text.filter((line) => /^(Predicted|Measured|variant CPUs pids)/.test(line))).toEqual([
      "Predicted",
      expect.stringMatching(/^variant/),
      "Measured on this machine's threads",
      expect.stringMatching(/^variant/),
    ]);
    expect(text).toContainEqual(expect.stringMatching(/^new 1 1,100 [\d.]+ 1.10 /));
    expect(text).toContainEqual(expect.stringMatching(/^new 1 2,000 [\d.]+ 4.00 /));
    expect(text).toContain("new 1 1,100 2,000 0.55");
    // Only the watched run counts them on threads.
    expect(text.filter((line) => line.startsWith("RMW each"))).toEqual([
      "RMW each: atomic operations for one; faults: leaks and broken rules.",
      "RMW each: atomic operations for one, in small; faults: leaks and broken rules.",
    ]);
  });

  it("shows how simulated rates scale, and no spread of single runs", () => {
    const once = { min: 1, max: 1, medianAbsDev: 0, repetitions: [1] };
    const of = [1, 16, 128].map((cpus): Cell => {
      const cell = cellOf("old", cpus, 1000 * Math.sqrt(cpus), 50, { requestsPerSecondSpread: once });
      return { ...cell, engine: "sim" };
    });
    const text = linesOf(withEfficiency(of));
    expect(text).toContain("% at CPUs 1 16 128");
    expect(text).toContain("old 100.0 25.0 8.8 █▂▁");
    expect(text).toContainEqual(expect.stringMatching(/^pids per second and CPU, percent of those/));
    expect(text).toContainEqual(expect.stringMatching(/^variant CPUs pids\/s RMW each/));
    expect(report).not.toContain("% at CPUs");
  });

  it("fits 80 columns with long names and notes and large figures", () => {
    const line = {
      symbol: "dentry(/proc/4711/task).lockref",
      transfersPerRequest: 123_456,
      transfers: 9,
      meanWaitNs: 123_456,
      mostWaiting: 1024,
      code: [{ function: "changeUnlockedOrWait", file: "a.ts", line: 1, operation: "add", transfers: 9 }],
    } as unknown as NonNullable<Cell["hottestLines"]>[number];
    const of = ["reference-walk", "rcu-walk"].flatMap((strategy) =>
      Array.from({ length: 12 }, (_, index): Cell => {
        const cell = cellOf(strategy, 2 ** index, 123_456_789, 97, {
          notes: [`${strategy} has much to say ${"about itself ".repeat(12)}`.trim()],
          hottestLines: [line],
        });
        return { ...cell, engine: "sim" };
      }),
    );
    const text = reportOf(withEfficiency(of));
    expect(text).toContain("contended line");
    expect(text.split("\n").filter((one) => one.length > 80)).toEqual([]);
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
