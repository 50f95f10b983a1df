/** `refplay memory`: what labels take with each strategy on a machine of many CPUs. */
import pc from "picocolors";
import { RefplayError } from "../errors.ts";
import { nodeHost } from "../link/node-host.ts";
import type { MemoryPlan } from "../memory/load.ts";
import { measureMemory } from "../memory/measure.ts";
import { memoryText, timesReference } from "../memory/table.ts";
import { chooseStrategies } from "./check-plan.ts";
import { type CliIo, type CliServices, exitStatus } from "./io.ts";

export interface MemoryFlags {
  /** Names or paths; none: all built-in ones. */
  readonly strategy?: readonly string[];
  readonly cpus?: number;
  readonly labels?: number;
  /** Percent of the labels. */
  readonly hot?: number;
  readonly json?: boolean;
}

const defaults = { cpus: 192, labels: 10_000, hot: 1 } as const;
const most = { cpus: 512, labels: 100_000, hot: 100 } as const;
const least = { cpus: 1, labels: 10, hot: 0 } as const;
/** More than percpu-dynamic's limit, 4096 gets in a second: what is used more often is hot for every strategy. */
const opensPerHotLabel = 4500;

/** Returns the exit status. @throws RefplayError for numbers out of range, RefplayErrors for wrong strategies */
export function memoryCommand(flags: MemoryFlags, io: CliIo, services: CliServices): number {
  const cpus = inRange("cpus", flags.cpus);
  const labels = inRange("labels", flags.labels);
  const hotLabels = Math.round((labels * inRange("hot", flags.hot)) / 100);
  const plan: MemoryPlan = { cpus, labels, hotLabels, opensPerHotLabel, seed: "memory" };
  const host = nodeHost();
  const measured = chooseStrategies(flags.strategy ?? [], io, services).map(({ name, path }) => ({
    name,
    memory: measureMemory(path, plan, host),
  }));
  if (flags.json) {
    const strategies = measured.map(({ name, memory }) => ({
      name,
      ...memory,
      timesKref: timesReference(memory.hot, measured),
    }));
    io.stdout(`${JSON.stringify({ cpus, labels, hotLabels, strategies }, null, 2)}\n`);
  } else io.stdout(memoryText(measured, plan, pc.createColors(io.color).dim));
  return exitStatus.fine;
}

function inRange(name: keyof typeof defaults, given: number | undefined): number {
  const value = given ?? defaults[name];
  if (value >= least[name] && value <= most[name]) return value;
  throw new RefplayError("bad-number", `--${name} takes ${least[name]} to ${most[name]}, not ${value}`);
}
