/**
 * Where a CPU stands in a machine, and how far two are apart: the only place that knows what CPU numbers mean.
 *
 * CPU numbers are 0 to capacity - 1. They are not checked here, for engines ask often; `checkCpus` of `src/machines/` does.
 */
import { Distance, type SimMachine } from "./types.ts";

const coresOf = (machine: SimMachine): number => machine.coresPerL3 * machine.l3PerSocket * machine.sockets;

/** Hardware threads of the machine: the most CPUs that it can be asked for. */
export function capacity(machine: SimMachine): number {
  return coresOf(machine) * machine.threadsPerCore;
}

/** Core of a CPU, from 0, counted through all sockets. */
export function coreOf(machine: SimMachine, cpu: number): number {
  return machine.numbering === "compact" ? Math.floor(cpu / machine.threadsPerCore) : cpu % coresOf(machine);
}

/** L3 domain of a CPU, from 0, counted through all sockets. */
export function l3Of(machine: SimMachine, cpu: number): number {
  return Math.floor(coreOf(machine, cpu) / machine.coresPerL3);
}

/** Socket of a CPU, from 0. */
export function socketOf(machine: SimMachine, cpu: number): number {
  return Math.floor(l3Of(machine, cpu) / machine.l3PerSocket);
}

/** The nearest thing that two CPUs share; `Distance.cross` where it is only the machine. */
export function distanceBetween(machine: SimMachine, a: number, b: number): Distance {
  if (a === b) return Distance.self;
  if (coreOf(machine, a) === coreOf(machine, b)) return Distance.smt;
  if (l3Of(machine, a) === l3Of(machine, b)) return Distance.l3;
  return socketOf(machine, a) === socketOf(machine, b) ? Distance.socket : Distance.cross;
}

/** How many L3 domains the CPUs 0 to `cpus` - 1 are on; 1 or more. */
export function l3DomainsInUse(machine: SimMachine, cpus: number): number {
  const cores =
    machine.numbering === "compact"
      ? Math.ceil(cpus / machine.threadsPerCore)
      : Math.min(cpus, coresOf(machine));
  return Math.max(1, Math.ceil(cores / machine.coresPerL3));
}

/**
 * Throughput per CPU, in percent of one L3 domain's, that the machine leaves a program which shares nothing, when the CPUs
 * 0 to `cpus` - 1 are busy. 100 where nothing is known.
 */
export function scalingPercent(machine: SimMachine, cpus: number): number {
  const domains = l3DomainsInUse(machine, cpus);
  const above = machine.scaling.findIndex((point) => point.l3Domains >= domains);
  const high = machine.scaling[above] ?? machine.scaling.at(-1);
  if (high === undefined) return 100;
  const low = machine.scaling[above - 1];
  if (above < 0 || low === undefined) return high.percent;
  const share = (domains - low.l3Domains) / (high.l3Domains - low.l3Domains);
  return low.percent + (high.percent - low.percent) * share;
}

/** What stands behind `scalingPercent`: a point of the table, two with a line between them, the last one for more; or no table. */
export type ScalingBasis = "point" | "between" | "beyond" | "none";

/** Tells whether a percentage was measured or is a guess. */
export function scalingBasis(machine: SimMachine, cpus: number): ScalingBasis {
  const domains = l3DomainsInUse(machine, cpus);
  const last = machine.scaling.at(-1);
  if (last === undefined) return "none";
  if (domains > last.l3Domains) return "beyond";
  return machine.scaling.some((point) => point.l3Domains === domains) ? "point" : "between";
}
