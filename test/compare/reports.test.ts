import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { compareRecords } from "../../src/compare/compare.ts";
import { parseCondition } from "../../src/compare/condition.ts";
import { markdownComparison } from "../../src/compare/markdown.ts";
import { terminalComparison } from "../../src/compare/terminal.ts";
import { evaluateConditions } from "../../src/compare/thresholds.ts";
import { withEfficiency } from "../../src/results/efficiency.ts";
import type { Cell } from "../../src/results/schema.ts";
import { aCell, aRecord, aSimCell } from "../results/support.ts";

/** Rates around `middle`, in another order for every cell. */
const rates = (middle: number, turn: number): number[] =>
  [0.97, 1.01, 1, 0.99, 1.03, 1.005].map((_, index, all) => middle * (all[(index + turn) % all.length] ?? 1));

function cells(factor: number): Cell[] {
  const make = (
    base: Cell,
    strategy: string,
    cpus: number,
    middle: number,
    more: Partial<Cell> = {},
  ): Cell => {
    const repetitions = rates(middle, cpus);
    return {
      ...base,
      id: `${strategy}@${cpus} ${base.engine}${more.varied?.value ?? ""}`,
      strategy,
      cpus,
      requestsPerSecond: middle,
      requestsPerSecondSpread: { min: 0, max: 0, medianAbsDev: 0, repetitions },
      byRepetition: { pairNsP99: repetitions.map((rate) => (10 * 1e6) / rate) },
      pairNs: { p50: 4.3, p99: (10 * 1e6) / middle, max: 20 },
      ...more,
    };
  };
  const long = "a-strategy-with-a-long-name (v6.7)#2";
  const varied = (value: number) => ({ varied: { parameter: "passShare", value } });
  return withEfficiency([
    make(aSimCell(), "kref", 16, 1e6, varied(0)),
    make(aSimCell(), long, 192, 2e6, varied(0)),
    make(aSimCell(), "kref", 192, 2e6 * factor, varied(0)),
    make(aSimCell({ peakUnreclaimed: Math.round(1e6 * factor) }), "kref", 192, 3e6, varied(0.5)),
    make(aCell({ oversubscribed: true }), "kref", 4, 5e6 * factor, varied(0.5)),
  ]);
}

const [before, after] = [1, 0.85].map((factor) =>
  aRecord({ engine: "sim, threads", machine: { name: "epyc-9654" }, cells: cells(factor) }),
);
if (before === undefined || after === undefined) throw new Error("two records");
const comparison = compareRecords(
  { name: "results/base/run-1.json", record: before },
  {
    name: "results/head/run-1.json",
    record: {
      ...after,
      cells: after.cells.slice(0, -1),
      seed: "another",
      host: { ...after.host, refplay: "0.2.0" },
    },
  },
  { confidence: 0.95, anyway: false },
);
const conditions = ["kref:efficiency@192 < -3", "pairNsP99 > 50%"].map((text) => parseCondition(text));
const results = evaluateConditions(conditions, comparison, false);

describe("reports of a comparison", () => {
  const terminal = (options: Partial<Parameters<typeof terminalComparison>[2]> = {}): string =>
    terminalComparison(comparison, results, { color: false, all: false, sure: false, ...options });

  it("look like this on a terminal, within 80 columns", async () => {
    await expect(terminal()).toMatchFileSnapshot("terminal.txt");
    for (const all of [false, true]) {
      expect(
        terminal({ all })
          .split("\n")
          .filter((line) => line.length > 80),
      ).toEqual([]);
    }
  });

  it("look like this as Markdown", async () => {
    await expect(markdownComparison(comparison, results, false)).toMatchFileSnapshot("markdown.md.txt");
  });

  it("have colours where they are asked for, which change no other character", () => {
    const colored = terminal({ color: true });
    expect(colored).toContain("\u001B[31m");
    expect(stripVTControlCharacters(colored)).toBe(terminal());
  });
});
