/** The results as a table that fits 80 columns, with what a reader must not miss written out below it. */
import pc from "picocolors";
import { type Cell, isComplete, type ResultsRecord } from "../results/schema.ts";
import { cpusOf, grouped, isComparable } from "./figure-table.ts";
import { figure, percent, plural, whole } from "./numbers.ts";
import { plainTable } from "./plain-table.ts";
import { policyStepsText } from "./policy-steps.ts";
import { policyTables } from "./policy-table.ts";
import { reclaimTable } from "./reclaim-table.ts";
import { isOfScenario, scenarioTables } from "./scenario-table.ts";
import { slowTable } from "./slow-table.ts";

export interface TerminalOptions {
  readonly color: boolean;
}

/** Columns that the table may take. */
const tableWidth = 80;

/** The report, ending in a newline. */
export function terminalReport(results: ResultsRecord, options: TerminalOptions): string {
  const colors = pc.createColors(options.color);
  const parts = [heading(results, colors)];
  if (isOfScenario(results)) {
    const style = {
      mostWidth: tableWidth,
      nameOf: ({ strategy }: Cell) => strategy,
      gap: 2,
      dim: colors.dim,
    };
    parts.push(scenarioTables(results, style));
    const remarks = remarkLines(results, { gap: 2, nameWidth: tableWidth }, colors);
    return `${[...parts, ...(remarks.length > 0 ? [remarks.join("\n")] : [])].join("\n\n")}\n`;
  }
  const layout = chooseLayout(results);
  if (results.cells.length > 0) parts.push(table(results, layout, colors), legend(results, colors));
  const further = furtherTables(results, layout, colors);
  if (further !== undefined) parts.push(further);
  const steps = policyStepsText(results, colors);
  if (steps !== undefined) parts.push(steps);
  const remarks = remarkLines(results, layout, colors);
  if (remarks.length > 0) parts.push(remarks.join("\n"));
  return `${parts.join("\n\n")}\n`;
}

type Colors = ReturnType<typeof pc.createColors>;

function heading(results: ResultsRecord, colors: Colors): string {
  const { config, host } = results;
  const hooks = isOfScenario(results) ? "" : ` hooks ${config.hooks},`;
  const scenario = `${config.scenario},${hooks} engine ${results.engine}, seed ${results.seed}`;
  const machine = `${host.cpuModel}, ${plural(host.cores, "core")}, Node ${host.node}, refplay ${host.refplay}`;
  return `${colors.bold(results.name)}: ${scenario}\n${colors.dim(machine)}`;
}

interface Layout {
  /** Spaces between columns. */
  readonly gap: number;
  /** Longest strategy name shown in full. */
  readonly nameWidth: number;
}

/** The widest layout whose tables fit; long names give way last, and then only as far as they can be told apart. */
function chooseLayout(results: ResultsRecord): Layout {
  const plain = pc.createColors(false);
  const widthOf = (layout: Layout): number =>
    Math.max(
      ...`${table(results, layout, plain)}\n${furtherTables(results, layout, plain, Number.POSITIVE_INFINITY) ?? ""}`
        .split("\n")
        .map((line) => line.length),
    );
  let layout: Layout = { gap: 2, nameWidth: 16 };
  if (widthOf(layout) > tableWidth) layout = { gap: 1, nameWidth: 16 };
  const least = leastNameWidth(results.cells);
  while (widthOf(layout) > tableWidth && layout.nameWidth > least) {
    layout = { ...layout, nameWidth: layout.nameWidth - 1 };
  }
  return layout;
}

/** Characters in which the names of all strategies differ and can be recognised. */
function leastNameWidth(cells: readonly Cell[]): number {
  const names = [...new Set(cells.map(({ strategy }) => strategy))];
  let width = 9;
  while (new Set(names.map((name) => shortName(name, width))).size < names.length) width++;
  return width;
}

const head = [
  "strategy",
  "CPUs",
  "requests/s",
  "±%",
  "of 1st",
  "pair ns",
  "p99",
  "RMW/req",
  "label B",
  "faults",
];

function table(results: ResultsRecord, layout: Layout, colors: Colors): string {
  const rows = grouped(results.cells, (cell) => row(cell, results, layout, colors));
  return plainTable([head.map((text) => colors.dim(text)), ...rows], layout.gap, (column) =>
    column === 0 ? "left" : "right",
  );
}

/** The tables below the first. */
function furtherTables(
  results: ResultsRecord,
  layout: Layout,
  colors: Colors,
  mostWidth: number = tableWidth,
): string | undefined {
  const style = {
    mostWidth,
    nameOf: ({ strategy }: Cell) => shortName(strategy, layout.nameWidth),
    gap: layout.gap,
    dim: (text: string) => colors.dim(text),
  };
  const tables = [reclaimTable(results, style), slowTable(results, style), policyTables(results, style)];
  const there = tables.filter((text) => text !== undefined);
  return there.length === 0 ? undefined : there.join("\n\n");
}

