/** How far a comparison can be believed: what it says of intervals on threads, of other seeds, and of figures without an interval. */
import { describe, expect, it } from "vitest";
import { compareRecords, compareStrategies } from "../../src/compare/compare.ts";
import { parseCondition } from "../../src/compare/condition.ts";
import { jsonComparison } from "../../src/compare/json.ts";
import { markdownComparison } from "../../src/compare/markdown.ts";
import { terminalComparison } from "../../src/compare/terminal.ts";
import { judge } from "../../src/compare/thresholds.ts";
import type { Comparison } from "../../src/compare/types.ts";
import type { RefplayError } from "../../src/errors.ts";
import type { Cell, ResultsRecord } from "../../src/results/schema.ts";
import { aCell, aRecord, aSimCell } from "../results/support.ts";

const options = { confidence: 0.95, anyway: false };
const caveat =
  "† Intervals on threads hold what differs within a run; two starts of the same code may differ by more";

function withRuns(cell: Cell, middle: number, changes: Partial<Cell> = {}): Cell {
  const repetitions = [0.98, 0.99, 1, 1.01, 1.02, 1.005].map((share) => share * middle);
  const spread = { min: 0, max: 0, medianAbsDev: 0, repetitions };
  return { ...cell, requestsPerSecond: middle, requestsPerSecondSpread: spread, ...changes };
}

const recordOf = (cells: readonly Cell[], changes: Partial<ResultsRecord> = {}): ResultsRecord =>
  aRecord({
    cells: [...cells],
    planned: cells.map(({ id }) => id),
    machine: { name: "epyc-9654" },
    ...changes,
  });

const between = (a: ResultsRecord, b: ResultsRecord): Comparison =>
  compareRecords({ name: "a.json", record: a }, { name: "b.json", record: b }, options);

const none = { sure: false, allowMissing: false };

function texts(found: Comparison): { terminal: string; markdown: string; notes: string } {
  const judgement = judge([], found, none);
  return {
    terminal: terminalComparison(found, judgement, { color: false, all: true }).replace(/\s+/g, " "),
    markdown: markdownComparison(found, judgement),
    notes: JSON.parse(jsonComparison(found, judgement)).notes.join(" "),
  };
}

function refusal(run: () => unknown): RefplayError {
  try {
    run();
  } catch (error) {
    return error as RefplayError;
  }
  throw new Error("nothing was refused");
}

describe("a comparison on threads", () => {
  const found = between(recordOf([withRuns(aCell(), 100)]), recordOf([withRuns(aCell(), 70)]));

  it("says in every format that another start may differ by more, and marks what is sure of one only", () => {
    const said = texts(found);
    for (const text of Object.values(said)) expect(text.replaceAll("\\", "")).toContain(caveat);
    expect(said.terminal).toContain("worse†");
    expect(said.terminal).toContain("1 with figures that are worse†.");
    expect(said.markdown).toContain("🔴 worse† |");
    const colored = terminalComparison(found, judge([], found, none), { color: true, all: true });
    expect(colored).toContain("\u001B[33m-30.0");
    expect(colored).not.toContain("\u001B[31m");
  });

  it("marks nothing that follows from the code, and nothing that is simulated", () => {
    const bytes = between(recordOf([aCell()]), recordOf([aCell({ labelBytes: 200 })]));
    expect(bytes.cells[0]?.figures.find(({ name }) => name === "labelBytes")).toMatchObject({
      verdict: "worse",
      oneStart: false,
    });
    const sim = between(recordOf([withRuns(aSimCell(), 100)]), recordOf([withRuns(aSimCell(), 70)]));
    for (const text of Object.values(texts(sim))) expect(text).not.toContain("†");
  });

  it("says of two strategies of one run that they did not take turns", () => {
    const cells = ["kref", "none"].map((strategy) =>
      withRuns(aCell(), 100, { id: `${strategy}@1`, strategy }),
    );
    const file = { file: "run-1.json", record: recordOf(cells) };
    const { notes } = compareStrategies(file, "kref", "none", options);
    expect(notes.join()).toContain("Here all runs of a cell of A were done before those of B began");
    expect(found.notes.join()).not.toContain("in turns");
  });

  it("carries over what the records say of a busy machine", () => {
    const busy = "repetitions differ by 22 % of the median: the machine was busy, or runs are too short";
    const other = recordOf([
      withRuns(aCell(), 70, { notes: [busy, "skipped 3 lines"], oversubscribed: true }),
    ]);
    const said = texts(between(recordOf([withRuns(aCell(), 100)]), other));
    for (const text of Object.values(said)) {
      expect(text).toContain(`kref@1, B: ${busy}.`);
      expect(text).not.toContain("skipped");
      expect(text.replaceAll("\\", "")).toContain("*: more CPUs than cores");
    }
    expect(said.markdown).toContain("kref on 1 CPU\\*");
  });
});

