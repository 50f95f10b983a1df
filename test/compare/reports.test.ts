import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { compareRecords } from "../../src/compare/compare.ts";
import { parseCondition } from "../../src/compare/condition.ts";
import { markdownComparison } from "../../src/compare/markdown.ts";
import { terminalComparison } from "../../src/compare/terminal.ts";
import { judge } from "../../src/compare/thresholds.ts";
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
  aRecord({
    engine: "sim, threads",
    machine: { name: "epyc-9654" },
    planned: cells(factor).map(({ id }) => id),
    cells: cells(factor),
  }),
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
const judgement = judge(conditions, comparison, { sure: false, allowMissing: true });

describe("reports of a comparison", () => {
  const terminal = (options: Partial<Parameters<typeof terminalComparison>[2]> = {}): string =>
    terminalComparison(comparison, judgement, { color: false, all: false, ...options });

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
    await expect(markdownComparison(comparison, judgement)).toMatchFileSnapshot("markdown.md.txt");
  });

  it("have colours where they are asked for, which change no other character", () => {
    const colored = terminal({ color: true });
    expect(colored).toContain("\u001B[31m");
    expect(stripVTControlCharacters(colored)).toBe(terminal());
  });

  it("take what files say for text, and no markup", () => {
    const odd = "<script>alert(1)</script> | *x* `y`";
    const record = (workload: string, seed: string) =>
      aRecord({
        name: odd,
        seed,
        config: { scenario: odd, hooks: "v6.6", workload: { thinkUs: workload } },
        cells: [{ ...aCell(), strategy: odd }, aCell({ id: `${odd}@${seed.length}`, cpus: seed.length })],
        planned: ["none@2"],
        failure: { cell: "none@2", code: "x", message: odd },
        host: { ...aRecord().host, refplay: odd },
      });
    const found = compareRecords(
      { name: odd, record: record(odd, odd) },
      { name: "b.json", record: record("1", "<script>") },
      { confidence: 0.95, anyway: true },
    );
    const judged = judge([parseCondition("pairNsP50 > 0")], found, { sure: false, allowMissing: false });
    const text = markdownComparison({ ...found, notes: [odd] }, judged);
    const outsideOfCode = text.replace(/(?<!\\)`[^`\n]*(?<!\\)`/g, "");
    expect(outsideOfCode).not.toMatch(/(?<!\\)<(?!\/?(?:details|summary)>)/);
    for (const line of outsideOfCode.split("\n").filter((one) => !one.startsWith("|"))) {
      expect(line).not.toMatch(/(?<!\\)[|*]/);
    }
    expect(text).toContain("Only in A: \\<script\\>alert(1)");
    expect(text).toMatch(/A: the run of \\<script\\>.* failed at none@2: \\<script\\>/);
    expect(text).toContain("workload.thinkUs is \\<script\\>");
    expect(text).toMatch(/seed differs: \\<script\\>/);
  });
});