function row(cell: Cell, results: ResultsRecord, layout: Layout, colors: Colors): string[] {
  const first = results.cells.find((other) => isComparable(other, cell));
  const faults = cell.leaked + cell.violations;
  const share =
    first === undefined || first === cell ? undefined : cell.requestsPerSecond / first.requestsPerSecond;
  return [
    shortName(cell.strategy, layout.nameWidth),
    cpusOf(cell),
    colors.bold(whole(cell.requestsPerSecond)),
    percent(cell.requestsPerSecondSpread.medianAbsDev, cell.requestsPerSecond),
    share === undefined ? "-" : `${(100 * share).toFixed(share < 0.1 ? 1 : 0)}%`,
    cell.pairNs === null ? "-" : figure(cell.pairNs.p50),
    cell.pairNs === null ? "-" : figure(cell.pairNs.p99),
    cell.rmwPerRequest === null ? "-" : figure(cell.rmwPerRequest),
    figure(cell.labelBytes, 0),
    faults === 0 ? colors.green("0") : colors.red(String(faults)),
  ];
}

/** Cut to `width` characters; the number that tells one choice of options from another stays. */
function shortName(name: string, width: number): string {
  if (name.length <= width) return name;
  const number = /#\d+$/.exec(name)?.[0] ?? "";
  return `${name.slice(0, Math.max(1, width - 1 - number.length))}…${number}`;
}

/** Options in which the choices of one strategy differ, for each choice. */
function optionLines(cells: readonly Cell[]): string[] {
  const choices = new Map(cells.map((cell) => [cell.strategy, cell.strategyOptions]));
  return [...choices].flatMap(([name, options]) => {
    const alike = [...choices].filter(([other]) => strategyOf(other) === strategyOf(name));
    const differing = Object.entries(options).filter(([option, value]) =>
      alike.some(([, others]) => others[option] !== value),
    );
    const text = differing.map(([option, value]) => `${option} ${value}`).join(", ");
    return text === "" ? [] : [`${name}: ${text}`];
  });
}

function strategyOf(choice: string): string {
  return choice.replace(/#\d+$/, "");
}

function legend(results: ResultsRecord, colors: Colors): string {
  const runs = results.config.repetitions;
  const lines = [
    `requests/s: median of ${runs} runs; ±%: median distance from it; of 1st: against the`,
    "first strategy on as many CPUs; pair: an open and a close (refscale: get, put),",
    "median and 99th percentile; RMW/req: atomic operations of the strategy; faults:",
    "leaks and broken rules.",
  ];
  if (results.cells.some((cell) => cell.oversubscribed)) {
    lines.push("* more CPUs than cores (oversubscribed): workers share them, times say little.");
  }
  return colors.dim(lines.join("\n"));
}

function remarkLines(results: ResultsRecord, { nameWidth }: Layout, colors: Colors): string[] {
  const lines: string[] = [];
  for (const cell of results.cells) {
    const value = cell.varied === undefined ? "" : ` ${cell.varied.value}`;
    const name = `${cell.strategy}${value}, ${plural(cell.cpus, "CPU")}`;
    if (cell.leaked > 0)
      lines.push(colors.red(`${name}: leaked ${whole(cell.leaked)}${byName(cell.leakedByKind)}`));
    if (cell.violations > 0) {
      const verdicts = byName(cell.violationsByVerdict);
      lines.push(colors.red(`${name}: ${plural(cell.violations, "violation")}${verdicts}`));
    }
  }
  const long = results.cells.map((cell) => cell.strategy).filter((name) => name.length > nameWidth);
  for (const name of new Set(long)) lines.push(`${shortName(name, nameWidth)} is ${name}`);
  lines.push(...optionLines(results.cells));
  lines.push(...openLines(results.cells), ...noteLines(results.cells.map(refusals)));
  lines.push(...noteLines(results.cells.map(({ id, notes }) => ({ id, text: notes }))));
  if (!isComplete(results)) {
    const text = `Not finished: ${results.cells.length} of ${plural(results.planned.length, "cell")}.`;
    lines.push(colors.yellow(text));
  }
  if (results.failure !== undefined) {
    lines.push(colors.red(`Stopped at ${results.failure.cell}: ${results.failure.message}`));
  }
  return lines;
}

function byName(counts: Readonly<Record<string, number>> | undefined): string {
  const entries = Object.entries(counts ?? {}).filter(([, count]) => count > 0);
  return entries.length === 0
    ? ""
    : ` (${entries.map(([name, count]) => `${name} ${whole(count)}`).join(", ")})`;
}

/** Descriptors open at the end, said once per number of CPUs: they come from the script, not from the strategy. */
function openLines(cells: readonly Cell[]): string[] {
  const lines = cells
    .filter((cell) => cell.openAtEnd > 0)
    .map(
      (cell) =>
        `${plural(cell.cpus, "CPU")}: ${plural(cell.openAtEnd, "descriptor")} still open at the end of the script (not leaked)`,
    );
  return [...new Set(lines)];
}

/** Events of policy that the kernel refused: no fault. Where steps are told one by one, they say so themselves. */
function refusals({ id, policyErrors, policySteps }: Cell): { id: string; text: string[] } {
  const counts = Object.entries(policySteps === undefined ? (policyErrors ?? {}) : {});
  const text = counts.map(([name, count]) => `${name} ${whole(count)}`).join(", ");
  return { id, text: text === "" ? [] : [`policy events refused: ${text}`] };
}

/** Notes that all cells share are said once; the others with the cells that have them. */
function noteLines(cells: readonly { readonly id: string; readonly text: readonly string[] }[]): string[] {
  const holders = new Map<string, string[]>();
  for (const cell of cells) {
    for (const note of cell.text) holders.set(note, [...(holders.get(note) ?? []), cell.id]);
  }
  return [...holders].map(([note, ids]) =>
    ids.length === cells.length ? `Note: ${note}` : `Note (${ids.join(", ")}): ${note}`,
  );
}
