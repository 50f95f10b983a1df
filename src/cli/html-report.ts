/** The HTML report as a file: written whole or not at all, beside the results unless another place is named. */
import { extname } from "node:path";
import writeFileAtomic from "write-file-atomic";
import { RefplayError } from "../errors.ts";
import { publishedScaling } from "../fidelity/published-scaling.ts";
import { readPublished } from "../fidelity/read-published.ts";
import type { ResultsRecord } from "../results/schema.ts";

/** The report as text. Charts take a moment to load, so commands that draw none do not. */
export async function htmlText(results: ResultsRecord): Promise<string> {
  const { htmlReport } = await import("../report/html/index.ts");
  return htmlReport(results, { published: publishedScaling(readPublished()) });
}

/** Where the report of a results file goes: `run-1.html` beside `run-1.json`. */
export function htmlPath(resultsPath: string): string {
  const ending = extname(resultsPath);
  // A results file may be named anything, and is never written over.
  const base = ending === ".html" ? resultsPath : resultsPath.slice(0, resultsPath.length - ending.length);
  return `${base}.html`;
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "its folder does not exist",
  ENOTDIR: "its folder is a file",
  EISDIR: "it is a folder",
  EACCES: "no permission to write there",
  EPERM: "no permission to write there",
  EROFS: "the file system is read-only",
  ENOSPC: "no space is left",
};

/** Replaces the file as a whole. Throws RefplayError `report-unwritable`, naming it as `shown`. */
export function writeReport(path: string, text: string, shown: string = path): void {
  try {
    writeFileAtomic.sync(path, text);
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    throw new RefplayError(
      "report-unwritable",
      `cannot write report \`${shown}\`: ${reasons[code] ?? message}`,
      {
        hint: "Name another file with `refplay report FILE --format html --out OTHER.html`; `--out -` prints it.",
        cause: error,
      },
    );
  }
}
