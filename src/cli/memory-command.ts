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
  /** Opens under each hot label before maintenance runs once. */
  readonly opens?: number;
  readonly json?: boolean;
}

/** `opens`: a tenth above 4096 gets in a second, from which on a built-in strategy counts a label per CPU. */
const defaults = { cpus: 192, labels: 10_000, hot: 1, opens: 4500 } as const;
const most = { cpus: 512, labels: 100_000, hot: 100, opens: 1_000_000 } as const;
const least = { cpus: 1, labels: 10, hot: 0, opens: 0 } as const;

/** Returns the exit status. @throws RefplayError for numbers out of range, RefplayErrors for wrong strategies */
export function memoryCommand(flags: MemoryFlags, io: CliIo, services: CliServices): number {
  const cpus = inRange("cpus", flags.cpus);
  const labels = inRange("labels", flags.labels);
  const hotLabels = Math.round((labels * inRange("hot", flags.hot)) / 100);
  const opensPerHotLabel = inRange("opens", flags.opens);
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
