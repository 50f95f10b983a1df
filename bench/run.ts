/**
 * `npm run bench`: ours, theirs and the ratio, from one run, interleaved. Five parts: compiled loops against C, what the
 * kernel adds to them per event, creds counted in tasks against one counter, the stepped form against generators, and the
 * simulator against a bare heap.
 */
import { Command } from "commander";
import { describeMachine, type MachineDescription, machineLine } from "../src/bench/machine.ts";
import { buildPeers, type PeerBuild } from "../src/bench/peers.ts";
import { RefplayError } from "../src/errors.ts";
import { compareCompiled } from "./lib/compiled.ts";
import { type CredsResult, measureCreds } from "./lib/creds.ts";
import { measureOverhead } from "./lib/overhead.ts";
import { rows } from "./lib/rows.ts";
import { measureSimulator, measureSimulatorMemory } from "./lib/simulator.ts";
import { measureStepped } from "./lib/stepped.ts";
import {
  type Comparison,
  comparisonTable,
  credsTable,
  overheadTable,
  simulatorTable,
  steppedTable,
} from "./lib/table.ts";
import { wholeNumber } from "./lib/whole-number.ts";

const partNames = ["compiled", "events", "creds", "stepped", "simulator"] as const;
type Part = (typeof partNames)[number];

interface Options {
  readonly part?: readonly string[];
  readonly only?: string;
  readonly passes: string;
  readonly rounds: string;
  readonly ms: string;
  readonly pin: boolean;
  readonly json?: boolean;
}

const program = new Command("bench")
  .description("Runs our linked programs and their peers, interleaved, and prints times and ratios.")
  .option("--part <names...>", `only these parts: ${partNames.join(", ")}`)
  .option("--only <text>", "only rows of the compiled part whose name contains the text")
  .option("--passes <n>", "times both sides start anew", "3")
  .option("--rounds <n>", "interleaved rounds in each pass", "20")
  .option("--ms <n>", "milliseconds of one run", "4")
  .option("--no-pin", "leave threads where the system puts them")
  .option("--json", "print one JSON document")
  .showHelpAfterError();
const options = program.parse().opts<Options>();

function chosenParts(): ReadonlySet<Part> {
  const wanted = options.part ?? partNames;
  for (const name of wanted) {
    if ((partNames as readonly string[]).includes(name)) continue;
    const hint = `there are: ${partNames.join(", ")}`;
    throw new RefplayError("unknown-part", `no part is called ${name}`, { hint });
  }
  return new Set(wanted as readonly Part[]);
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

async function compiled(
  peers: PeerBuild,
  passes: number,
  rounds: number,
  runMs: number,
): Promise<readonly Comparison[]> {
  const only = options.only ?? "";
  const chosen = rows.filter((row) => row.name.includes(only));
  if (chosen.length === 0) {
    const hint = `there are: ${rows.map((row) => row.name).join("; ")}`;
    throw new RefplayError("unknown-row", `no row's name contains "${only}"`, { hint });
  }
  const progress = (done: number, of: number): void => say(`compiled loops: pass ${done} of ${of}`);
  return compareCompiled(chosen, { passes, rounds, runMs, pin: options.pin, peers: peers.program, progress });
}

/** Everything that was asked for, one after the other; parts left out are undefined. */
async function measure(): Promise<Report> {
  const parts = chosenParts();
  const [passes, rounds] = [wholeNumber("passes", options.passes), wholeNumber("rounds", options.rounds)];
  const runMs = wholeNumber("ms", options.ms);
  const peers = parts.has("compiled") ? buildPeers() : undefined;
  const machine = describeMachine(peers?.compiler ?? null);
  const comparisons = peers === undefined ? undefined : await compiled(peers, passes, rounds, runMs);
  if (parts.has("events")) say("interpreter and hooks");
  const overhead = parts.has("events")
    ? await measureOverhead({ rounds: passes * rounds, runMs, pin: options.pin })
    : undefined;
  if (parts.has("creds")) say("creds");
  const creds = parts.has("creds")
    ? await measureCreds({ rounds: passes * rounds, runMs, pin: options.pin })
    : undefined;
  if (parts.has("stepped")) say("stepped form");
  const stepped = parts.has("stepped")
    ? ["none", "kref", "percpu-ref"].map((strategy) => measureStepped(strategy, 66, rounds))
    : undefined;
  if (parts.has("simulator")) say("simulator");
  const simulator = parts.has("simulator")
    ? { rows: measureSimulator(rounds), memory: measureSimulatorMemory() }
    : undefined;
  return { machine, missing: peers?.missing ?? [], comparisons, overhead, creds, stepped, simulator };
}

interface Report {
  readonly machine: MachineDescription;
  readonly missing: PeerBuild["missing"];
  readonly comparisons: readonly Comparison[] | undefined;
  readonly overhead: Awaited<ReturnType<typeof measureOverhead>> | undefined;
  readonly creds: readonly CredsResult[] | undefined;
  readonly stepped: ReturnType<typeof measureStepped>[] | undefined;
  readonly simulator:
    | {
        readonly rows: ReturnType<typeof measureSimulator>;
        readonly memory: ReturnType<typeof measureSimulatorMemory>;
      }
    | undefined;
}

function print(report: Report): void {
  console.log(machineLine(report.machine));
  for (const { name, package: wanted } of report.missing)
    console.log(`${name} is not compared: install ${wanted}`);
  if (report.comparisons !== undefined) console.log(`\n${comparisonTable(report.comparisons)}`);
  if (report.overhead !== undefined) console.log(`\n${overheadTable(report.overhead)}`);
  if (report.creds !== undefined) console.log(`\n${credsTable(report.creds)}`);
  if (report.stepped !== undefined) console.log(`\n${steppedTable(report.stepped)}`);
  if (report.simulator !== undefined) {
    const { rows: simulated, memory } = report.simulator;
    console.log(`\n${simulatorTable(simulated, memory)}`);
  }
}

try {
  const report = await measure();
  if (options.json === true) console.log(JSON.stringify(report, null, 2));
  else print(report);
} catch (error) {
  if (!(error instanceof RefplayError)) throw error;
  say(error.format());
  process.exitCode = 2;
}
