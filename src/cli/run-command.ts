/** `refplay run`: config in, table and results file out. */
import { join, relative, resolve } from "node:path";
import { type ConfigOverrides, loadConfig, type ResolvedConfig } from "../config/load.ts";
import { printConfig } from "../config/print.ts";
import { errorColumns } from "../errors.ts";
import { jsonReport } from "../report/json.ts";
import { plural } from "../report/numbers.ts";
import { terminalReport } from "../report/terminal.ts";
import { chooseFile, prepareFolder, type ResultsPlace } from "../results/folder.ts";
import { lockResults } from "../results/lock.ts";
import { hasFaults } from "../results/schema.ts";
import { planCells } from "../runner/cell-spec.ts";
import { type RunOutcome, runConfig, runFingerprint } from "../runner/run-cells.ts";
import { checkPinning } from "./check-pinning.ts";
import { checkTrace } from "./check-trace.ts";
import { htmlPath, htmlText, writeReport } from "./html-report.ts";
import { type CliIo, type CliServices, exitStatus, hint } from "./io.ts";
import { announce, progressView } from "./progress.ts";

export interface RunFlags extends ConfigOverrides {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly printConfig?: boolean;
  /** Start anew even where a stopped run could go on. */
  readonly fresh?: boolean;
  /** Folder of the results; default results/<config name> below the working folder. */
  readonly out?: string;
  /** Whether an HTML report goes beside the results; yes where it is not said. */
  readonly html?: boolean;
}

/** Returns the exit status. Throws RefplayErrors for everything wrong that is found before measuring. */
export async function runCommand(
  configPath: string | undefined,
  flags: RunFlags,
  io: CliIo,
  services: CliServices,
): Promise<number> {
  const { seed, strategies, variants, cpus, repetitions } = flags;
  const overrides = Object.fromEntries(
    Object.entries({ seed, strategies, variants, cpus, repetitions }).filter(
      ([, value]) => value !== undefined,
    ),
  );
  const path = configPath ?? services.standardConfig;
  const resolved = loadConfig(path, overrides, { ...services, workingFolder: io.workingFolder });
  if (flags.printConfig) {
    io.stdout(printConfig(resolved.config, services.scenarios));
    return exitStatus.fine;
  }
  if (configPath === undefined) {
    hint(io, `No config is named: this is the nginx question, ${displayPath(path, io)}\n`, flags.quiet);
  }
  const cells = planCells(resolved);
  checkTrace(cells, io.workingFolder);
  await checkPinning(cells, services.whyNotPinned);
  const linked = announce(
    flags.quiet ? undefined : io.terminal,
    `Linking the programs of ${plural(cells.length, "cell")} ...`,
  );
  const programs = await services.prepare(cells).finally(linked);
  const fingerprint = runFingerprint(resolved, services.host, programs);

  const folder = resolve(io.workingFolder, flags.out ?? join("results", resolved.name));
  prepareFolder(folder);
  const place = chooseFile(folder, fingerprint, flags.fresh === true);
  const shown = displayPath(place.path, io);
  if (place.resume !== undefined) {
    const { cells, planned } = place.resume;
    const there = `${cells.length} of ${plural(planned.length, "cell")} are there`;
    hint(io, `Going on with ${shown}: ${there}.\n`, flags.quiet);
  }
  const unlock = lockResults(place.path);
  try {
    const outcome = await measure(resolved, { ...place, fingerprint }, flags, io, services);
    let page: string | undefined;
    let status: number = exitStatus.usage;
    try {
      if (flags.html !== false && outcome.record.cells.length > 0) {
        const path = htmlPath(place.path);
        writeReport(path, await htmlText(outcome.record), displayPath(path, io));
        page = displayPath(path, io);
      }
    } finally {
      // Whatever becomes of the page, the table is shown.
      status = report(outcome, shown, page, flags, io);
    }
    return status;
  } finally {
    unlock();
  }
}

/** Measures what is missing, with a progress bar; Ctrl-C ends it with what is finished. */
export async function measure(
  resolved: ResolvedConfig,
  place: ResultsPlace & { readonly fingerprint: string },
  flags: Pick<RunFlags, "quiet">,
  io: CliIo,
  services: CliServices,
): Promise<RunOutcome> {
  const abort = new AbortController();
  const stopListening = io.onInterrupt(() => abort.abort(new Error("interrupted")));
  const view = progressView(flags.quiet ? undefined : io.terminal);
  try {
    return await runConfig(resolved, {
      runCell: services.runCell,
      signal: abort.signal,
      resultPath: place.path,
      host: services.host,
      fingerprint: place.fingerprint,
      resume: place.resume,
      now: io.now,
      onProgress: view.show,
    });
  } finally {
    view.close();
    stopListening();
  }
}

function report(
  outcome: RunOutcome,
  shown: string,
  page: string | undefined,
  flags: RunFlags,
  io: CliIo,
): number {
  const { record, end, error } = outcome;
  if (flags.json) io.stdout(jsonReport(record));
  else if (record.cells.length > 0) {
    const where = page === undefined ? "" : `Report: ${page}\n`;
    io.stdout(`${terminalReport(record, { color: io.color })}\n${where}Results: ${shown}\n`);
  }
  const kept =
    record.cells.length === 0
      ? "No cell was finished; nothing is written."
      : `${record.cells.length} of ${plural(record.planned.length, "cell")} are in ${shown};\nthe same command goes on from there.`;
  if (end === "interrupted") {
    io.stderr(`Stopped. ${kept}\n`);
    return exitStatus.interrupted;
  }
  if (end === "failed") {
    io.stderr(`error: ${record.failure?.cell}: ${error?.format(errorColumns)}\n${kept}\n`);
    return exitStatus.failed;
  }
  return hasFaults(record) ? exitStatus.failed : exitStatus.fine;
}

/** The path from the working folder, where it is below it. */
export function displayPath(path: string, io: CliIo): string {
  const shown = relative(io.workingFolder, path);
  return shown.startsWith("..") ? path : shown;
}
