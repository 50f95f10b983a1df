/**
 * `npm run bench:starts`: two strategies under contention over many fresh starts. How long a line stays with a CPU hangs on where
 * code came to lie, so one start says little, however many rounds it has; a second copy of the first strategy, linked anew in
 * the same process, shows how far two that are the same come apart.
 */
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { median } from "simple-statistics";
import { describeMachine, machineLine } from "../src/bench/machine.ts";
import { buildPeers } from "../src/bench/peers.ts";
import { fewestPairs, shiftIntervals } from "../src/compare/intervals.ts";
import { RefplayError } from "../src/errors.ts";
import type { StartJob, StartResult } from "./lib/start-child.ts";
import { plainTable } from "./lib/table.ts";
import { wholeNumber } from "./lib/whole-number.ts";

const confidence = 0.95;
const child = fileURLToPath(new URL("lib/start-child.ts", import.meta.url));

function startAlone(job: StartJob): Promise<StartResult> {
  return new Promise((resolve, reject) => {
    const process = fork(child, [], {
      execArgv: ["--import", "tsx"],
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    process.once("message", (result) => resolve(result as StartResult));
    process.once("exit", (code) => reject(new RefplayError("start-died", `a start ended with ${code}`)));
    process.send(job);
  });
}

/** Geometric mean: two copies count the same, whichever is slower. */
function mean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

/** A line of the table: `b` beside `a`, start by start. */
function line(name: string, a: readonly number[], b: readonly number[]): string[] {
  const percent = shiftIntervals({ a, b, paired: true }, confidence)?.percent;
  const ratio = (value: number): string => (1 + value / 100).toFixed(2);
  const ratios = a.map((value, index) => (b[index] as number) / value);
  return [
    name,
    median([...a]).toFixed(1),
    median([...b]).toFixed(1),
    median(ratios).toFixed(2),
    percent == null ? "-" : `${ratio(percent.low)} to ${ratio(percent.high)}`,
  ];
}

async function main(): Promise<void> {
  const program = new Command("bench:starts")
    .argument("[a]", "strategy", "kref")
    .argument("[b]", "strategy beside it", "rcuref")
    .option("--entry <name>", "getPut or tryGetPut", "getPut")
    .option("--starts <n>", "fresh starts", "31")
    .option("--rounds <n>", "interleaved rounds in each", "60")
    .option("--ms <n>", "milliseconds of one run", "3")
    .option("--threads <n>", "threads that contend for one label", "2")
    .showHelpAfterError()
    .parse();
  const [a = "", b = ""] = program.processedArgs as string[];
  const options = program.opts<{
    entry: string;
    starts: string;
    rounds: string;
    ms: string;
    threads: string;
  }>();
  const { entry } = options;
  if (entry !== "getPut" && entry !== "tryGetPut")
    throw new RefplayError("unknown-entry", `there is no entry ${entry}; there are getPut and tryGetPut`);
  const starts = wholeNumber("starts", options.starts, fewestPairs(confidence));
  const built = buildPeers();
  const machine = describeMachine(built.compiler);
  const results: StartResult[] = [];
  for (let index = 0; index < starts; index++) {
    const { rounds, ms, threads } = options;
    results.push(
      await startAlone({
        seed: `${a} ${b} ${index}`,
        strategies: [a, b],
        entry,
        threads: wholeNumber("threads", threads),
        rounds: wholeNumber("rounds", rounds),
        runMs: wholeNumber("ms", ms),
        peers: built.program,
      }),
    );
    process.stderr.write(`start ${index + 1} of ${starts}\n`);
  }
  const ours = (strategy: 0 | 1): number[] => results.map((result) => mean(result.ours[strategy]));
  const copy = (index: 0 | 1): number[] => results.map((result) => result.ours[0][index] as number);
  const inC = results.flatMap(({ inC: [first, second] }) =>
    first === null || second === null ? [] : [[first, second]],
  );
  const rows = [line(`${b} by ${a}`, ours(0), ours(1)), line(`${a} by another copy of it`, copy(0), copy(1))];
  if (inC.length === results.length)
    rows.push(
      line(
        `${b} by ${a}, in C`,
        inC.map(([first]) => first as number),
        inC.map(([, second]) => second as number),
      ),
    );
  process.stdout.write(
    `${machineLine(machine)}\n${entry}, ${options.threads} threads, 1 label; ${starts} fresh starts of ${options.rounds} rounds of ${options.ms} ms, first quartile of each\n\n`,
  );
  process.stdout.write(
    `${plainTable(["", "first, ns", "second, ns", "second by first", "95 % interval of the ratio"], rows)}\n`,
  );
}

try {
  await main();
} catch (error) {
  if (!(error instanceof RefplayError)) throw error;
  process.stderr.write(`error: ${error.format()}\n`);
  process.exitCode = 2;
}
