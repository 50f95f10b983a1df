/** The tables at the top: what each cell came to, as the terminal shows it. */
import pc from "picocolors";
import type { Cell, ResultsRecord } from "../../results/schema.ts";
import { cpusOf, isComparable } from "../figure-table.ts";
import { mainColumns } from "../main-table.ts";
import { figure, percent, plural, whole } from "../numbers.ts";
import { gainLegend, gainOf, publishedRows, titleOf } from "../scenario-published.ts";
import { cellValue, unitOf } from "../scenario-table.ts";
import { h, type PageNode } from "./dom.ts";
import { engineTitle } from "./series.ts";
import { type DataRow, tableNode } from "./table.ts";

const plain = pc.createColors(false);

/** The first table of one engine, with its legend. */
export function summaryNodes(engine: string, results: ResultsRecord): PageNode[] {
  const columns = mainColumns(results, { nameWidth: Number.POSITIVE_INFINITY }, plain);
  const names = columns.map(({ name }) => name);
  const legends = columns.flatMap(({ legend }) => legend ?? []);
  const rows = results.cells.map((cell, index) =>
    rowOf(
      cell,
      results.cells[index - 1],
      columns.map(({ text }) => text(cell)),
      names.indexOf("faults"),
    ),
  );
  return [
    tableNode({ caption: captionOf(engine, results), columns: withParameter(names, results), rows }),
    h("p", { class: "muted" }, `${legends.join("; ")}.${oversubscribed(results)}`),
  ];
}

function captionOf(engine: string, { machine }: ResultsRecord): string {
  if (engine !== "sim") return "Measured on this machine's threads";
  return typeof machine?.name === "string" ? `Predicted on ${machine.name}` : "Predicted";
}

function oversubscribed({ cells }: ResultsRecord): string {
  const some = cells.some((cell) => cell.oversubscribed);
  return some ? " * more CPUs than cores (oversubscribed): workers share them, times say little." : "";
}

/** What is varied is a column of its own, behind the strategy. */
function withParameter(names: readonly string[], { cells }: ResultsRecord): string[] {
  const varied = cells.find((cell) => cell.varied !== undefined)?.varied;
  return varied === undefined ? [...names] : [names[0] ?? "", varied.parameter, ...names.slice(1)];
}

function rowOf(cell: Cell, before: Cell | undefined, texts: readonly string[], faultColumn: number): DataRow {
  const extra = cell.varied === undefined ? [] : [String(cell.varied.value)];
  return {
    cells: [texts[0] ?? "", ...extra, ...texts.slice(1)],
    begins: before !== undefined && !isComparable(before, cell),
    faults: cell.leaked + cell.violations > 0 ? [faultColumn + extra.length] : [],
  };
}

/** The same for a scenario with a program of its own: rates and gains, its figures, and what was published of them. */
export function scenarioNodes(engine: string, results: ResultsRecord): PageNode[] {
  const { cells } = results;
  const unit = unitOf(cells);
  const names = ["variant", "CPUs", `${unit}/s`, "±%", "gain", "RMW each", "faults"];
  const rows = cells.map((cell, index) => {
    const gain = gainOf(cell, cells);
    const texts = [
      cell.strategy,
      cpusOf(cell),
      whole(cell.requestsPerSecond),
      percent(cell.requestsPerSecondSpread.medianAbsDev, cell.requestsPerSecond),
      gain === undefined ? "-" : figure(gain),
      cell.rmwPerRequestTotal === null ? "-" : figure(cell.rmwPerRequestTotal),
      String(cell.leaked + cell.violations),
    ];
    return rowOf(cell, cells[index - 1], texts, names.length - 1);
  });
  const legend = [
    ...gainLegend(cells),
    "RMW each: atomic operations for one; faults: leaks and broken rules",
  ];
  return [
    tableNode({ caption: captionOf(engine, results), columns: withParameter(names, results), rows }),
    h("p", { class: "muted" }, `${legend.join("; ")}.${oversubscribed(results)}`),
    ...figuresNode(engine, results),
  ];
}

function figuresNode(engine: string, results: ResultsRecord): PageNode[] {
  const { cells } = results;
  const titles = [...new Set(cells.flatMap(({ figures = [] }) => figures.map(titleOf)))];
  if (titles.length === 0) return [];
  const rows = cells.map((cell, index) =>
    rowOf(
      cell,
      cells[index - 1],
      [cell.strategy, cpusOf(cell), ...titles.map((title) => cellValue(cell, title))],
      -1,
    ),
  );
  const columns = withParameter(["variant", "CPUs", ...titles], results);
  return [tableNode({ caption: `${engineTitle(engine)}: figures of the scenario`, columns, rows })];
}

/** Published figures of a scenario beside those of the run; undefined where there are none. */
export function publishedNode(engine: string, { cells }: ResultsRecord): PageNode | undefined {
  const { head, notes, rows } = publishedRows(cells, { nameOf: ({ strategy }) => strategy });
  if (rows.length === 0) return undefined;
  const table = tableNode({
    caption: `${engineTitle(engine)}: ${plural(rows.length, "figure")} beside published ones`,
    columns: head,
    rows: rows.map((cells) => ({ cells })),
    textColumns: [1, 2],
  });
  return h(
    "div",
    {},
    table,
    h(
      "ul",
      { class: "muted" },
      notes.map((note) => h("li", {}, note.charAt(0).toUpperCase() + note.slice(1))),
    ),
  );
}
