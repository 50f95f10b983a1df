/**
 * The command line as a function: arguments in, exit status out. Nothing here ends the process or knows of its streams,
 * so that tests run whole commands in their own process.
 */
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { errorColumns, RefplayError } from "../errors.ts";
import { benchCommand } from "./bench-command.ts";
import { calibrateCommand } from "./calibrate-command.ts";
import { checkCommand } from "./check-command.ts";
import { compareCommand, compareFormats } from "./compare-command.ts";
import { fidelityCommand } from "./fidelity-command.ts";
import { importCommand } from "./import-command.ts";
import { type CliIo, type CliServices, exitStatus } from "./io.ts";
import { listCommand } from "./list-command.ts";
import { mapsCommand, viaNames } from "./maps-command.ts";
import { memoryCommand } from "./memory-command.ts";
import { newCommand } from "./new-command.ts";
import { reportCommand, reportFormats } from "./report-command.ts";
import { runCommand } from "./run-command.ts";

/** Runs one command line (without `node` and script name). Never throws; returns the exit status. */
export async function runCli(args: readonly string[], io: CliIo, services: CliServices): Promise<number> {
  let status: number = exitStatus.fine;
  const program = buildProgram(io, services, (result) => {
    status = result;
  });
  try {
    await program.parseAsync([...args], { from: "user" });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) {
      // Commander has printed its message; help and version that were asked for are no mistake.
      return error.exitCode === 0 ? exitStatus.fine : exitStatus.usage;
    }
    if (error instanceof RefplayError) {
      io.stderr(`error: ${error.format(errorColumns)}\n`);
      return exitStatus.usage;
    }
    const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
    io.stderr(`refplay has a defect; please report it with the command and this text:\n${trace}\n`);
    return exitStatus.defect;
  }
}

