import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareRecords, compareStrategies } from "../../src/compare/compare.ts";
import { parseCondition } from "../../src/compare/condition.ts";
import { jsonComparison } from "../../src/compare/json.ts";
import { markdownComparison } from "../../src/compare/markdown.ts";
import { terminalComparison } from "../../src/compare/terminal.ts";
import { judge } from "../../src/compare/thresholds.ts";
import type { CellChange, Comparison } from "../../src/compare/types.ts";
import type { RefplayError } from "../../src/errors.ts";
import { withEfficiency } from "../../src/results/efficiency.ts";
import type { Cell, ResultsRecord } from "../../src/results/schema.ts";
import { aCell, aRecord, aSimCell } from "../results/support.ts";

const options = { confidence: 0.95, anyway: false };
const plain = { sure: false, allowMissing: false };

/** A cell with these rates, on threads unless `changes` say otherwise. */
function cellWith(
  strategy: string,
  cpus: number,
  rates: readonly number[],
  changes: Partial<Cell> = {},
): Cell {
  const sorted = [...rates].sort((one, other) => one - other);
  const middle = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
  const spread = { min: sorted[0] ?? 0, max: sorted.at(-1) ?? 0, medianAbsDev: 0, repetitions: [...rates] };
  return aCell({
    id: `${strategy}@${cpus}`,
    strategy,
    cpus,
    requestsPerSecond: middle,
    requestsPerSecondSpread: spread,
    ...changes,
  });
}

function recordOf(cells: readonly Cell[], changes: Partial<ResultsRecord> = {}): ResultsRecord {
  const withShare = withEfficiency(cells);
  return aRecord({ cells: withShare, planned: withShare.map(({ id }) => id), ...changes });
}

const sides = (a: ResultsRecord, b: ResultsRecord) =>
  [
    { name: "a.json", record: a },
    { name: "b.json", record: b },
  ] as const;

function figure(comparison: Comparison, id: string, name: string) {
  const cell = comparison.cells.find((one) => one.id === id) as CellChange;
  return cell.figures.find((one) => one.name === name);
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return (error as RefplayError).code;
  }
  return "fine";
}

