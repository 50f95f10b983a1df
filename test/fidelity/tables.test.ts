/** The tables: every published figure has a cell, every cell a machine and a bound. */
import { describe, expect, it } from "vitest";
import { capacity } from "../../src/engines/sim/topology.ts";
import { judge } from "../../src/fidelity/bounds.ts";
import { runsOf } from "../../src/fidelity/figures.ts";
import { readPublished } from "../../src/fidelity/read-published.ts";
import { fidelityJson } from "../../src/fidelity/report-json.ts";
import { fidelityMarkdown } from "../../src/fidelity/report-markdown.ts";
import { fidelityText } from "../../src/fidelity/report-text.ts";
import { fidelityTables } from "../../src/fidelity/tables/index.ts";
import type { PredictedTable } from "../../src/fidelity/types.ts";
import { builtinMachine } from "../../src/machines/builtin.ts";
import { compileMachine } from "../../src/machines/compile.ts";

const tables = fidelityTables(readPublished());
const table = (name: string) => {
  const found = tables.find((each) => each.name === name);
  if (found === undefined) throw new Error(name);
  return found;
};

/** What a simulator that is off by a factor would say. */
const predicted = (factor: number): PredictedTable[] =>
  tables.map((each) => ({
    ...each,
    seed: "test",
    cells: each.cells.map((cell) => judge(cell, each.unit, (cell.published[0] ?? 0) * factor)),
  }));

describe("the fidelity tables", () => {
  it("have a cell for every figure that was published", () => {
    expect(tables.map(({ name, cells }) => [name, cells.length])).toEqual([
      ["nginx", 16],
      ["open1", 3],
      ["open1-rates", 6],
      ["atomic-inc", 32],
      ["refscale", 33],
      ["core-to-core", 25],
    ]);
  });

  it("run on machines that are described, within their threads", () => {
    for (const { cells } of tables) {
      for (const { machine, cpus } of cells.flatMap(({ figure }) => runsOf(figure))) {
        const description = builtinMachine(machine.name);
        expect(description, machine.name).toBeDefined();
        if (description !== undefined)
          expect(cpus).toBeLessThanOrEqual(capacity(compileMachine(description)));
      }
    }
  });

  it("fit one cell of nginx, two of atomic-inc and nothing else but the machines' own latencies", () => {
    const ownLatencies = tables.filter(({ name }) => name === "core-to-core");
    expect(ownLatencies.flatMap(({ cells }) => cells).every((cell) => cell.fitted)).toBe(true);
    const others = tables.filter((table) => !ownLatencies.includes(table));
    const fitted = others.flatMap(({ name, cells }) =>
      cells.filter((cell) => cell.fitted).map(({ column, row }) => `${name} ${column} ${row}`),
    );
    expect(fitted).toEqual([
      // What the machine's own slowdown is: a column that is put in.
      "nginx off 16C32T",
      "nginx off 24C48T",
      "nginx off 48C96T",
      "nginx off 96C192T",
      "nginx kref v6.6 96C192T",
      "atomic-inc atomic inc 16",
      "atomic-inc atomic inc 112",
    ]);
  });

  it("bound every contended row from 16 threads up, and none below", () => {
    for (const [name, column] of [
      ["atomic-inc", "atomic inc"],
      ["refscale", "refcnt"],
    ] as const) {
      const cells = table(name).cells.filter((cell) => cell.column === column);
      const bounded = cells.filter(({ bound }) => bound.kind === "percent").map(({ row }) => Number(row));
      expect(Math.min(...bounded)).toBe(16);
      expect(cells.filter(({ row }) => Number(row) >= 16)).toHaveLength(bounded.length);
      for (const { bound, fitted } of cells.filter(({ row }) => Number(row) >= 16))
        expect(bound).toEqual({ kind: "percent", most: fitted ? 2 : 30 });
    }
  });

  it("bound nginx by 3 points, the run that beats the machine by 5", () => {
    const bounds = table("nginx").cells.map(({ bound }) => ("most" in bound ? bound.most : null));
    expect(bounds).toEqual([1, 1, 1, 1, 3, 3, 3, 1, 3, 3, 3, 3, 3, 3, 3, 5]);
  });
});

describe("reports of fidelity", () => {
  it("are at most 80 characters wide", () => {
    for (const factor of [1, 1.5, 1000]) {
      const lines = fidelityText(predicted(factor)).split("\n");
      expect(lines.filter((line) => line.length > 80)).toEqual([]);
    }
  });

  it("say what is fitted, what is beyond and how many are", () => {
    expect(fidelityText(predicted(1))).toMatch(
      /kref v6\.6 +96C192T +68\.0 +68 \/ 65 +0\.0 pt +±1 pt +fitted\n/,
    );
    const beyond = fidelityText(predicted(1.5));
    expect(beyond).toMatch(/112 +4809 +3206 +\+50\.0 % +±2 % +fit BEYOND/);
    expect(beyond).toMatch(/kref v6\.7 +16C32T +140 +93 +\+46\.5 pt +±3 pt +BEYOND/);
    expect(beyond).toMatch(/atomic inc +8 +305 +203 +\+50\.0 % +- +shown/);
  });

  it("have the same figures as Markdown and as JSON", () => {
    expect(fidelityMarkdown(predicted(1.5))).toContain(
      "| kref v6.7 | 16C32T | 140 | 93 | +46.5 pt | ±3 pt | BEYOND |",
    );
    const document = JSON.parse(fidelityJson(predicted(1.5)));
    expect(document.within).toBe(false);
    expect(document.tables[0].cells[8]).toMatchObject({
      row: "16C32T",
      column: "kref v6.7",
      published: [93],
      predicted: 139.5,
      error: 46.5,
      within: false,
      fitted: false,
    });
    expect(JSON.parse(fidelityJson(predicted(1))).within).toBe(false);
  });
});
