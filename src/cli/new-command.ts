/** `refplay new strategy NAME`: a strategy that works, to change into one's own, and a config that compares it with kref. */
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import { builtinStrategies } from "../config/strategies.ts";
import { RefplayError } from "../errors.ts";
import { packageRoot } from "../link/node-host.ts";
import { didYouMean } from "../names.ts";
import { type CliIo, type CliServices, exitStatus } from "./io.ts";

/** What there are templates for. */
const kinds = ["strategy"];

/** Name that the templates have where the user's goes. */
const placeholder = /my-strategy/g;
const longestName = 40;

export interface NewFlags {
  /** Folder that the files go to; the working folder unless given. */
  readonly dir?: string;
}

/**
 * Writes the files and says what to do next. Returns the exit status; throws RefplayError `unknown-topic`, `bad-name`, `no-folder`,
 * `file-exists`, `file-unwritable`, and then leaves nothing behind.
 */
export function newCommand(
  kind: string,
  name: string,
  flags: NewFlags,
  io: CliIo,
  services: Pick<CliServices, "strategiesFolder">,
): number {
  if (!kinds.includes(kind)) {
    const hint = `There is: refplay new strategy NAME [--dir FOLDER].`;
    throw new RefplayError("unknown-topic", `cannot make a new \`${kind}\`${didYouMean(kind, kinds)}`, {
      hint,
    });
  }
  checkName(name, [...builtinStrategies(services.strategiesFolder).keys()]);
  const shownFolder = flags.dir ?? ".";
  const folder = resolve(io.workingFolder, shownFolder);
  if (!(statSync(folder, { throwIfNoEntry: false })?.isDirectory() ?? false)) {
    throw new RefplayError("no-folder", `there is no folder \`${shownFolder}\``, {
      hint: "Make it first, or give --dir another one.",
    });
  }
  const files = [
    { path: join(folder, `${name}.ts`), template: "my-strategy.ts" },
    { path: join(folder, `${name}.yaml`), template: "my-strategy.yaml" },
  ].map(({ path, template }) => ({ path, shown: shownPath(path, io), text: fromTemplate(template, name) }));
  writeAll(files);
  const [strategy, config] = files.map(({ shown }) => quoted(shown));
  io.stdout(nextSteps(strategy ?? "", config ?? "", io));
  return exitStatus.fine;
}

function checkName(name: string, builtins: readonly string[]): void {
  const right = "A name is lower-case letters and digits with single dashes between, as in my-counter.";
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) || name.length > longestName) {
    const long =
      name.length > longestName ? ` of ${name.length} characters; ${longestName} are the most` : "";
    throw new RefplayError("bad-name", `\`${name}\` cannot be a strategy's name${long}`, { hint: right });
  }
  if (builtins.includes(name)) {
    throw new RefplayError("bad-name", `\`${name}\` is a built-in strategy`, {
      hint: `Tables would show two of that name; take another, as in my-${name}.`,
    });
  }
}

/** A file of strategies/template, with the name in it. */
function fromTemplate(file: string, name: string): string {
  const path = join(packageRoot, "strategies", "template", file);
  return readFileSync(path, "utf8").replace(placeholder, name);
}

interface NewFile {
  readonly path: string;
  readonly shown: string;
  readonly text: string;
}

/** All files or none. */
function writeAll(files: readonly NewFile[]): void {
  const there = files.find(({ path }) => existsSync(path));
  if (there !== undefined) {
    throw new RefplayError("file-exists", `\`${there.shown}\` is there already`, {
      hint: "Nothing was written. Take another name, or another folder with --dir.",
    });
  }
  const written: string[] = [];
  for (const { path, shown, text } of files) {
    try {
      writeFileSync(path, text, { flag: "wx" });
      written.push(path);
    } catch (error) {
      for (const before of written) rmSync(before, { force: true });
      const why = (error as Error).message;
      throw new RefplayError("file-unwritable", `cannot write \`${shown}\`: ${why}`, { cause: error });
    }
  }
}

/** As a command takes it: with `./`, or as an absolute path where it lies elsewhere. */
function shownPath(path: string, io: CliIo): string {
  const below = relative(io.workingFolder, path);
  return below.startsWith("..") ? path : `./${below.replaceAll(sep, "/")}`;
}

function quoted(path: string): string {
  return /^[\w./:@+-]+$/.test(path) ? path : `"${path}"`;
}

function nextSteps(strategy: string, config: string, io: CliIo): string {
  const { command, workingFolder } = io;
  const steps = [
    [
      "every order of one small program, some seconds",
      `${command} check ${strategy} --program put-vs-look-up`,
    ],
    ["all programs of the checker, some minutes", `${command} check ${strategy}`],
    ["on this machine's threads, beside kref", `${command} run ${config}`],
  ];
  // The suite needs the tests, which only a clone has.
  const isClone = existsSync(join(packageRoot, "test", "conformance"));
  if (isClone && resolve(workingFolder) === packageRoot) {
    steps.push([
      "the rules of the contract, one by one",
      `REFPLAY_STRATEGY=${strategy} npx vitest run test/conformance`,
    ]);
  }
  return [
    `Written: ${strategy}, a strategy that works, to change into yours,`,
    `and ${config}, which compares it with kref. What you can do now:`,
    "",
    ...steps.flatMap(([why, what]) => [`  # ${why}`, `  ${what}`]),
    "",
    "How to go on:",
    `  ${shownPath(join(packageRoot, "docs", "guides", "write-a-strategy.md"), io)}`,
    "",
  ].join("\n");
}
