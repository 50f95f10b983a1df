/** Results files on disk: read with clear refusals, written whole or not at all. */
import { readFileSync } from "node:fs";
import writeFileAtomic from "write-file-atomic";
import { RefplayError } from "../errors.ts";
import { type ResultsRecord, resultsSchema, resultsVersion } from "./schema.ts";
import { recordText } from "./text.ts";

/** Reads a results file; errors name it as `shown`. Throws RefplayError: `results-missing`, `results-unreadable`, `results-damaged`, `results-newer`. */
export function readResults(path: string, shown: string = path): ResultsRecord {
  const location = { file: shown };
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT") {
      throw new RefplayError("results-missing", `there is no results file \`${shown}\``, {
        hint: "A path begins at the working folder. `refplay run` writes such files, as a rule below results/, and says where.",
        cause: error,
      });
    }
    const why = code === "EISDIR" ? "it is a folder; name the file in it" : (error as Error).message;
    throw new RefplayError("results-unreadable", `cannot read results \`${shown}\`: ${why}`, {
      cause: error,
    });
  }

  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    throw new RefplayError("results-damaged", `not a results file, or cut off: ${(error as Error).message}`, {
      location,
      cause: error,
    });
  }

  const version = (data as { version?: unknown } | null)?.version;
  if (typeof version === "number" && version > resultsVersion) {
    const message = `results of format ${version}; this refplay reads up to format ${resultsVersion}`;
    throw new RefplayError("results-newer", message, { location, hint: "Read it with a newer refplay." });
  }
  const parsed = resultsSchema.safeParse(data);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where =
    issue === undefined || issue.path.length === 0 ? "" : ` (${issue.path.join(".")}: ${issue.message})`;
  throw new RefplayError("results-damaged", `not a results file of refplay, or damaged${where}`, {
    location,
  });
}

/** Replaces the file as a whole; a reader sees the old record or the new one. Throws RefplayError `results-unwritable`. */
export function writeResults(path: string, results: ResultsRecord): void {
  try {
    writeFileAtomic.sync(path, recordText(results));
  } catch (error) {
    const message = `cannot write results to \`${path}\`: ${(error as Error).message}`;
    throw new RefplayError("results-unwritable", message, { cause: error });
  }
}
