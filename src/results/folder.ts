/**
 * Where a run's results go: run-1.json, run-2.json, ... in one folder per config. A run that was stopped goes on in its
 * own file; a finished one is never written over.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { RefplayError } from "../errors.ts";
import { isComplete, type ResultsRecord } from "./schema.ts";
import { readResults } from "./store.ts";

const filePattern = /^run-([1-9]\d*)\.json$/;

export interface ResultsPlace {
  readonly path: string;
  /** The unfinished record to go on with, where there is one of the same run. */
  readonly resume: ResultsRecord | undefined;
}

/** One level at a time: Node 20's recursive mkdir never returns where the kernel says ENOENT for a name, as in /proc. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  const parent = dirname(folder);
  if (parent !== folder) makeFolder(parent);
  try {
    mkdirSync(folder);
  } catch (error) {
    // Another process may have made it meanwhile.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

/**
 * Makes the folder and proves that files can be made in it, so that a run is not lost at its end.
 * Throws RefplayError `output-folder`.
 */
export function prepareFolder(folder: string): void {
  try {
    makeFolder(folder);
    readdirSync(folder);
    rmdirSync(mkdtempSync(join(folder, ".refplay-")));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const isFile = code === "EEXIST" || code === "ENOTDIR";
    const why = isFile ? "something that is not a folder is in the way" : (error as Error).message;
    throw new RefplayError("output-folder", `cannot write results to folder \`${folder}\`: ${why}`, {
      hint: "Name another folder with --out.",
      cause: error,
    });
  }
}

/**
 * The file for a run: the newest file of the folder if that is unfinished and has the same fingerprint (unless `fresh`),
 * else the next free number. Throws RefplayError where the newest file cannot be read as results.
 */
export function chooseFile(folder: string, fingerprint: string, fresh: boolean): ResultsPlace {
  const numbers = readdirSync(folder)
    .map((name) => Number(filePattern.exec(name)?.[1] ?? 0))
    .sort((a, b) => a - b);
  const newest = numbers.at(-1) ?? 0;
  const next = { path: join(folder, `run-${newest + 1}.json`), resume: undefined };
  if (newest === 0 || fresh) return next;

  const path = join(folder, `run-${newest}.json`);
  const found = readForResume(path);
  return found.fingerprint === fingerprint && !isComplete(found) ? { path, resume: found } : next;
}

/** The newest run of a folder. Throws RefplayError: `results-missing` where there is none, `results-unreadable`. */
export function newestFile(folder: string, shown: string = folder): string {
  const newest = Math.max(
    0,
    ...namesIn(folder, shown).map((name) => Number(filePattern.exec(name)?.[1] ?? 0)),
  );
  if (newest > 0) return join(folder, `run-${newest}.json`);
  throw new RefplayError("results-missing", `there are no results in folder \`${shown}\``, {
    hint: "A folder of results has files run-1.json, run-2.json, ..., as `refplay run --out` writes them.",
  });
}

function namesIn(folder: string, shown: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    const message = `cannot read the folder of results \`${shown}\`: ${(error as Error).message}`;
    const hint = "Name a folder that you may read, or a results file.";
    throw new RefplayError("results-unreadable", message, { hint, cause: error });
  }
}

function readForResume(path: string): ResultsRecord {
  try {
    return readResults(path);
  } catch (error) {
    if (!(error instanceof RefplayError)) throw error;
    const hint = "It may be a stopped run: move it away, or start a new one beside it with --fresh.";
    const location = error.location;
    throw new RefplayError(
      error.code,
      error.message,
      location ? { hint, location, cause: error } : { hint, cause: error },
    );
  }
}
