/** `refplay fidelity`: what the simulator predicts for everything that was published, and how far off it is. */
import pc from "picocolors";
import { builtinStrategies } from "../config/strategies.ts";
import { RefplayError } from "../errors.ts";
import { allWithin } from "../fidelity/bounds.ts";
import { type Fit, fitNginx, fitXeon } from "../fidelity/fit.ts";
import { fidelitySeed, type PredictContext, predictTables } from "../fidelity/predict.ts";
import { readPublished } from "../fidelity/read-published.ts";
import { fidelityJson } from "../fidelity/report-json.ts";
import { fidelityMarkdown } from "../fidelity/report-markdown.ts";
import { fidelityText } from "../fidelity/report-text.ts";
import { type SensitivityRow, sensitivity } from "../fidelity/sensitivity.ts";
import { fidelityTables } from "../fidelity/tables/index.ts";
import type { FidelityTable, PredictedTable } from "../fidelity/types.ts";
import { nodeHost } from "../link/node-host.ts";
import { builtinMachine } from "../machines/builtin.ts";
import { compileMachine } from "../machines/compile.ts";
import { didYouMean } from "../names.ts";
import { plural } from "../report/numbers.ts";
import { plainTable } from "../report/plain-table.ts";
import { type CliIo, type CliServices, exitStatus } from "./io.ts";
import { announce, stepsProgressView } from "./progress.ts";

export interface FidelityFlags {
  readonly json?: boolean;
  readonly markdown?: boolean;
  /** Find the fitted parameters anew instead. */
  readonly fit?: boolean;
  /** Halve and double what nobody published instead, and tell how far the predictions move. */
  readonly sensitivity?: boolean;
  readonly seed?: string;
  readonly quiet?: boolean;
}

/** Returns the exit status: 1 where a cell is beyond its bound. @throws RefplayError for a table that is not there */
export function fidelityCommand(
  names: readonly string[],
  flags: FidelityFlags,
  io: CliIo,
  services: CliServices,
): number {
  if (flags.fit && flags.sensitivity)
    throw new RefplayError("bad-option", "--fit and --sensitivity exclude each other");
  if (flags.json && flags.markdown)
    throw new RefplayError("bad-option", "--json and --markdown exclude each other");
  const texts = readPublished();
  const tables = chosen(names, fidelityTables(texts));
  const view = stepsProgressView(flags.quiet ? undefined : io.terminal);
  const context: PredictContext = {
    ...contextOf(services),
    seed: flags.seed ?? fidelitySeed,
    onRun: (done, of) => view.show(`${done} of ${plural(of, "simulation")}`, of === 0 ? 1 : done / of),
  };
  try {
    if (flags.fit) {
      // A search: nobody knows how many simulations it takes.
      const done = announce(flags.quiet ? undefined : io.terminal, "Fitting; this takes minutes ...");
      const fits = [fitNginx(texts, context), ...fitXeon(texts, context)];
      done();
      io.stdout(flags.json ? `${JSON.stringify({ fits }, null, 2)}\n` : fitText(fits));
      return exitStatus.fine;
    }
    if (flags.sensitivity) {
      const rows = sensitivity(tables, context);
      view.close();
      io.stdout(flags.json ? `${JSON.stringify({ rows }, null, 2)}\n` : sensitivityText(rows));
      return exitStatus.fine;
    }
    const predicted = predictTables(tables, context);
    view.close();
    return reportFidelity(predicted, flags, io);
  } finally {
    view.close();
  }
}

/** Prints the tables; the exit status: 1 where a cell is beyond its bound. */
export function reportFidelity(
  predicted: readonly PredictedTable[],
  flags: Pick<FidelityFlags, "json" | "markdown">,
  io: Pick<CliIo, "stdout" | "color">,
): number {
  const { dim, red } = pc.createColors(io.color);
  if (flags.json) io.stdout(fidelityJson(predicted));
  else if (flags.markdown) io.stdout(fidelityMarkdown(predicted));
  else io.stdout(fidelityText(predicted, { alarm: red, dim }));
  return allWithin(predicted) ? exitStatus.fine : exitStatus.failed;
}

/** Strategies and machines of this package. */
function contextOf({
  strategiesFolder,
}: Pick<CliServices, "strategiesFolder">): Pick<PredictContext, "sources" | "machine"> {
  const strategies = builtinStrategies(strategiesFolder);
  return {
    sources: {
      host: nodeHost(),
      strategyPath(name) {
        const path = strategies.get(name);
        if (path === undefined) throw new Error(`no built-in strategy is named ${name}`);
        return path;
      },
    },
    machine(name) {
      const description = builtinMachine(name);
      if (description === undefined) throw new Error(`no built-in machine is named ${name}`);
      return compileMachine(description);
    },
  };
}

/** The tables asked for, in their own order; all where none is. */
function chosen(names: readonly string[], tables: readonly FidelityTable[]): readonly FidelityTable[] {
  const known = tables.map(({ name }) => name);
  for (const name of names) {
    if (known.includes(name)) continue;
    throw new RefplayError("unknown-table", `unknown table \`${name}\`${didYouMean(name, known)}`, {
      hint: `There are: ${known.join(", ")}.`,
    });
  }
  return names.length === 0 ? tables : tables.filter(({ name }) => names.includes(name));
}

function fitText(fits: readonly Fit[]): string {
  const head = ["parameter", "found", "shipped", "cell", "published", "predicted"];
  const rows = fits.map((fit) => [
    fit.parameter,
    `${fit.value.toFixed(1)} ${fit.unit}`,
    `${fit.shipped} ${fit.unit}`,
    fit.cell,
    String(fit.published),
    fit.predicted.toFixed(1),
  ]);
  return `${plainTable([head, ...rows], 2, (column) => (column === 0 || column === 3 ? "left" : "right"))}\n`;
}

function sensitivityText(rows: readonly SensitivityRow[]): string {
  const head = ["constant", "times", "table", "beyond", "moved most", "by"];
  const body = rows.map((row) => [
    row.constant,
    String(row.factor),
    row.table,
    `${row.beyond} of ${row.bounded}`,
    row.mostMoved,
    `${row.movedPercent.toFixed(1)} %`,
  ]);
  return `${plainTable([head, ...body], 2, (column) => (column === 5 || column === 1 ? "right" : "left"))}\n`;
}
