/** Timing one CPU's records by kind, while the others do something else. */
import type { CpuRun, RoundPlan } from "./protocol.ts";
import { type Latency, latencyOf } from "./statistics.ts";

/**
 * Times every batch of one CPU's script in the measured runs, and tells the batches of a loop apart: for a script that
 * `repeat`s two records, `{ cpu, batchRecords: 1, batchesPerRound: 2, skipRecords: 2 }` (a `switchTask` and the `repeat` come
 * before) times either kind of record by itself, and `{ cpu, batchRecords: 2, skipRecords: 2 }` both together.
 *
 * Each batch is a call of the program's `run` on its own, so the time has what `run` does before and after its records in it
 * (going online and offline for RCU among that), and twice a look at the clock, which `timerNs` tells. Up to 65,536 times of a
 * run and place are kept, evenly; the slowest always is.
 */
export interface CpuSampling {
  readonly cpu: number;
  /** Records of a batch; default 1. */
  readonly batchRecords?: number;
  /** Batches in one round of the loop, each with figures of its own; default 1. */
  readonly batchesPerRound?: number;
  /** Records before the first round, as `run` counts them and behind the set-up; executed together, untimed. Default 0. */
  readonly skipRecords?: number;
}

/** Times of one CPU's batches over all measured runs, in ns for a whole batch; null where none was timed. */
export interface CpuTimes {
  readonly cpu: number;
  /** Records of each batch. */
  readonly batchRecords: number;
  /** By place in the round. */
  readonly batchNs: readonly (Latency | null)[];
  /** What timing nothing takes; not taken off the figures above. */
  readonly timerNs: Latency | null;
}

/** @throws RangeError for a CPU that is not there and for counts below 1 */
export function checkSampling(sampling: CpuSampling, cpus: number): void {
  const { batchRecords, batchesPerRound, skipRecords } = roundPlan(sampling);
  const sound = [batchRecords, batchesPerRound, skipRecords + 1].every((n) => Number.isInteger(n) && n >= 1);
  if (!sound || !Number.isInteger(sampling.cpu) || sampling.cpu < 0 || sampling.cpu >= cpus) {
    throw new RangeError(`sampleCpus: ${JSON.stringify(sampling)} on ${cpus} CPUs`);
  }
}

/** What the worker is told, defaults filled in. */
export function roundPlan({
  batchRecords = 1,
  batchesPerRound = 1,
  skipRecords = 0,
}: CpuSampling): RoundPlan {
  return { batchRecords, batchesPerRound, skipRecords };
}

/** Figures over all runs; `runsByCpu` by CPU, each with all repetitions. */
export function timesOfCpu(sampling: CpuSampling, runsByCpu: readonly (readonly CpuRun[])[]): CpuTimes {
  const { batchRecords, batchesPerRound } = roundPlan(sampling);
  const rounds = (runsByCpu[sampling.cpu] ?? []).flatMap((run) => (run.rounds === null ? [] : [run.rounds]));
  return {
    cpu: sampling.cpu,
    batchRecords,
    batchNs: Array.from({ length: batchesPerRound }, (_, place) =>
      latencyOf(
        rounds.flatMap(({ batches }) => batches[place] ?? []),
        1,
      ),
    ),
    timerNs: latencyOf(
      rounds.map(({ timer }) => timer),
      1,
    ),
  };
}