describe("a comparison of results", () => {
  const a = recordOf([
    cellWith("kref", 1, [100, 101, 102, 103, 104]),
    cellWith("kref", 2, [100, 101, 102, 103, 104]),
    cellWith("none", 2, [500, 501, 502, 503, 504]),
  ]);
  const b = recordOf([
    cellWith("kref", 1, [100, 101, 102, 103, 104]),
    cellWith("kref", 2, [150, 151, 152, 153, 154], {
      labelBytes: 200,
      byRepetition: { pairNsP50: [1, 2, 3, 4, 5] },
    }),
    cellWith("kref", 4, [100, 101, 102, 103, 104]),
  ]);
  const found = compareRecords(...sides(a, b), options);

  it("has cells of both, and names the others", () => {
    expect(found.cells.map(({ id }) => id)).toEqual(["kref@1", "kref@2"]);
    expect([found.onlyInA, found.onlyInB]).toEqual([["none@2"], ["kref@4"]]);
  });

  it("takes differences as B - A, of the medians that tables show", () => {
    expect(figure(found, "kref@2", "requestsPerSecond")).toMatchObject({
      a: 102,
      b: 152,
      difference: 50,
      interval: { low: 47, high: 53 },
      verdict: "better",
    });
    expect(figure(found, "kref@2", "requestsPerSecond")?.percent).toBeCloseTo(49.02, 2);
  });

  it("takes efficiency against the fewest CPUs, with the runs of both cells, and says nothing of those", () => {
    expect(figure(found, "kref@1", "efficiency")).toBeUndefined();
    const change = figure(found, "kref@2", "efficiency");
    expect(change).toMatchObject({ a: 50, differenceUnit: "points", verdict: "better" });
    expect(change?.b).toBeCloseTo((100 * 152) / 2 / 102, 10);
    // Run by run B has 150 / 100 to 154 / 104 halves, A 50 % each time.
    expect(change?.interval?.low).toBeCloseTo((100 * 154) / 104 / 2 - 50, 10);
    expect(change?.interval?.high).toBeCloseTo((100 * 150) / 100 / 2 - 50, 10);
  });

  it("knows figures that every run has the same, and those of which it has one run", () => {
    const bytes = figure(found, "kref@2", "labelBytes");
    expect(bytes).toMatchObject({ difference: 8, interval: { low: 8, high: 8 }, verdict: "worse" });
    expect(figure(found, "kref@2", "faults")?.verdict).toBe("same");
    expect(figure(found, "kref@2", "pairNsP50")).toMatchObject({ interval: null, verdict: "unclear" });
    expect(found.notes.join()).toContain("No interval for pairNsP50, pairNsP99: the files have");
  });

  it("holds the difference that is shown, which may be of one run, in the interval", () => {
    const with50 = (p50: number, runs: number[]) =>
      recordOf([
        cellWith("kref", 1, [1, 1, 1, 1, 1], {
          pairNs: { p50, p99: 0, max: 0 },
          byRepetition: { pairNsP50: runs },
        }),
      ]);
    const [one, other] = [with50(10, [10, 10, 10, 10, 10]), with50(30, [11, 11, 12, 12, 12])];
    const change = figure(compareRecords(...sides(one, other), options), "kref@1", "pairNsP50");
    expect(change?.interval).toEqual({ low: 1, high: 20 });
    expect(change?.percentInterval?.high).toBe(200);
  });

  it("takes nothing of nothing for no change in percent", () => {
    const none = recordOf([
      cellWith("kref", 1, [1, 2, 3, 4], {
        peakUnreclaimed: 0,
        byRepetition: { peakUnreclaimed: [0, 0, 0, 0] },
      }),
    ]);
    const found = compareRecords(...sides(none, none), options);
    expect(figure(found, "kref@1", "peakUnreclaimed")?.percentInterval).toEqual({ low: 0, high: 0 });
    const surely = judge([parseCondition("peakUnreclaimed > 10%")], found, { ...plain, sure: true });
    expect(surely.failed).toBe(false);
  });

  it("says that one repetition gives no interval", () => {
    const one = recordOf([cellWith("kref", 1, [100])]);
    const other = recordOf([cellWith("kref", 1, [90])]);
    const apart = compareRecords(...sides(one, other), options);
    expect(figure(apart, "kref@1", "requestsPerSecond")).toMatchObject({
      interval: null,
      verdict: "unclear",
    });
    expect(apart.notes[0]).toContain("only one of the repetitions");
    expect(apart.notes[0]).toContain("`--repetitions 4`");
  });

  it("leaves efficiency out where it is held against other CPUs", () => {
    const from2 = recordOf(b.cells.filter(({ cpus }) => cpus > 1));
    const from1 = recordOf([...a.cells.slice(0, 2), cellWith("kref", 4, [1, 1, 1, 1, 1])]);
    const apart = compareRecords(...sides(from1, from2), options);
    expect(figure(apart, "kref@4", "requestsPerSecond")).toBeDefined();
    expect(figure(apart, "kref@4", "efficiency")).toBeUndefined();
  });

  it("compares simulated runs in pairs of the same seed, apart where seeds differ", () => {
    const rates = [100, 200, 300, 400, 500, 600];
    const sim = (change: number, changes: Partial<ResultsRecord> = {}) =>
      recordOf(
        [
          cellWith(
            "kref",
            192,
            rates.map((rate) => rate + change),
            { engine: "sim" },
          ),
        ],
        {
          engine: "sim",
          machine: { name: "epyc-9654" },
          ...changes,
        },
      );
    const inPairs = compareRecords(...sides(sim(0), sim(7)), options);
    expect(figure(inPairs, "kref@192", "requestsPerSecond")).toMatchObject({
      interval: { low: 7, high: 7 },
      verdict: "better",
    });
    const apart = compareRecords(...sides(sim(0), sim(7, { seed: "other" })), options);
    expect(figure(apart, "kref@192", "requestsPerSecond")?.verdict).toBe("unclear");
    expect(apart.differences).toEqual([{ what: "seed", a: "nginx-2024", b: "other", decisive: false }]);
    const same = compareRecords(...sides(sim(0), sim(0)), options);
    expect(figure(same, "kref@192", "requestsPerSecond")?.verdict).toBe("same");
  });

  it("compares figures of scenarios by name and unit", () => {
    const scenario = (value: number | null) =>
      recordOf([
        aSimCell({
          id: "rcu-walk@128",
          requestUnit: "pids",
          figures: [{ name: "system time", unit: "%", value }],
          byRepetition: { "system time": [value, value] },
        }),
      ]);
    const [one, other] = [scenario(97), scenario(85)];
    const change = figure(compareRecords(...sides(one, other), options), "kref@192", "system time");
    expect(change).toMatchObject({ a: 97, b: 85, difference: -12, better: "neither" });
    const none = compareRecords(...sides(one, scenario(null)), options);
    expect(figure(none, "kref@192", "system time")).toBeUndefined();
    expect(figure(none, "kref@192", "labelBytes")).toBeUndefined();
  });
});

