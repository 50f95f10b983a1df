/** Command lines in the docs: in blocks of code, with their continuations, and between backquotes. */
import type { Page } from "./markdown.ts";

export interface CommandLine {
  /** Where it stands. */
  readonly page: string;
  /** Files that the reader of that page has written. */
  readonly examples: readonly string[];
  /** As shown, continuations joined, comment taken off. */
  readonly text: string;
  /** Environment settings before it, as `REFPLAY_STRATEGY`. */
  readonly environment: Readonly<Record<string, string>>;
  readonly program: "refplay" | "npm" | "npx" | "other";
  /** Between backquotes: it may name the command without what it needs, as `refplay report`. */
  readonly isMention: boolean;
  /** Behind the program, quotes taken off. */
  readonly args: readonly string[];
}

const word = /(?:"[^"]*"|'[^']*'|[^\s"'])+/g;
/** What may stand before a command: a prompt, `$`. */
const begin = /^\s*(?:\$ )?((?:[A-Z_]+=\S+ )*)(npx refplay|node bin\/refplay\.js|refplay|npm|npx)(?: (.*))?$/;

function commandLine(line: string, isMention: boolean): Omit<CommandLine, "page" | "examples"> | undefined {
  const text = line.replace(/\s+#\s.*$/, "").trim();
  const found = begin.exec(text);
  if (found === null) return undefined;
  const [, settings = "", program = "", rest = ""] = found;
  const environment = Object.fromEntries(
    settings
      .trim()
      .split(" ")
      .filter((setting) => setting !== "")
      .map((setting) => setting.split("=", 2) as [string, string]),
  );
  const args = (rest.match(word) ?? []).map((one) => one.replace(/["']/g, ""));
  const known = program.endsWith("refplay") || program.endsWith("refplay.js") ? "refplay" : program;
  return { text, environment, program: known as CommandLine["program"], isMention, args };
}

/** Lines with what a backslash at the end continues. */
function joined(text: string): string[] {
  return text.replace(/ *\\\n\s*/g, " ").split("\n");
}

/** Every command line of a page. */
export function commandLines({ blocks, examples, path: page, spans }: Page): CommandLine[] {
  const inBlocks = blocks
    .filter(
      ({ language }) => language === undefined || ["", "sh", "bash", "console", "text"].includes(language),
    )
    .flatMap(({ text }) => joined(text));
  // A lone `npx refplay` is a name; `refplay run` is a command.
  const between = spans.filter((span) =>
    /^(refplay|node bin\/refplay\.js|npx|npm) (?!refplay$)\S/.test(span),
  );
  return [
    ...inBlocks.flatMap((line) => commandLine(line, false) ?? []),
    ...between.flatMap((line) => commandLine(line, true) ?? []),
  ].map((line) => ({ page, examples, ...line }));
}