describe("what follows from the load", () => {
  const rmw = (seed: string, value: number) =>
    recordOf([withRuns(aCell(), 100, { rmwPerRequest: value })], { seed });
  const change = (found: Comparison) => found.cells[0]?.figures.find(({ name }) => name === "rmwPerRequest");

  it("is exact with the same seed, and nobody can tell with another", () => {
    expect(change(between(rmw("x", 6), rmw("x", 6.1)))).toMatchObject({ exact: true, verdict: "worse" });
    const found = between(rmw("x", 6), rmw("y", 6.1));
    expect(change(found)).toMatchObject({ interval: null, noInterval: "seeds", verdict: "unclear" });
    expect(found.notes.join()).toContain("rmwPerRequest: it follows from the seed's load, and seeds differ");
    expect(
      refusal(() => judge([parseCondition("rmwPerRequest > 0")], found, { ...none, sure: true })).hint,
    ).toContain("run both with the same seed");
  });
});

describe("--sure without an interval", () => {
  const hintOf = (text: string, a: Cell, b: Cell) =>
    refusal(() =>
      judge([parseCondition(text)], between(recordOf([a]), recordOf([b])), { ...none, sure: true }),
    ).hint;

  it("tells what would help, and what would not", () => {
    const [many, few] = [withRuns(aCell(), 100), aCell()];
    expect(hintOf("pairNsP99 > 1", many, many)).toBe(
      "More repetitions do not help: on threads, pairs of a load with think time are timed in one run of their own. Leave --sure out for it.",
    );
    expect(hintOf("pairNsP99 > 1", few, few)).toContain("more `repetitions`");
    const sim = withRuns(aSimCell(), 100);
    const other = withRuns(aSimCell({ peakUnreclaimed: 2 }), 100);
    expect(hintOf("peakUnreclaimed > 1", { ...sim, peakUnreclaimed: 1 }, other)).toContain(
      "the files have it of one run only",
    );
    const peaks = (peak: number) =>
      withRuns(aCell(), 100, {
        peakUnreclaimed: peak,
        byRepetition: { peakUnreclaimed: [0, peak, peak, peak, peak, peak] },
      });
    expect(hintOf("peakUnreclaimed > 1%", peaks(1), peaks(2))).toContain("Percent take a value above 0");
  });
});

describe("another description of the same machine", () => {
  const record = (machine: Record<string, unknown>) =>
    recordOf([withRuns(aSimCell(), 100)], { machine: { name: "epyc-9654", ...machine } });
  const [one, other] = [
    record({
      title: "x",
      topology: { cores: 96 },
      latenciesNs: { l3: 50, socket: 100, cross: 200 },
      sources: [1],
    }),
    record({
      title: "y",
      topology: { cores: 48 },
      latenciesNs: { l3: 51, socket: 500, cross: 300 },
      sources: [2],
    }),
  ];

  it("is refused with the first fields that differ", () => {
    const { code, message } = refusal(() => between(one, other));
    expect(code).toBe("not-comparable");
    expect(message.split("\n").slice(1)).toEqual([
      "  simulated machine's topology.cores (one of 4 fields that differ): 96 in A, 48 in B",
      "  simulated machine's latenciesNs.l3: 50 in A, 51 in B",
      "  simulated machine's latenciesNs.socket: 100 in A, 500 in B",
    ]);
    const anyway = compareRecords(
      { name: "a", record: one },
      { name: "b", record: other },
      {
        ...options,
        anyway: true,
      },
    );
    expect(anyway.differences).toHaveLength(3);
  });

  it("is the same machine where only words about it differ", () => {
    expect(
      between(one, { ...one, machine: { ...one.machine, title: "z", sources: [] } }).differences,
    ).toEqual([]);
  });
});