describe("what two runs differ in", () => {
  const cells = [cellWith("kref", 1, [1, 1, 1, 1])];
  const base = recordOf(cells, { config: { scenario: "nginx", hooks: "v6.6", workload: { thinkUs: 0 } } });
  const simulated = (name: string, more = {}) =>
    recordOf([aSimCell()], { config: base.config, machine: { name, ...more } });
  const compared = (a: ResultsRecord, b: ResultsRecord, anyway = false) =>
    compareRecords(...sides(a, b), { confidence: 0.95, anyway });

  it.each([
    ["scenario", { config: { ...base.config, scenario: "churn" } }, "scenario"],
    ["load", { config: { ...base.config, workload: { thinkUs: 35 } } }, "workload.thinkUs"],
    ["hooks", { config: { ...base.config, hooks: "v6.11" } }, "hooks"],
    ["CPU", { host: { ...base.host, cpuModel: "Other CPU" } }, "CPU"],
    ["cores", { host: { ...base.host, cores: 96 } }, "cores"],
  ])("refuses another %s unless it is asked for anyway", (_, changes, what) => {
    const other = { ...base, ...changes };
    expect(() => compared(base, other)).toThrow(`  ${what}: `);
    expect(codeOf(() => compared(base, other))).toBe("not-comparable");
    const { cells: both, differences } = compared(base, other, true);
    expect(both).toHaveLength(1);
    expect(differences).toMatchObject([{ what, decisive: true }]);
  });

  it("matches no cells of other hooks, unless it is asked to anyway", () => {
    const two = (hooks: string) =>
      recordOf([cellWith("kref", 1, [1], { hooks }), cellWith("none", 1, [1], { hooks: "v6.6" })]);
    const found = compared(two("v6.6"), two("v6.7"));
    expect(found.cells.map(({ id }) => id)).toEqual(["none@1"]);
    expect([found.onlyInA, found.onlyInB]).toEqual([["kref@1"], ["kref@1"]]);
    expect(found.differences).toMatchObject([{ what: "hooks", decisive: false }]);
    expect(compared(two("v6.6"), two("v6.7"), true).cells).toHaveLength(2);
  });

  it("refuses another simulated machine, and another description of the same", () => {
    expect(codeOf(() => compared(simulated("epyc-9654"), simulated("xeon-8176")))).toBe("not-comparable");
    const slower = simulated("epyc-9654", { latencyNs: 3 });
    expect(() => compared(simulated("epyc-9654"), slower)).toThrow(
      "simulated machine's latencyNs: not set in A, 3 in B",
    );
  });

  it("takes hosts of simulated cells for no difference", () => {
    const there = {
      ...simulated("epyc-9654"),
      host: { ...base.host, cpuModel: "Other CPU", node: "22.0.0" },
    };
    expect(compared(simulated("epyc-9654"), there).differences).toEqual([]);
  });

  it.each([
    ["refplay", { host: { ...base.host, refplay: "0.2.0" } }],
    ["Node", { host: { ...base.host, node: "22.0.0" } }],
    ["operating system", { host: { ...base.host, os: "Linux 6.8" } }],
    ["seed", { seed: "other" }],
    ["labelSet", { config: { ...base.config, labelSet: "seqlock" } }],
    ["slots of kref", { cells: [{ ...(cells[0] as Cell), strategyOptions: { slots: 8 } }] }],
  ])("tells of another %s", (what, changes) => {
    const found = compared(base, { ...base, ...changes });
    expect(found.differences).toMatchObject([{ what, decisive: false }]);
  });

  it("refuses results without a common cell, whatever is asked for", () => {
    const other = { ...base, cells: [cellWith("none", 1, [1])] };
    expect(codeOf(() => compared(base, other, true))).toBe("nothing-to-compare");
  });
});

