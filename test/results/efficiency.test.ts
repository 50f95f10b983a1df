import { describe, expect, it } from "vitest";
import { withEfficiency } from "../../src/results/efficiency.ts";
import { resultsSchema } from "../../src/results/schema.ts";
import { recordText } from "../../src/results/text.ts";
import { aCell, aRecord, aSimCell } from "./support.ts";

const cell = (cpus: number, requestsPerSecond: number, changes = {}) =>
  aCell({ id: `kref@${cpus}`, cpus, requestsPerSecond, ...changes });

const shares = (...cells: Parameters<typeof withEfficiency>[0][number][]) =>
  withEfficiency(cells).map(({ efficiencyPct }) => efficiencyPct);

describe("scaling efficiency", () => {
  it("is throughput per CPU against that on the fewest CPUs, in whatever order they come", () => {
    expect(shares(cell(32, 300), cell(16, 200), cell(64, 200))).toEqual([75, 100, 25]);
  });

  it("is of one strategy, engine and varied value each, and absent where that has one CPU count", () => {
    const varied = { parameter: "thinkUs", value: 5 };
    expect(
      shares(
        cell(1, 100),
        cell(2, 100),
        cell(1, 7, { strategy: "none" }),
        cell(1, 30, { engine: "sim" }),
        cell(4, 60, { engine: "sim" }),
        cell(2, 5, { varied }),
      ),
    ).toEqual([100, 50, undefined, 100, 50, undefined]);
  });

  it("is computed anew when a smaller CPU count comes, and not at all without throughput", () => {
    const [known] = withEfficiency([cell(4, 40), cell(8, 40)]);
    expect(shares(known as never, cell(2, 40))).toEqual([50, 100]);
    expect(shares(cell(1, 0), cell(2, 0))).toEqual([undefined, undefined]);
  });
});

describe("a record with simulated cells", () => {
  const record = aRecord({
    engine: "sim, threads",
    machine: { name: "m", sources: [] },
    cells: [aSimCell(), aCell()],
  });

  it("is the same after it was written and read, nothing dropped", () => {
    expect(resultsSchema.parse(JSON.parse(recordText(record)))).toEqual(record);
  });

  it("has lists of numbers on one line, and texts as they are", () => {
    const text = recordText({ ...record, name: "[\n 1,\n 2]" });
    expect(text).toContain('"atNs": [4.5, 6, 31]');
    expect(text).toContain('"name": "[\\n 1,\\n 2]"');
  });
});
