import { describe, expect, it } from "vitest";
import { mergeRuns } from "../../src/compare/all-runs.ts";
import { compareRecords } from "../../src/compare/compare.ts";
import type { RefplayError } from "../../src/errors.ts";
import type { ResultsRecord } from "../../src/results/schema.ts";
import { aCell, aRecord, aSimCell } from "../results/support.ts";

const run = (rate: number, p99 = 10, leaked = 0): ResultsRecord =>
  aRecord({
    cells: [
      aCell({
        requestsPerSecond: rate,
        requestsPerSecondSpread: { min: 0, max: 0, medianAbsDev: 0, repetitions: [1, 2, 3, 4, 5, 6] },
        pairNs: { p50: 4, p99, max: 100 },
        leaked,
        notes: [`rate ${rate}`],
      }),
    ],
  });

const codeOf = (records: readonly ResultsRecord[]): string => {
  try {
    mergeRuns(records, "runs");
  } catch (error) {
    return (error as RefplayError).code;
  }
  return "fine";
};

describe("several runs as one", () => {
  it("have their medians for repetitions, of every figure, and the worst faults", () => {
    const { record, starts } = mergeRuns([run(100, 9), run(130, 14, 2), run(110, 10), run(90, 12)], "runs");
    expect(starts).toBe(4);
    expect(record.cells[0]).toMatchObject({
      requestsPerSecond: 105,
      requestsPerSecondSpread: { min: 90, max: 130, medianAbsDev: 10, repetitions: [100, 130, 110, 90] },
      byRepetition: { pairNsP99: [9, 14, 10, 12] },
      pairNs: { p50: 4, p99: 11 },
      leaked: 2,
      notes: ["rate 100", "rate 130", "rate 110", "rate 90"],
    });
  });

  it("are compared with what differs from start to start, and without the caveat of one", () => {
    const [a, b] = [
      [100, 130, 110, 90],
      [101, 95, 125, 115],
    ].map((rates) =>
      mergeRuns(
        rates.map((rate) => run(rate)),
        "runs",
      ),
    );
    if (a === undefined || b === undefined) throw new Error("two sides");
    const found = compareRecords(
      { name: "a", ...a },
      { name: "b", ...b },
      { confidence: 0.95, anyway: false },
    );
    const rate = found.cells[0]?.figures[0];
    expect(rate).toMatchObject({ interval: { low: -35, high: 35 }, verdict: "unclear", oneStart: false });
    expect(found.notes.join()).not.toContain("†");
  });

  it("are those of the newest's code that are complete", () => {
    const other = { ...run(1), fingerprint: "other" };
    const cut = { ...run(2), planned: ["kref@1", "kref@2"] };
    const { record, starts } = mergeRuns([other, run(100), cut, run(110)], "runs");
    expect([starts, record.cells[0]?.requestsPerSecond]).toEqual([2, 105]);
    expect(codeOf([run(100), run(100), other])).toBe("one-run-only");
    const sim = aRecord({ cells: [aSimCell()], planned: ["kref@192"] });
    expect(codeOf([sim, sim])).toBe("runs-simulated");
  });
});