describe("a comparison of two strategies of one run", () => {
  const record = recordOf([
    cellWith("kref", 1, [10, 11, 12, 13]),
    cellWith("kref (v6.7)", 1, [20, 21, 22, 23], { hooks: "v6.7" }),
    cellWith("none", 1, [1, 1, 1, 1]),
    cellWith("kref", 2, [1, 1, 1, 1]),
  ]);
  const found = compareStrategies({ file: "run-1.json", record }, "kref", "kref (v6.7)", options);

  it("pairs cells of as many CPUs, and tells of other hooks", () => {
    expect(found.cells.map(({ id, strategies }) => [id, strategies])).toEqual([
      ["@1", ["kref", "kref (v6.7)"]],
    ]);
    expect(figure(found, "@1", "requestsPerSecond")?.verdict).toBe("better");
    expect(found.onlyInA).toEqual(["kref@2"]);
    expect(found.differences).toEqual([{ what: "hooks", a: "v6.6", b: "v6.7", decisive: false }]);
  });

  it("is what conditions name by either strategy", () => {
    for (const name of ["kref", "kref (v6.7)"]) {
      const condition = parseCondition(`${name}:requestsPerSecond@1 > 0`);
      expect(judge([condition], found, plain).results[0]?.failed).toBe(true);
    }
  });
});

describe("thresholds", () => {
  const a = recordOf([cellWith("kref", 1, [100, 100, 100, 100]), cellWith("kref", 2, [196, 198, 202, 204])]);
  const b = recordOf([cellWith("kref", 1, [100, 100, 100, 100]), cellWith("kref", 2, [180, 192, 194, 198])]);
  const found = compareRecords(...sides(a, b), options);
  const result = (text: string, sure = false) =>
    judge([parseCondition(text)], found, { ...plain, sure }).results[0];

  it("fail by the estimate, and with --sure by the whole interval", () => {
    // 198 to 192 requests per second: -3 points of efficiency, -12 to +1 by the runs.
    expect(result("efficiency@2 < -2")).toMatchObject({ failed: true, cells: [{ id: "kref@2", value: -3 }] });
    expect(result("efficiency@2 < -2", true)?.failed).toBe(false);
    expect(result("efficiency@2 < 2", true)?.failed).toBe(true);
    expect(result("efficiency@2 < -3")?.failed).toBe(false);
    expect(result("efficiency@2 <= -3")?.failed).toBe(true);
  });

  it("are in the figure's unit or in percent", () => {
    expect(result("requestsPerSecond@2 < -5")?.failed).toBe(true);
    expect(result("requestsPerSecond@2 < -5%")?.failed).toBe(false);
    expect(result("requestsPerSecond < -3%")).toMatchObject({
      failed: true,
      cells: [
        { id: "kref@1", met: false, unit: "%" },
        { id: "kref@2", met: true },
      ],
    });
    expect(result("faults > 10%")?.failed).toBe(false);
    const more = recordOf(b.cells.map((cell) => ({ ...cell, leaked: 1 })));
    const leaks = compareRecords(...sides(a, more), options);
    const percent = judge([parseCondition("faults > 10%")], leaks, plain).results[0];
    expect(percent).toMatchObject({ failed: true, cells: [{ value: Number.POSITIVE_INFINITY }, {}] });
  });

  it.each([
    ["efficiency@1 < -3", "There it is on 2 CPUs."],
    ["efficiency@192 < -3", "There it is on 2 CPUs."],
    ["nobody:efficiency < -3", "Compared: kref."],
    ["transfersPerRequest > 1", "It was not measured there."],
  ])("refuse %j, which is about no cell", (text, hint) => {
    expect(() => result(text)).toThrow("--fail-if");
    try {
      result(text);
    } catch (error) {
      expect(error).toMatchObject({ code: "condition-without-cells", hint });
    }
  });

  it("refuse --sure where there is no interval", () => {
    expect(codeOf(() => result("pairNsP50 > 1", true))).toBe("no-interval");
    expect(result("labelBytes > 1", true)?.failed).toBe(false);
  });
});

