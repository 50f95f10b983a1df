/**
 * `npm run bench`: ours, theirs and the ratio, from one run, interleaved. See docs/benchmarks.md.
 */
import { Command } from "commander";
import { RefplayError } from "../src/errors.ts";
import { compareCompiled } from "./lib/compiled.ts";
import { describeMachine, machineLine } from "./lib/machine.ts";
import { rows } from "./lib/rows.ts";
import { comparisonTable } from "./lib/table.ts";
import { buildPeers } from "./peers/build.ts";

interface Options {
  readonly only?: string;
  readonly passes: string;
  readonly rounds: string;
  readonly ms: string;
  readonly pin: boolean;
  readonly json?: boolean;
}

const program = new Command("bench")
  .description("Runs our linked loops and the same loops in C, interleaved, and prints times and ratios.")
  .option("--only <text>", "only rows whose name contains the text")
  .option("--passes <n>", "times both sides start anew", "3")
  .option("--rounds <n>", "interleaved rounds in each pass", "20")
  .option("--ms <n>", "milliseconds of one run", "4")
  .option("--no-pin", "leave threads where the system puts them")
  .option("--json", "print one JSON document")
  .showHelpAfterError();
const options = program.parse().opts<Options>();

function count(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new RefplayError("bad-number", `--${name} must be a whole number from 1, not ${text}`);
}

async function main(): Promise<void> {
  const peers = buildPeers();
  const machine = describeMachine(peers.compiler);
  const only = options.only ?? "";
  const chosen = rows.filter((row) => row.name.includes(only));
  if (chosen.length === 0) {
    const names = rows.map((row) => row.name).join("; ");
    throw new RefplayError("unknown-row", `no row's name contains "${only}"`, {
      hint: `there are: ${names}`,
    });
  }
  const comparisons = await compareCompiled(chosen, {
    passes: count("passes", options.passes),
    rounds: count("rounds", options.rounds),
    runMs: count("ms", options.ms),
    pin: options.pin,
    peers: peers.program,
    progress: (done, of) => process.stderr.write(`pass ${done} of ${of}\n`),
  });
  if (options.json === true) {
    console.log(JSON.stringify({ machine, missing: peers.missing, comparisons }, null, 2));
    return;
  }
  console.log(machineLine(machine));
  for (const { name, package: wanted } of peers.missing) {
    console.log(`${name} is not compared: install ${wanted}`);
  }
  console.log(comparisonTable(comparisons));
}

try {
  await main();
} catch (error) {
  if (!(error instanceof RefplayError)) throw error;
  process.stderr.write(`${error.format()}\n`);
  process.exitCode = 2;
}
