/** What a prediction may be off, and how that is counted. */
import { describe, expect, it } from "vitest";
import { bisect } from "../../src/fidelity/bisect.ts";
import { boundText, errorUnit, judge, nearest } from "../../src/fidelity/bounds.ts";
import { figureOf, runsOf } from "../../src/fidelity/figures.ts";
import type { Bound, Cell, Measured, RunSpec } from "../../src/fidelity/types.ts";

const run: RunSpec = {
  machine: { name: "epyc-9654" },
  cpus: 4,
  load: { kind: "loop", turn: "atomicInc", turnsEach: 25, batch: 1, startsWithinNs: 0 },
};

function cell(bound: Bound, ...published: number[]): Cell {
  return {
    row: "4",
    column: "inc",
    published,
    figure: { kind: "nsPerOperation", of: run },
    bound,
    fitted: false,
  };
}

describe("bounds", () => {
  it("are counted from the nearest of several published runs", () => {
    expect(nearest([94, 97], 95)).toBe(94);
    expect(nearest([94, 97], 96)).toBe(97);
    const points = cell({ kind: "points", most: 3 }, 88, 65);
    expect(judge(points, "%", 67.5)).toMatchObject({ error: 2.5, within: true, predicted: 67.5 });
    expect(judge(points, "%", 84.9)).toMatchObject({ within: false });
    expect(judge(points, "%", 85)).toMatchObject({ error: -3, within: true });
    // Not rounded to what reports show.
    expect(judge(points, "%", 84.96)).toMatchObject({ within: false });
  });

  it("in percent are relative, those in ns are not", () => {
    expect(judge(cell({ kind: "percent", most: 30 }, 200), "ns", 261)).toMatchObject({
      error: 30.5,
      within: false,
    });
    expect(judge(cell({ kind: "percent", most: 30 }, 200), "ns", 141)).toMatchObject({ within: true });
    expect(judge(cell({ kind: "ns", most: 10 }, 8), "ns", 17)).toMatchObject({ error: 9, within: true });
    expect(judge(cell({ kind: "ns", most: 10 }, 8), "ns", 19)).toMatchObject({ within: false });
  });

  it("can be a range of the prediction itself, whatever was published", () => {
    const range = cell({ kind: "between", low: 25, high: 55 }, 90);
    expect(judge(range, "%", 55)).toMatchObject({ error: -35, within: true });
    expect(judge(range, "%", 24.9)).toMatchObject({ within: false });
    expect(judge(range, "%", 55.1)).toMatchObject({ within: false });
  });

  it("may be none, and then only a figure that is no number is wrong", () => {
    expect(judge(cell({ kind: "none" }, 5), "ns", 500)).toMatchObject({ error: 9900, within: true });
    expect(judge(cell({ kind: "none" }, 5), "ns", Number.NaN)).toMatchObject({ within: false });
    expect(judge(cell({ kind: "percent", most: 30 }, 5), "ns", Number.POSITIVE_INFINITY)).toMatchObject({
      within: false,
    });
  });

  it("are written with their unit", () => {
    const bounds: Bound[] = [
      { kind: "points", most: 3 },
      { kind: "percent", most: 30 },
      { kind: "ns", most: 10 },
      { kind: "between", low: 25, high: 55 },
      { kind: "none" },
    ];
    expect(bounds.map(boundText)).toEqual(["±3 pt", "±30 %", "±10 ns", "25..55", "-"]);
    expect(bounds.map((bound) => errorUnit(cell(bound, 1), "%"))).toEqual(["pt", "%", "ns", "pt", "pt"]);
    expect(errorUnit(cell({ kind: "none" }, 1), "ns")).toBe("%");
  });
});

describe("figures", () => {
  const measured = (perSecond: number, cpus: number): Measured => ({
    perSecond,
    cpus,
    elapsedNs: 4000,
    operations: 100,
  });

  it("come from one run or from two", () => {
    const base = { ...run, cpus: 1 };
    expect(runsOf({ kind: "nsPerOperation", of: run })).toEqual([run]);
    expect(runsOf({ kind: "gain", of: run, base })).toEqual([run, base]);
    const of = measured(3e6, 4);
    const alone = measured(1e6, 1);
    expect(figureOf({ kind: "efficiency", of: run, base }, of, alone)).toBe(75);
    expect(figureOf({ kind: "gain", of: run, base }, of, alone)).toBe(200);
    expect(figureOf({ kind: "timesAlone", of: run, base }, of, alone)).toBeCloseTo(4 / 3, 10);
    expect(figureOf({ kind: "nsPerOperation", of: run }, of, undefined)).toBeCloseTo(4000 / 3, 10);
    expect(figureOf({ kind: "oneWay", of: run }, of, undefined)).toBe(40);
    expect(figureOf({ kind: "millionPerSecond", of: run }, of, undefined)).toBe(3);
    expect(() => figureOf({ kind: "gain", of: run, base }, of, undefined)).toThrow(RangeError);
  });
});

describe("bisect", () => {
  it("finds the nearest step of a function that grows, or falls", () => {
    const range = { low: 0, high: 10, step: 0.1 };
    expect(bisect((x) => x * x, 10, range).value).toBeCloseTo(3.2, 10);
    expect(bisect((x) => 20 - x * x, 10, range).value).toBeCloseTo(3.2, 10);
    expect(bisect((x) => x, 100, range).value).toBe(10);
    expect(bisect((x) => x, -100, range).value).toBe(0);
  });
});