describe("a file against itself", () => {
  const rates = fc.array(fc.double({ min: 0, max: 1e12, noNaN: true }), { minLength: 1, maxLength: 8 });
  const cell = fc
    .record({
      strategy: fc.constantFrom("kref", "none", "kref (v6.7)"),
      cpus: fc.constantFrom(1, 2, 192),
      engine: fc.constantFrom("sim", "threads"),
      rates,
      pair: fc.option(fc.record({ p50: fc.nat(), p99: fc.nat(), max: fc.nat() }), { nil: null }),
      leaked: fc.nat(3),
      value: fc.option(fc.double({ min: -1e12, max: 1e12, noNaN: true }), { nil: null }),
    })
    .map(({ cpus, engine, leaked, pair, rates: values, strategy, value }) =>
      cellWith(strategy, cpus, values, {
        id: `${strategy}@${cpus} ${engine}`,
        engine,
        pairNs: pair,
        leaked,
        figures: [{ name: "exit", unit: "ms", value }],
        byRepetition: { exit: values.map(() => value), pairNsP50: values },
      }),
    );
  const record = fc
    .uniqueArray(cell, { minLength: 1, maxLength: 6, selector: ({ id }) => id })
    .map((cells) => recordOf(cells, { machine: { name: "epyc-9654" } }));
  const bound = fc.double({ min: 0, max: 1e6, noNaN: true });

  it("has no difference, fails no threshold and prints without an odd number", () => {
    fc.assert(
      fc.property(record, bound, fc.boolean(), (one, most, percent) => {
        // Read twice, as from a file.
        const found = compareRecords(...sides(one, JSON.parse(JSON.stringify(one))), options);
        expect(found.cells).toHaveLength(one.cells.length);
        for (const { difference, interval, percent: share, verdict } of found.cells.flatMap(
          ({ figures }) => figures,
        )) {
          expect([Math.abs(difference), Math.abs(share ?? 0)]).toEqual([0, 0]);
          expect(["same", "unclear"]).toContain(verdict);
          if (interval !== null) expect(interval.low <= 0 && 0 <= interval.high).toBe(true);
        }
        const names = [...new Set(found.cells.flatMap(({ figures }) => figures.map(({ name }) => name)))];
        const unit = percent ? "%" : "";
        const conditions = names.flatMap((name) => [
          parseCondition(`${name} < ${-most}${unit}`),
          parseCondition(`${name} > ${most}${unit}`),
        ]);
        const judgement = judge(conditions, found, plain);
        expect(judgement.results.filter(({ failed }) => failed)).toEqual([]);
        const text = terminalComparison(found, judgement, { color: false, all: true });
        expect(text.split("\n").filter((line) => line.length > 80)).toEqual([]);
        for (const printed of [text, markdownComparison(found, judgement)]) {
          expect(printed).not.toMatch(/NaN|undefined|null/);
        }
        expect(JSON.parse(jsonComparison(found, judgement)).failed).toBe(false);
      }),
      { numRuns: 60, seed: 20_261_121 },
    );
  });
});
