/** Commands in the docs are commands: the real command line takes them, and what they name is there. Nothing is executed. */
import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Command, CommanderError } from "commander";
import { describe, expect, it } from "vitest";
import { checkPrograms } from "../../src/checks/index.ts";
import { buildProgram } from "../../src/cli/cli.ts";
import { realServices } from "../../src/cli/services.ts";
import { builtinScenarios } from "../../src/config/scenarios.ts";
import { builtinStrategies } from "../../src/config/strategies.ts";
import { packageRoot } from "../../src/link/node-host.ts";
import { type CommandLine, commandLines } from "./command-lines.ts";
import { pagePaths, readPage } from "./markdown.ts";

const services = realServices();
const all = pagePaths.map(readPage).flatMap(commandLines);
const scripts = Object.keys(
  (JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8")) as { scripts: object }).scripts,
);
const ownCommands = ["install", "pack", "start", "test", "ci"];

/** A word that stands for something of the reader's: FILE, NAME, `run.json`, ... */
const isPlaceholder = (text: string) => /^[A-Z][A-Z0-9_-]*$/.test(text) || text.includes("...");

const strategies = new Set(builtinStrategies(services.strategiesFolder).keys());
const variants = new Set(
  builtinScenarios.flatMap((scenario) => scenario.variants?.map(({ name }) => name) ?? []),
);
const programs = new Map(checkPrograms.map((program) => [program.name, program]));

interface Parsed {
  readonly command: string;
  readonly args: readonly (string | readonly string[] | undefined)[];
  readonly options: Readonly<Record<string, unknown>>;
}

/** What the command line makes of the arguments; throws its message for wrong ones, undefined where nothing would be run. */
function parsed({ args, isMention }: CommandLine): Parsed | undefined {
  let errors = "";
  let result: Parsed | undefined;
  const io = {
    stdout: () => {},
    stderr: (text: string) => {
      errors += text;
    },
  };
  const program: Command = buildProgram(io as never, services, () => {});
  for (const command of program.commands) {
    command.action((...given: unknown[]) => {
      const options = command.opts();
      result = { command: command.name(), args: given.slice(0, -2) as Parsed["args"], options };
    });
  }
  try {
    program.parse([...args], { from: "user" });
  } catch (error) {
    const { code } = error as CommanderError;
    if (code !== "commander.helpDisplayed" && !(isMention && code === "commander.missingArgument"))
      throw new Error(errors || String(error));
  }
  return result;
}

/** Files that readers have made by then: examples of the same page, or what an earlier command writes. */
function isReaders(path: string): boolean {
  return (
    /^(\.\/)?(my-|both|laptop|two-sockets|trace|tuesday)[\w.-]*$/.test(path) || path.startsWith("results/")
  );
}

function fileIsThere(path: string): boolean {
  const shipped = path.replace(/^node_modules\/refplay\//, "");
  return isPlaceholder(path) || isReaders(path) || existsSync(join(packageRoot, shipped));
}

function strategyIsThere(name: string): boolean {
  if (name.includes("/") || name.endsWith(".ts")) return fileIsThere(name);
  return (
    isPlaceholder(name) ||
    isReaders(name) ||
    strategies.has(name) ||
    existsSync(join(packageRoot, "strategies/broken", `${name}.ts`))
  );
}

const list = (value: unknown): string[] =>
  value === undefined ? [] : Array.isArray(value) ? value.map(String) : [String(value)];

/** What a command names that is not there. */
function missing({ command, args, options }: Parsed, examples: readonly string[]): string[] {
  const named: string[] = [];
  const want = (what: string, names: readonly string[], isThere: (name: string) => boolean): void => {
    for (const name of names)
      if (!isThere(name) && !examples.includes(name.replace(/^\.\//, ""))) named.push(`${what} ${name}`);
  };
  want("strategy", list(options.strategy), strategyIsThere);
  want("variant", list(options.variant), (name) => variants.has(name) || isPlaceholder(name));
  want("program", list(options.program), (name) => programs.has(name) || isPlaceholder(name));
  if (command === "run" || command === "import") want("file", list(args[0]), fileIsThere);
  if (command === "check") {
    want("strategy", list(args[0]), strategyIsThere);
    const [program] = list(options.program);
    const bounds = list(options.bound).flatMap((bound) => bound.split(","));
    const has = program === undefined ? undefined : programs.get(program)?.bounds;
    if (has !== undefined)
      want(
        "bound",
        bounds.map((bound) => bound.split("=")[0] ?? ""),
        (name) => name in has,
      );
    const bugs = programs.get(program ?? "")?.broken?.map(({ value }) => String(value)) ?? [];
    want("deliberate bug", list(options.broken), (number) => bugs.includes(number));
  }
  if (command === "list") {
    const topics = ["strategies", "workloads", "scenarios", "machines", "programs"];
    want(
      "topic",
      list(args[0]).flatMap((topic) => topic.split("|")),
      (topic) => topics.includes(topic),
    );
  }
  return named;
}

const shown = ({ page, text }: CommandLine) => `${page}: ${text}`;

describe("commands in the docs", () => {
  const ofRefplay = all.filter(({ program }) => program === "refplay");

  it("are found", () => {
    expect(ofRefplay.length).toBeGreaterThan(60);
  });

  it.each(ofRefplay.map((line) => [shown(line), line] as const))("%s", (_shown, line) => {
    const understood = parsed(line);
    expect(understood === undefined ? [] : missing(understood, line.examples)).toEqual([]);
  });

  it("of npm are scripts of the project", () => {
    const wrong = all.filter(({ args: [first = "", second = ""], program }) =>
      program !== "npm" ? false : first === "run" ? !scripts.includes(second) : !ownCommands.includes(first),
    );
    expect(wrong.map(shown)).toEqual([]);
  });

  it("of vitest name tests that exist, and of others packages that the project has", () => {
    const wrong = all.filter(({ args: [tool = "", ...rest], program }) => {
      if (program !== "npx") return false;
      if (tool !== "vitest") return !existsSync(join(packageRoot, "node_modules/.bin", basename(tool)));
      return rest.some((word) => word.startsWith("test/") && !existsSync(join(packageRoot, word)));
    });
    expect(wrong.map(shown)).toEqual([]);
  });

  /** The page that tells of each option of a command. */
  const pageOf: Readonly<Record<string, string>> = {
    run: "docs/config.md",
    check: "docs/checker.md",
    calibrate: "docs/guides/describe-your-machine.md",
    maps: "docs/maps.md",
    memory: "docs/memory.md",
  };
  const { commands } = buildProgram({} as never, services, () => {});

  it.each(Object.entries(pageOf))("of `refplay %s` have all their options in %s", (name, page) => {
    const text = readFileSync(join(packageRoot, page), "utf8");
    const options = commands.find((command) => command.name() === name)?.options ?? [];
    expect(options.length).toBeGreaterThan(0);
    expect(options.map(({ long }) => long ?? "").filter((long) => !text.includes(long))).toEqual([]);
  });

  it("are shown, each of them", () => {
    const known = new Set(ofRefplay.map(({ args }) => args[0]));
    expect(commands.map((command) => command.name()).filter((name) => !known.has(name))).toEqual([]);
  });
});
