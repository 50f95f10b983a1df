import { describe, expect, it } from "vitest";
import { type CompareOptions, compareRecords, compareStrategies } from "../../src/compare/compare.ts";
import { parseCondition } from "../../src/compare/condition.ts";
import { jsonComparison } from "../../src/compare/json.ts";
import { markdownComparison } from "../../src/compare/markdown.ts";
import { terminalComparison } from "../../src/compare/terminal.ts";
import { judge } from "../../src/compare/thresholds.ts";
import type { Comparison } from "../../src/compare/types.ts";
import type { RefplayError } from "../../src/errors.ts";
import { withEfficiency } from "../../src/results/efficiency.ts";
import type { ResultsRecord } from "../../src/results/schema.ts";
import { aCell, aRecord } from "../results/support.ts";

const options: CompareOptions = { confidence: 0.95, anyway: false };
const all = ["kref@1", "none@1", "kref@192", "none@192"];
const failure = { cell: "kref@192", code: "cell-stuck", message: "no worker was done after 60 s" };

/** Cells by these ids of a run that meant to have four. */
function recordOf(ids: readonly string[], changes: Partial<ResultsRecord> = {}): ResultsRecord {
  const cells = ids.map((id) => {
    const [strategy = "", cpus] = id.split("@");
    return aCell({ id, strategy, cpus: Number(cpus) });
  });
  return aRecord({ cells: withEfficiency(cells), planned: [...all], ...changes });
}

const against = (b: ResultsRecord, a = recordOf(all)): Comparison =>
  compareRecords({ name: "a.json", record: a }, { name: "b.json", record: b }, options);

const judged = (text: string, found: Comparison, allowMissing = false, sure = false) =>
  judge([parseCondition(text)], found, { sure, allowMissing });

describe("a condition about what B has not", () => {
  const failed = against(recordOf(["kref@1", "none@1"], { failure }));

  it("is met, says why, and is not where that is allowed", () => {
    const result = judged("kref:efficiency@192 < -3", failed);
    expect(result.failed).toBe(true);
    expect(result.results[0]?.unjudged).toEqual([
      { id: "kref@192", why: `B has no such cell: its run failed: ${failure.message}` },
    ]);
    const allowed = judged("kref:efficiency@192 < -3", failed, true);
    expect([allowed.failed, allowed.results[0]?.failed]).toEqual([false, false]);
    expect(judged("efficiency < -3", failed).results[0]?.unjudged.map(({ why }) => why)).toEqual([
      `B has no such cell: its run failed: ${failure.message}`,
      `B has no such cell: its run failed before, at kref@192: ${failure.message}`,
    ]);
  });

  it("counts for as many cells as it is about, whatever the others say", () => {
    expect(judged("labelBytes > 0", failed).results[0]).toMatchObject({
      failed: true,
      cells: [{ met: false }, { met: false }],
      unjudged: [{ id: "kref@192" }, { id: "none@192" }],
    });
    expect(judged("labelBytes > 0", failed, true).failed).toBe(false);
    // kref has no efficiency on its fewest CPUs in A either.
    expect(() => judged("kref:efficiency@1 < 0", against(recordOf(all.slice(1))))).toThrow(
      "would never fail",
    );
  });

  it("fails for the whole run, too, where B ended early and every cell asked for is there", () => {
    const result = judged("labelBytes@1 > 0", failed);
    expect(result.results[0]?.failed).toBe(false);
    expect(result).toMatchObject({
      failed: true,
      unfinished: `B is no whole run: it failed at kref@192: ${failure.message}`,
    });
    expect(judged("labelBytes@1 > 0", failed, true).failed).toBe(false);
    expect(judge([], failed, { sure: false, allowMissing: false }).failed).toBe(false);
  });

  it("knows runs that were stopped, and cells that nobody meant to measure", () => {
    const stopped = against(recordOf(all.slice(0, 3)));
    expect(judged("labelBytes > 0", stopped).results[0]?.unjudged).toEqual([
      { id: "none@192", why: "B has no such cell: its run was stopped before" },
    ]);
    const other = against(recordOf(all.slice(0, 3), { planned: all.slice(0, 3) }));
    expect(judged("labelBytes > 0", other)).toMatchObject({
      failed: true,
      results: [{ unjudged: [{ id: "none@192", why: "B has no such cell" }] }],
    });
    expect(judged("kref:labelBytes > 0", other).failed).toBe(false);
  });

  it("is about planned cells that neither side has", () => {
    const two = all.slice(0, 2);
    const both = against(recordOf(two, { failure }), recordOf(two, { planned: two }));
    expect(judged("kref:labelBytes@192 > 0", both).results[0]?.unjudged).toHaveLength(1);
  });

  it("is about a figure that only A has", () => {
    const without = recordOf(all);
    const cells = without.cells.map((cell) => (cell.id === "kref@192" ? { ...cell, pairNs: null } : cell));
    expect(judged("pairNsP99 > 10%", against({ ...without, cells })).results[0]).toMatchObject({
      failed: true,
      unjudged: [{ id: "kref@192", why: "B has no `pairNsP99` there" }],
    });
    const noBase = against(recordOf(all.slice(1), { planned: all.slice(1) }));
    expect(judged("kref:efficiency@192 < 0", noBase).failed).toBe(true);
  });

  it("does not fail by what A lacks", () => {
    const found = against(recordOf(all), recordOf(all.slice(0, 2), { failure }));
    expect(judged("labelBytes > 0", found).failed).toBe(false);
    expect(found.unfinished).toMatchObject([{ side: "A", failure }]);
  });
});

describe("a run that failed", () => {
  const comparisons = [
    against(recordOf(["kref@1", "none@1"], { failure })),
    compareStrategies(
      { file: "run-7.json", record: recordOf(all.slice(0, 3), { failure }) },
      "kref",
      "none",
      options,
    ),
  ];

  it.each([
    [0, "B: the run of b.json failed at kref@192"],
    [1, "The run of run-7.json failed at kref@192"],
  ])("is told in every format, with its file: %i", (index, said) => {
    const found = comparisons[index] as Comparison;
    const judgement = judge([parseCondition("labelBytes > 0")], found, { sure: false, allowMissing: false });
    const texts = [
      terminalComparison(found, judgement, { color: false, all: false }).replace(/\s+/g, " "),
      markdownComparison(found, judgement),
    ];
    for (const text of texts) {
      expect(text).toContain(said);
      expect(text).toContain(failure.message);
      expect(text).toContain("B is no whole run");
      expect(text).not.toContain("was stopped");
    }
    const document = JSON.parse(jsonComparison(found, judgement));
    expect(document).toMatchObject({ failed: true, allowMissing: false, unfinished: [{ failure }] });
    expect(document.conditions[0].unjudged.at(-1).why).toContain(failure.message);
  });

  it("says of two strategies which one lacks the cell", () => {
    const judgement = judged("none:labelBytes@192 > 0", comparisons[1] as Comparison);
    expect(judgement.results[0]?.unjudged).toEqual([
      { id: "kref@192", why: expect.stringContaining("B has no such cell") },
    ]);
  });

  it("is named where it has no cells at all", () => {
    let error: unknown;
    try {
      against(recordOf([], { failure }));
    } catch (thrown) {
      error = thrown;
    }
    const { code, message } = error as RefplayError;
    expect(code).toBe("nothing-to-compare");
    expect(message).toBe(
      `\`b.json\` has no cells\n  The run of \`b.json\` failed at kref@192: ${failure.message}`,
    );
  });
});
