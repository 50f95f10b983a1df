/**
 * `npm run bench:labels`: the three label sets side by side, from one run: look-ups alone and beside an updater, making labels
 * beside an updater, and what a label takes.
 */
import { Command } from "commander";
import { describeMachine, machineLine } from "../src/bench/machine.ts";
import { buildFindPeer, findCompiler } from "../src/bench/peers.ts";
import { RefplayError } from "../src/errors.ts";
import { labelBytes, meanNames, strategyNames } from "./lib/labels/bytes.ts";
import { measureCreators } from "./lib/labels/creators.ts";
import {
  buildLabelProgram,
  type LabelProgram,
  labelIr,
  type Variant,
  variants,
} from "./lib/labels/label-kernel.ts";
import { measureLookUps } from "./lib/labels/look-ups.ts";
import { mixedPolicy } from "./lib/labels/policy.ts";
import { besideTable, bytesTable, creatorTable, findTable, updaterTable } from "./lib/labels/report.ts";
import { wholeNumber } from "./lib/whole-number.ts";

const partNames = ["look-ups", "creators", "bytes"] as const;

interface Options {
  readonly part: readonly string[];
  readonly variants: readonly string[];
  readonly strategy: string;
  readonly labels: string;
  readonly rounds: string;
  readonly passes: string;
  readonly ms: string;
  readonly private: string;
  readonly hubs: string;
  readonly cpus: string;
  readonly pin: boolean;
  readonly json?: boolean;
}

const options = new Command("bench:labels")
  .description(
    "Runs look-ups, updates and creations on every label set, interleaved, and prints rates and times.",
  )
  .option("--part <names...>", `only these parts: ${partNames.join(", ")}`, [...partNames])
  .option("--variants <names...>", `only these label sets: ${variants.join(", ")}`, [...variants])
  .option("--strategy <name>", `how references are counted: ${strategyNames().join(", ")}`, "kref")
  .option("--labels <n>", "labels, a fifth of them compounds", "10000")
  .option("--rounds <n>", "rounds of look-ups of each variant, and of creations in each pass", "100")
  .option("--passes <n>", "times that creators begin with a new kernel", "5")
  .option("--ms <n>", "milliseconds of one round", "10")
  .option("--private <kib>", "memory of the thread that is busy on its own, in KiB", "16")
  .option("--hubs <n>", "profiles that all compounds are made around while creators are timed", "20")
  .option("--cpus <n>", "CPUs in the table of bytes", "64")
  .option("--no-pin", "leave threads where the system puts them")
  .option("--json", "print one JSON document")
  .showHelpAfterError()
  .parse()
  .opts<Options>();

function count(name: keyof Options, least: number, most: number): number {
  return wholeNumber(name, String(options[name]), least, most);
}

function chosen<T extends string>(what: string, asked: readonly string[], known: readonly T[]): T[] {
  for (const name of asked) {
    if ((known as readonly string[]).includes(name)) continue;
    throw new RefplayError(`unknown-${what}`, `no ${what} is called ${name}`, {
      hint: `there are: ${known.join(", ")}`,
    });
  }
  return known.filter((name) => asked.includes(name));
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

async function programsOf(chosenVariants: readonly Variant[], strategy: string): Promise<LabelProgram[]> {
  const programs: LabelProgram[] = [];
  for (const variant of chosenVariants) {
    say(`building ${variant}`);
    programs.push(await buildLabelProgram(variant, strategy));
  }
  return programs;
}

function bytesOf(labels: number, cpus: number) {
  const names = meanNames(mixedPolicy(labels));
  return strategyNames().flatMap((strategy) =>
    labelBytes(labelIr("rcu-list", strategy), strategy, cpus, names.parts, names),
  );
}

/** Everything that was asked for; parts left out are undefined. */
async function measure() {
  const parts = new Set(chosen("part", options.part, partNames));
  const [strategy = "kref"] = chosen("strategy", [options.strategy], strategyNames());
  const wanted = chosen("variant", options.variants, variants);
  const [labels, rounds] = [count("labels", 100, 15_000), count("rounds", 2, 100_000)];
  const [runMs, passes, hubs] = [count("ms", 1, 10_000), count("passes", 1, 1000), count("hubs", 1, 1000)];
  const [cpus, privateBytes] = [count("cpus", 1, 65_536), 1024 * count("private", 1, 16_384)];
  const machine = describeMachine(findCompiler()?.version ?? null);
  const programs = parts.has("look-ups") || parts.has("creators") ? await programsOf(wanted, strategy) : [];
  const common = { programs, labels, rounds, runMs, pin: options.pin };
  if (parts.has("look-ups")) say("look-ups");
  // In C there is what kref does.
  const peer = strategy === "kref" && wanted.includes("rcu-list") ? buildFindPeer() : null;
  const lookUps = parts.has("look-ups") ? await measureLookUps({ ...common, privateBytes, peer }) : undefined;
  if (parts.has("creators")) say("creators");
  const creators = parts.has("creators") ? await measureCreators({ ...common, passes, hubs }) : undefined;
  const bytes = parts.has("bytes") ? bytesOf(labels, cpus) : undefined;
  return { machine, strategy, labels, cpus, lookUps, creators, bytes };
}

function print(report: Awaited<ReturnType<typeof measure>>): void {
  const { lookUps, creators, bytes } = report;
  console.log(machineLine(report.machine));
  console.log(
    `${report.labels} labels, strategy ${report.strategy}; medians and the median distance from them`,
  );
  if (lookUps !== undefined) {
    console.log(`\n${findTable(lookUps)}\n\n${besideTable(lookUps)}\n\n${updaterTable(lookUps)}`);
  }
  if (creators !== undefined) console.log(`\n${creatorTable(creators)}`);
  if (bytes !== undefined) console.log(`\n${bytesTable(bytes, report.cpus)}`);
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
