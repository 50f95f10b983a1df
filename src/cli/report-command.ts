/** `refplay report`: a stored result again, as a table, as a page, or for other tools. */
import { resolve } from "node:path";
import { RefplayError } from "../errors.ts";
import { didYouMean } from "../names.ts";
import { csvReport } from "../report/csv.ts";
import { jsonReport } from "../report/json.ts";
import { markdownReport } from "../report/markdown.ts";
import { terminalReport } from "../report/terminal.ts";
import type { ResultsRecord } from "../results/schema.ts";
import { readResults } from "../results/store.ts";
import { htmlPath, htmlText, writeReport } from "./html-report.ts";
import { type CliIo, exitStatus } from "./io.ts";

type Render = (results: ResultsRecord, io: CliIo) => string | Promise<string>;

const renderers: Readonly<Record<string, Render>> = {
  terminal: (results, { color }) => terminalReport(results, { color }),
  json: jsonReport,
  csv: csvReport,
  markdown: markdownReport,
  html: htmlText,
};

export const reportFormats = Object.keys(renderers);

export interface ReportFlags {
  readonly format: string;
  /** File to write, `-` for stdout. Without it HTML goes beside the results, anything else to stdout. */
  readonly out?: string;
}

/** Returns the exit status; throws RefplayError for an unknown format, a file that is no results file, a place that cannot be written. */
export async function reportCommand(path: string, { format, out }: ReportFlags, io: CliIo): Promise<number> {
  const render = Object.hasOwn(renderers, format) ? renderers[format] : undefined;
  if (render === undefined) {
    const message = `unknown report format \`${format}\`${didYouMean(format, reportFormats)}`;
    throw new RefplayError("unknown-format", message, { hint: `There is: ${reportFormats.join(", ")}.` });
  }
  const results = readResults(resolve(io.workingFolder, path), path);
  const target = out ?? (format === "html" ? htmlPath(path) : "-");
  if (target !== "-" && resolve(io.workingFolder, target) === resolve(io.workingFolder, path)) {
    throw new RefplayError("report-unwritable", `\`${target}\` has the results themselves`, {
      hint: "Name another file with --out.",
    });
  }
  const text = await render(results, io);
  if (target === "-") {
    io.stdout(text);
  } else {
    writeReport(resolve(io.workingFolder, target), text, target);
    io.stdout(`Report: ${target}\n`);
  }
  return exitStatus.fine;
}