/** The commands with their options; `done` gets the status of the one that was run. Tests of the docs parse with it. */
export function buildProgram(io: CliIo, services: CliServices, done: (status: number) => void): Command {
  const program = new Command("refplay")
    .description("Checks and compares reference-count strategies written once in TypeScript.")
    .version(services.version)
    .exitOverride()
    .configureOutput({
      writeOut: io.stdout,
      writeErr: io.stderr,
      getOutHelpWidth: () => 80,
      getErrHelpWidth: () => 80,
    })
    .showHelpAfterError("Try `refplay --help`.")
    .addHelpText("after", "\nExit status: 0 fine, 1 a verdict failed, 2 wrong usage or input.");

  // Subcommands take over exitOverride and output from the program when they are made with .command().
  program
    .command("run")
    .description("run a config: strategies x CPU counts, one table, one results file")
    .argument("[config]", "YAML or JSON file; without it, the nginx question: configs/nginx-zen4.yaml")
    .option("--json", "print the results record instead of the table")
    .option("--out <dir>", "folder for the results (default: results/<config name>)")
    .option("--no-html", "no HTML report beside the results")
    .option("--quiet", "no progress")
    .option("--print-config", "print the config with all defaults filled in, and stop")
    .option("--fresh", "start anew even where a stopped run could go on")
    .option("--seed <text>", "instead of the config's seed")
    .option("--strategy <name...>", "instead of the config's strategies: names or paths")
    .option("--variant <name...>", "instead of the config's variants, of a scenario that has some")
    .option("--cpus <counts>", "instead of the config's CPU counts, as in 1,2,4", countList)
    .option("--repetitions <count>", "instead of the config's repetitions", wholeNumber)
    .action(async (config: string | undefined, options) => {
      const { strategy, variant, ...flags } = options;
      const lists = { strategies: strategy, variants: variant };
      done(await runCommand(config, { ...flags, ...lists }, io, services));
    });

  program
    .command("check")
    .description(
      "try every interleaving of small programs over strategies; show the schedule that breaks a rule",
    )
    .argument("[strategies...]", "names or paths; without any, all built-in correct ones")
    .option("--program <name>", "check in this program only; may be repeated", collect)
    .option("--model <model>", "memory model: sc, tso or both (the default)", collect)
    .option("--bound <name=value>", "size of a program, as in readers=3,rounds=2; may be repeated", collect)
    .option(
      "--explorer <name>",
      "states (the default: breadth first, shortest schedule) or dpor (keeps no states)",
      once,
    )
    .option("--replay <schedule>", "show this schedule, or the one in this file, instead of searching", once)
    .option("--broken <number>", "check this deliberate bug of the program (see --list)", wholeNumber)
    .option("--all-steps", "show operations on private cells one by one")
    .option("--all-findings", "show every finding in full, not only the one with the fewest steps")
    .option("--memory <size>", "give a search up at so much memory: 2 (GiB), 512M, ...", once)
    .option("--json", "print one JSON document")
    .option("--quiet", "no progress")
    .option("--list", "list the programs, with their bounds and the strategies they apply to")
    .action(async (strategies: string[], options) =>
      done(await checkCommand(strategies, options, io, services)),
    );

  program
    .command("compare")
    .description("compare two results files, or two strategies: differences with confidence intervals")
    .argument("<a>", "results file, folder of results (its newest file), or strategy")
    .argument("<b>", "the same: differences are b - a")
    .option("--in <results>", "results file or folder that has both strategies", once)
    .option("--config <file>", "run this config with the two strategies (default: all defaults)", once)
    .option("--cpus <counts>", "of that run, instead of the config's, as in 1,2,4", countList)
    .option("--seed <text>", "of that run, instead of the config's")
    .option("--repetitions <count>", "of that run, instead of the config's (auto: 6)", wholeNumber)
    .option("--out <dir>", "folder for its results (default: results/<config name>-compare)")
    .option(
      "--fail-if <condition>",
      "exit status 1 where a difference is so, as in 'kref:efficiency@192 < -3'; may be repeated",
      collect,
    )
    .option("--sure", "conditions count only where the whole interval meets them")
    .option("--allow-missing", "conditions do not fail by what b has not, or by a run of it that ended early")
    .option("--confidence <percent>", "of the intervals (95)", decimalNumber)
    .option("--anyway", "compare what differs in load, hooks or machine, too")
    .option("--all-runs", "all runs of a folder, on threads: the run is the repetition")
    .option("--all", "show every figure, and not only what changed")
    .option("--format <format>", compareFormats.join(", "), "terminal")
    .option("--json", "print one JSON document")
    .option("--quiet", "no progress")
    .action(async (a: string, b: string, options) =>
      done(await compareCommand([a, b], options, io, services)),
    );

  program
    .command("bench")
    .description("measure what gets and puts cost with each strategy on this machine, side by side")
    .option("--strategy <name...>", "names or paths; without it, all built-in ones. none and kref always")
    .option("--rounds <count>", "interleaved rounds of each measure (30)", wholeNumber)
    .option("--json", "print one JSON document")
    .option("--quiet", "no progress")
    .option("--list", "list what would be measured, and stop")
    .action(async (options) => done(await benchCommand(options, io, services)));

  program
    .command("calibrate")
    .description("measure this machine and describe it in a file for the simulator")
    .option("--out <file>", "machine file to write (my-host.yaml)", once)
    .option("--name <name>", "the machine's name (default: the file's)", once)
    .option("--rounds <count>", "interleaved rounds of each measure (15)", wholeNumber)
    .option("--force", "write over a file that is there already")
    .option("--json", "print one JSON document, with all figures")
    .option("--quiet", "no progress")
    .action(async (options) => done(await calibrateCommand(options, io, services)));

  program
    .command("memory")
    .description("tell what thousands of labels take with each strategy on a machine of many CPUs")
    .option("--strategy <name...>", "names or paths; without it, all built-in ones")
    .option("--cpus <count>", "CPUs of the machine (192)", wholeNumber)
    .option("--labels <count>", "labels with real names (10000)", wholeNumber)
    .option("--hot <percent>", "share of them that is used all the time (1)", wholeNumber)
    .option("--opens <count>", "opens under each hot label before maintenance runs once (4500)", wholeNumber)
    .option("--json", "print one JSON document")
    .action((options) => done(memoryCommand(options, io, services)));

  program
    .command("maps")
    .description(
      "tell which mappings of a running process addresses lie in: by the kernel's query, or by text",
    )
    .option("--pid <process>", "process number, or `self` (the default)")
    .option("--addresses <file>", "file with one hexadecimal address per line")
    .option("--sample <count>", "so many addresses drawn from its mappings and gaps (20)", wholeNumber)
    .option("--compare", "ask both ways, time both; exit status 1 where the answers differ")
    .addOption(new Option("--via <way>", "query, text, or auto: query where possible").choices(viaNames))
    .option("--next", "where nothing covers an address, the next mapping above it")
    .option("--readable", "only readable mappings")
    .option("--writable", "only writable mappings")
    .option("--executable", "only executable mappings")
    .option("--shared", "only shared mappings")
    .option("--file-backed", "only mappings of files")
    .option("--build-id", "also the build IDs of files; by query only")
    .option("--rounds <count>", "timed rounds of a comparison (20)", wholeNumber)
    .option("--seed <text>", "what the sample is drawn from")
    .option("--json", "print one JSON document")
    .action(async (options) => done(await mapsCommand(options, io)));

  program
    .command("fidelity")
    .description("predict everything that was published and show how far off the simulator is")
    .argument("[tables...]", "names of tables; without any, all")
    .option("--fit", "find the fitted parameters anew instead, and show what is shipped")
    .option("--sensitivity", "halve and double what nobody published instead; takes long: name a table")
    .option("--seed <text>", "instead of the seed of the published table")
    .option("--json", "print one JSON document")
    .option("--markdown", "print Markdown, as in docs/fidelity.md")
    .option("--quiet", "no progress")
    .action((tables: string[], options) => done(fidelityCommand(tables, options, io, services)));

  program
    .command("list")
    .description("list what there is: strategies, workloads, scenarios, machines, programs of the checker")
    .argument("<topic>", "strategies, workloads, scenarios, machines or programs")
    .option("--json", "print JSON")
    .action((topic: string, options) => done(listCommand(topic, options.json === true, io, services)));

  program
    .command("new")
    .description("write a strategy that works, to change into your own, and a config that compares it")
    .argument("<what>", "strategy")
    .argument("<name>", "lower-case letters and digits, with dashes between")
    .option("--dir <folder>", "where the files go (default: the working folder)")
    .action((what: string, name: string, options) => done(newCommand(what, name, options, io, services)));

  program
    .command("import")
    .description("read an strace (-f -ttt -T) and tell what a replay of it does and what was skipped")
    .argument("<trace>", "text file that strace wrote")
    .option("--json", "print JSON")
    .option("--script", "print the script of one CPU")
    .option("--out <file>", "also write a config that replays the trace")
    .action((trace: string, options) => done(importCommand(trace, options, io)));

  program
    .command("report")
    .description("show a stored result again")
    .argument("<result>", "file that `refplay run` wrote")
    .addOption(new Option("--format <format>", reportFormats.join(", ")).default("terminal"))
    .option("--out <file>", "file to write, - for stdout (html: beside the result; others: stdout)", once)
    .action(async (result: string, options) => done(await reportCommand(result, options, io)));

  return program;
}

/** For options that may be repeated. */
function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

/** For options that would silently lose a value if they were repeated. */
function once(value: string, before?: string): string {
  if (before !== undefined && before !== value)
    throw new InvalidArgumentError(`It was given before, as \`${before}\`.`);
  return value;
}

function countList(text: string): number[] {
  return text.split(",").map(wholeNumber);
}

function decimalNumber(text: string): number {
  if (!/^\d{1,3}(\.\d{1,3})?$/.test(text.trim()))
    throw new InvalidArgumentError(`\`${text}\` is not a number.`);
  return Number(text);
}

function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text.trim())) throw new InvalidArgumentError(`\`${text}\` is not a whole number.`);
  return Number(text);
}
