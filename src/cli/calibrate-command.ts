/** `refplay calibrate`: measures this machine and writes it down for the simulator. */
import { accessSync, constants, existsSync, statSync } from "node:fs";
import { basename, dirname, extname, relative, resolve, sep } from "node:path";
import writeFileAtomic from "write-file-atomic";
import { type Calibration, type CalibrationRequest, shapeText } from "../calibrate/index.ts";
import { RefplayError } from "../errors.ts";
import { plainTable } from "../report/plain-table.ts";
import { type CliIo, type CliServices, exitStatus } from "./io.ts";
import { stepsProgressView } from "./progress.ts";

export interface CalibrateFlags {
  /** Machine file to write. */
  readonly out?: string;
  readonly name?: string;
  readonly rounds?: number;
  readonly force?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export type CalibrateService = (request: CalibrationRequest) => Promise<Calibration>;

const usualFile = "my-host.yaml";
const usualName = "my-host";
const [defaultRounds, leastRounds, mostRounds] = [15, 3, 1000];
/** What the machine schema takes. */
const goodName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/;

/**
 * Returns the exit status: 0, or 130 where Ctrl-C stopped it, and then nothing is written. Throws RefplayError `bad-number`, `bad-name`,
 * `file-exists`, `no-folder`, `file-unwritable`, all but the last before anything is measured, and those of the threads engine.
 */
export async function calibrateCommand(
  flags: CalibrateFlags,
  io: CliIo,
  services: Pick<CliServices, "calibrate" | "host">,
): Promise<number> {
  const shown = flags.out ?? usualFile;
  const file = resolve(io.workingFolder, shown);
  const rounds = flags.rounds ?? defaultRounds;
  if (rounds < leastRounds || rounds > mostRounds)
    throw new RefplayError("bad-number", `--rounds takes ${leastRounds} to ${mostRounds}, not ${rounds}`);
  const name = nameOf(flags.name, file);
  checkPlace(file, shown, flags.force === true);

  const abort = new AbortController();
  const stopListening = io.onInterrupt(() => abort.abort(new Error("interrupted")));
  const view = stepsProgressView(flags.quiet ? undefined : io.terminal);
  let calibration: Calibration;
  try {
    const { node, refplay } = services.host;
    calibration = await services.calibrate({
      name,
      rounds,
      date: io.now(),
      versions: { node, refplay },
      signal: abort.signal,
      onProgress: view.show,
    });
  } catch (error) {
    if (!abort.signal.aborted) throw error;
    io.stderr("Stopped. Nothing was written.\n");
    return exitStatus.interrupted;
  } finally {
    view.close();
    stopListening();
  }
  write(file, shown, calibration.text);
  const place = pathInConfig(file, io.workingFolder);
  if (flags.json) {
    const { text: _text, plan: _plan, ...document } = calibration;
    io.stdout(`${JSON.stringify({ file: shown, name, rounds, ...document }, null, 2)}\n`);
  } else io.stdout(calibrationText(calibration, rounds, place));
  return exitStatus.fine;
}

/** The file's name serves as the machine's, where it can. */
function nameOf(given: string | undefined, file: string): string {
  if (given === undefined) {
    const name = basename(file, extname(file));
    return goodName.test(name) ? name : usualName;
  }
  if (goodName.test(given)) return given;
  throw new RefplayError("bad-name", `\`${given}\` cannot be a machine's name`, {
    hint: "A name is letters, digits, dots and dashes, 40 at most, as in my-host.",
  });
}

/** Refuses a place that cannot be written to, before minutes go into measuring. */
function checkPlace(file: string, shown: string, force: boolean): void {
  if (extname(file).toLowerCase() === ".json") {
    throw new RefplayError("bad-name", `\`${shown}\` would be JSON, and a machine file is written as YAML`, {
      hint: "Give --out a name that ends in .yaml.",
    });
  }
  if (isFolder(file)) {
    throw new RefplayError("file-unwritable", `\`${shown}\` is a folder`, {
      hint: "Give --out the name of a file.",
    });
  }
  if (existsSync(file) && !force) {
    throw new RefplayError("file-exists", `\`${shown}\` is there already`, {
      hint: "Nothing was measured. Take another name with --out, or --force to write over it.",
    });
  }
  const folder = dirname(file);
  const shownFolder = dirname(shown);
  if (!isFolder(folder)) {
    throw new RefplayError("no-folder", `there is no folder \`${shownFolder}\``, {
      hint: "Make it first, or give --out another place.",
    });
  }
  try {
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw new RefplayError("file-unwritable", `nothing can be written to the folder \`${shownFolder}\``, {
      hint: "Nothing was measured. Give --out another place.",
      cause: error,
    });
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** Whole or not at all. */
function write(file: string, shown: string, text: string): void {
  try {
    writeFileAtomic.sync(file, text);
  } catch (error) {
    throw new RefplayError("file-unwritable", `cannot write \`${shown}\`: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** As a config in the working folder names it. */
function pathInConfig(file: string, workingFolder: string): string {
  const below = relative(workingFolder, file);
  return below.startsWith("..") ? file : `./${below.replaceAll(sep, "/")}`;
}

const unitOf = (path: string): string =>
  path.endsWith("Us") ? "us" : path.endsWith("Bytes") ? "bytes" : path === "storeBufferEntries" ? "" : "ns";

function calibrationText(
  { model, shape, fields, notes, load }: Calibration,
  rounds: number,
  place: string,
): string {
  const rows = fields.map(({ path, value, basis, spread }) => [
    path,
    `${value}`,
    unitOf(path),
    basis,
    spread,
  ]);
  const table = plainTable(rows, 1, (column) => (column === 1 ? "right" : "left"));
  const loaded = load === null ? "" : `, load ${load[0].toFixed(1)} before and ${load[1].toFixed(1)} after`;
  return [
    `${model}\n${shapeText(shape)}\n${rounds} interleaved rounds${loaded}\n`,
    `${table.trimEnd()}\n`,
    ...(notes.length === 0 ? [] : [`${notes.map((note) => `Note: ${note}.`).join("\n")}\n`]),
    `Written: ${place}. To simulate this machine, name it in a config:\n\n  engine: sim\n  machine: ${place}\n`,
  ].join("\n");
}
