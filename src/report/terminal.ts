/** The results as tables that fit 80 columns, with what a reader must not miss written out below them. */
import pc from "picocolors";
import { enginesIn, ofEngine } from "../results/engines.ts";
import type { Cell, ResultsRecord } from "../results/schema.ts";
import type { TableStyle } from "./figure-table.ts";
import { hotLinesText } from "./hot-lines.ts";
import { type Colors, chooseLayout, type Layout, shortName, tableWidth } from "./layout.ts";
import { mainLegend, mainTable } from "./main-table.ts";
import { movementTables } from "./movement-table.ts";
import { plural } from "./numbers.ts";
import { policyStepsText } from "./policy-steps.ts";
import { policyTables } from "./policy-table.ts";
import { reclaimTable } from "./reclaim-table.ts";
import { remarkLines } from "./remarks.ts";
import { scalingTable } from "./scaling-table.ts";
import { isOfScenario, scenarioSideBySide, scenarioTables } from "./scenario-table.ts";
import { sideBySide } from "./side-by-side.ts";
import { slowTable } from "./slow-table.ts";
import { wrapped } from "./wrapped.ts";

export interface TerminalOptions {
  readonly color: boolean;
}

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
    parts.push(...byEngine(results, colors, (own) => scenarioTables(own, style)));
    const both = scenarioSideBySide(results.cells, style);
    if (both !== undefined) parts.push(both);
    const remarks = remarkLines(results, { gap: 2, nameWidth: tableWidth }, colors);
    return `${[...parts, ...(remarks.length > 0 ? [remarks.join("\n")] : [])].join("\n\n")}\n`;
  }
  const plain = pc.createColors(false);
  const layout = chooseLayout(results.cells, (tried) => allTables(results, tried, plain));
  parts.push(...report(results, layout, colors));
  const steps = policyStepsText(results, colors);
  if (steps !== undefined) parts.push(steps);
  const remarks = remarkLines(results, layout, colors);
  if (remarks.length > 0) parts.push(remarks.join("\n"));
  return `${parts.join("\n\n")}\n`;
}

function heading(results: ResultsRecord, colors: Colors): string {
  const { config, host, machine } = results;
  const hooks = isOfScenario(results) ? "" : ` hooks ${config.hooks},`;
  const scenario = `${config.scenario},${hooks} engine ${results.engine}, seed ${results.seed}`;
  const here = `${host.cpuModel}, ${plural(host.cores, "core")}, Node ${host.node}, refplay ${host.refplay}`;
  const lines = [`${colors.bold(results.name)}: ${scenario}`];
  if (machine !== undefined)
    lines.push(colors.dim(wrapped(`Simulated: ${machineText(machine)}`, "  ", tableWidth)));
  lines.push(colors.dim(machine === undefined ? here : `On: ${here}`));
  return lines.join("\n");
}

function machineText({ name, title }: NonNullable<ResultsRecord["machine"]>): string {
  return [name, title].filter((part) => typeof part === "string" && part !== "").join(", ");
}

/** Everything that must fit, names of strategies in it. */
function allTables(results: ResultsRecord, layout: Layout, colors: Colors): string {
  const style = styleOf(layout, colors, Number.POSITIVE_INFINITY);
  const parts = enginesIn(results).flatMap((engine) => {
    const own = ofEngine(results, engine);
    return [mainTable(own, layout, colors), ...figureTables(own, style)];
  });
  return [...parts, sideBySide(results.cells, style) ?? ""].join("\n");
}

/** The tables of all cells: first those of each engine, then what both have in common. */
function report(results: ResultsRecord, layout: Layout, colors: Colors): string[] {
  const parts = byEngine(results, colors, (own) => engineReport(own, layout, colors));
  const both = sideBySide(results.cells, styleOf(layout, colors, tableWidth));
  return both === undefined ? parts : [...parts, both];
}

/** What `tablesOf` says of the cells of each engine, with titles where there are several. */
function byEngine(
  results: ResultsRecord,
  colors: Colors,
  tablesOf: (own: ResultsRecord) => string[],
): string[] {
  const engines = enginesIn(results);
  return engines.flatMap((engine) => {
    const title = engine === "sim" ? "Predicted" : "Measured on this machine's threads";
    const tables = tablesOf(ofEngine(results, engine));
    return engines.length === 1 ? tables : [colors.bold(title), ...tables];
  });
}

/** The tables of the cells of one engine, with their legends. */
function engineReport(results: ResultsRecord, layout: Layout, colors: Colors): string[] {
  const style = styleOf(layout, colors, tableWidth);
  // On a real machine of few CPUs the picture says little; the cells' own table has it all.
  const picture = results.cells.some(({ engine }) => engine === "sim")
    ? scalingTable(results.cells, style)
    : undefined;
  const hot = hotLinesText(results.cells, style.dim);
  return [
    ...(picture === undefined ? [] : [picture]),
    mainTable(results, layout, colors),
    mainLegend(results, layout, colors),
    ...(hot === undefined ? [] : [hot]),
    ...figureTables(results, style),
  ];
}

/** The tables below the first, where there is something to say in them. */
function figureTables(results: ResultsRecord, style: TableStyle): string[] {
  const tables = [
    movementTables(results.cells, style),
    reclaimTable(results, style),
    slowTable(results, style),
    policyTables(results, style),
  ];
  return tables.filter((text) => text !== undefined);
}

function styleOf(layout: Layout, colors: Colors, mostWidth: number): TableStyle {
  return {
    mostWidth,
    nameOf: ({ strategy }) => shortName(strategy, layout.nameWidth),
    gap: layout.gap,
    dim: (text) => colors.dim(text),
  };
}
