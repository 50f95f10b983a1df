/** `refplay report`: a stored result again, as a table or for other tools. */
import { resolve } from "node:path";
import { RefplayError } from "../errors.ts";
import { didYouMean } from "../names.ts";
import { csvReport } from "../report/csv.ts";
import { jsonReport } from "../report/json.ts";
import { terminalReport } from "../report/terminal.ts";
import { readResults } from "../results/store.ts";
import { type CliIo, exitStatus } from "./io.ts";

export const reportFormats = ["terminal", "json", "csv"] as const;

/** Returns the exit status; throws RefplayError for an unknown format or a file that is no results file. */
export function reportCommand(path: string, format: string, io: CliIo): number {
  if (!(reportFormats as readonly string[]).includes(format)) {
    const message = `unknown report format \`${format}\`${didYouMean(format, reportFormats)}`;
    throw new RefplayError("unknown-format", message, { hint: `There is: ${reportFormats.join(", ")}.` });
  }
  const results = readResults(resolve(io.workingFolder, path), path);
  if (format === "json") io.stdout(jsonReport(results));
  else if (format === "csv") io.stdout(csvReport(results));
  else io.stdout(terminalReport(results, { color: io.color }));
  return exitStatus.fine;
}
