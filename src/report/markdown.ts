/** A run as GitHub Flavored Markdown: for an issue, a pull request or notes. Tables as the terminal has them; notes are folded. */
import pc from "picocolors";
import { enginesIn, ofEngine } from "../results/engines.ts";
import type { Cell, ResultsRecord } from "../results/schema.ts";
import { cpusOf } from "./figure-table.ts";
import { mostContended } from "./hot-lines.ts";
import { mainColumns } from "./main-table.ts";
import { markdownTable, markdownText } from "./markdown-table.ts";
import { figure, percent, plural, whole } from "./numbers.ts";
import { endLines, faultLines, noteworthy } from "./remarks.ts";
import { gainOf, publishedRows, titleOf } from "./scenario-published.ts";
import { cellValue, isOfScenario, unitOf } from "./scenario-table.ts";

const plain = pc.createColors(false);
const names = { nameWidth: Number.POSITIVE_INFINITY };

/** The report, ending in a newline. */
export function markdownReport(results: ResultsRecord): string {
  const engines = enginesIn(results);
  const alerts = [...endLines(results, plain), ...faultLines(results, plain)];
  const parts = [
    `## ${markdownText(results.name)}`,
    headLines(results),
    ...(alerts.length === 0 ? [] : [list(alerts.map((text) => `⚠️ ${markdownText(text)}`))]),
    ...engines.flatMap((engine) => engineParts(engine, ofEngine(results, engine))),
    ...folded(noteworthy(results, names)),
  ];
  return `${parts.join("\n\n")}\n`;
}

function headLines({ config, engine, host, machine, ...results }: ResultsRecord): string {
  const hooks = results.cells.some(({ figures }) => figures !== undefined) ? "" : `, hooks ${config.hooks}`;
  const title = machine?.title === undefined ? "" : ` (${machine.title})`;
  return list(
    [
      `${config.scenario}${hooks}, engine ${engine}, seed ${results.seed}`,
      ...(machine === undefined ? [] : [`simulated machine: ${machine.name}${title}`]),
      `${host.cpuModel}, ${plural(host.cores, "core")}, Node ${host.node}, refplay ${host.refplay}`,
    ].map(markdownText),
  );
}

function engineParts(engine: string, results: ResultsRecord): string[] {
  const title = engine === "sim" ? "Predicted" : "Measured on this machine's threads";
  const tables = isOfScenario(results) ? scenarioParts(results) : mainParts(results);
  return [`### ${title}`, ...tables];
}

function mainParts(results: ResultsRecord): string[] {
  const columns = mainColumns(results, names, plain);
  const head = columns.map(({ name }) => name);
  const rows = results.cells.map((cell) => columns.map(({ text }) => text(cell)));
  const legend = columns.flatMap((column) => column.legend ?? []).join("; ");
  return [
    ...scalingParts(results.cells),
    table(results.cells, head, rows),
    `${markdownText(legend)}.${oversubscribed(results.cells)}`,
    ...hotParts(results.cells),
  ];
}

/** Strategies down, CPUs across; one table for each value of what is varied. */
function scalingParts(cells: readonly Cell[]): string[] {
  const values = [...new Set(cells.map(({ varied }) => varied?.value))];
  return values.flatMap((value) => {
    const own = cells.filter(({ varied }) => varied?.value === value);
    if (own.every(({ efficiencyPct }) => efficiencyPct === undefined)) return [];
    const counts = [...new Set(own.map(({ cpus }) => cpus))].sort((one, other) => one - other);
    const rows = [...new Set(own.map(({ strategy }) => strategy))].map((strategy) => [
      strategy,
      ...counts.map((count) => {
        const cell = own.find((one) => one.strategy === strategy && one.cpus === count);
        return cell?.efficiencyPct?.toFixed(1) ?? "-";
      }),
    ]);
    const parameter = own[0]?.varied?.parameter;
    const first = parameter === undefined ? "% at CPUs" : `% at CPUs, ${parameter} ${value}`;
    return [
      markdownTable([first, ...counts.map(String)], rows, allBut(1, counts.length + 1)),
      "Requests per second and CPU, percent of those on the fewest CPUs.",
    ];
  });
}

/** The lines for which the CPUs of one cell waited longest, and what moved them most. */
function hotParts(cells: readonly Cell[]): string[] {
  const cell = mostContended(cells);
  const lines = (cell?.hottestLines ?? []).slice(0, 3);
  if (cell === undefined || lines.length === 0) return [];
  const rows = lines.map((line) => {
    const [most] = line.code;
    return [
      line.symbol,
      figure(line.transfersPerRequest),
      figure(line.meanWaitNs),
      most === undefined ? "-" : `${most.operation} in ${most.function}, ${most.file}:${most.line}`,
    ];
  });
  const head = [
    `hottest lines of ${cell.strategy} on ${plural(cell.cpus, "CPU")}`,
    "moves/request",
    "wait ns",
    "most by",
  ];
  return [markdownTable(head, rows, [1, 2])];
}

function scenarioParts({ cells }: ResultsRecord): string[] {
  const titles = [...new Set(cells.flatMap(({ figures = [] }) => figures.map(titleOf)))];
  const head = ["variant", "CPUs", `${unitOf(cells)}/s`, "±%", "gain", "faults", ...titles];
  const rows = cells.map((cell) => {
    const gain = gainOf(cell, cells);
    return [
      cell.strategy,
      cpusOf(cell),
      whole(cell.requestsPerSecond),
      percent(cell.requestsPerSecondSpread.medianAbsDev, cell.requestsPerSecond),
      gain === undefined ? "-" : figure(gain),
      String(cell.leaked + cell.violations),
      ...titles.map((title) => cellValue(cell, title)),
    ];
  });
  const published = publishedRows(cells, { nameOf: ({ strategy }) => strategy });
  const notes = published.notes.map(markdownText);
  return [
    table(cells, head, rows),
    ...(published.rows.length === 0
      ? []
      : [markdownTable(published.head, published.rows, [2, 3, 4, 5]), list(notes)]),
  ];
}

/** A table of cells; what the config varies is a column of its own behind the strategy. */
function table(
  cells: readonly Cell[],
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const parameter = cells.find(({ varied }) => varied !== undefined)?.varied?.parameter;
  if (parameter === undefined) return markdownTable(head, rows, allBut(1, head.length));
  const inserted = ([first = "", ...rest]: readonly string[], value: string): string[] => [
    first,
    value,
    ...rest,
  ];
  return markdownTable(
    inserted(head, parameter),
    rows.map((row, index) => inserted(row, String(cells[index]?.varied?.value ?? "-"))),
    allBut(2, head.length + 1),
  );
}

/** Columns from `first` on. */
function allBut(first: number, count: number): number[] {
  return Array.from({ length: count - first }, (_, index) => first + index);
}

function oversubscribed(cells: readonly Cell[]): string {
  return cells.some((cell) => cell.oversubscribed)
    ? " \\*: more CPUs than cores; workers share them, and times say little."
    : "";
}

function folded(notes: readonly string[]): string[] {
  if (notes.length === 0) return [];
  const items = list(notes.map(markdownText));
  return [`<details><summary>${plural(notes.length, "note")}</summary>\n\n${items}\n\n</details>`];
}

function list(texts: readonly string[]): string {
  return texts.map((text) => `- ${text}`).join("\n");
}
