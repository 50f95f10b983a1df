/**
 * The code of a guide, block by block, as its reader would have it: a comment before a block says which file it is, which function of
 * a file it replaces, or of which file it makes a twin; `edit` blocks change a file of the project, `output` blocks are what a
 * command printed then.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../src/link/node-host.ts";

/** What the reader sees a command print, and the files that he has by then. */
export interface ShownOutput {
  /** Without `refplay`. */
  readonly command: string;
  readonly lines: readonly string[];
  readonly files: Readonly<Record<string, string>>;
}

/** A change of a file of the project: lines of a hunk, with the sign in front. */
export interface ProjectEdit {
  readonly file: string;
  readonly hunk: readonly string[];
}

export interface GuideExamples {
  readonly edits: readonly ProjectEdit[];
  readonly outputs: readonly ShownOutput[];
  /** As they are at the guide's end. */
  readonly files: Readonly<Record<string, string>>;
}

const block = /^<!-- (example|replaces|twin|edit|output): (.*) -->\n```\w*\n([\s\S]*?)^```$/gm;

/** Reads a page of docs/guides; an error for a comment that no block follows or that means nothing. */
export function guideExamples(page: string): GuideExamples {
  const text = readFileSync(join(packageRoot, "docs/guides", page), "utf8");
  const files: Record<string, string> = {};
  const outputs: ShownOutput[] = [];
  const edits: ProjectEdit[] = [];
  let found = 0;
  for (const [, kind, words = "", code = ""] of text.matchAll(block)) {
    found++;
    const [name = "", second = ""] = words.split(/ of |, | /);
    if (kind === "example") files[name] = code;
    else if (kind === "output")
      outputs.push({ command: words, lines: code.trimEnd().split("\n"), files: { ...files } });
    else if (kind === "edit") edits.push({ file: words, hunk: code.trimEnd().split("\n") });
    else if (kind === "replaces") files[name] = replaced(files[name], second, code);
    else files[name] = replaced(files[second], words.split(", ")[1] ?? "", code);
  }
  if (found !== (text.match(/^<!-- /gm) ?? []).length)
    throw new Error(`${page}: a comment without its block`);
  return { edits, outputs, files };
}

/** A file with another body for one of its functions. */
function replaced(file: string | undefined, name: string, code: string): string {
  const body = new RegExp(`^export function ${name}\\([\\s\\S]*?^}\\n`, "m");
  if (file === undefined || !body.test(file)) throw new Error(`no function ${name} to replace`);
  return file.replace(body, () => code);
}
