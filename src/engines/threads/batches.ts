/**
 * How a worker executes its script: batch by batch, some of them timed. Two ways to time: every so many batches, for means over
 * many records that cost the run little; or every batch of one CPU, for percentiles of single records of a kind.
 */
import type { RoundPlan, SampledRounds, Times } from "./protocol.ts";
import { Samples } from "./samples.ts";

/** Samples kept at most, for each CPU, run and place in a round. */
const sampleCapacity = 65_536;
/** Empty timings, of which the later half counts: the first run in V8's interpreter. */
const emptyTimings = 8192;

export interface Batches {
  /** Executes the next batch; whether the script has more. `timed`: false once the run's time is over. */
  next(timed: boolean): boolean;
  /** Times of sampled batches. */
  readonly samples: Samples;
  /** By place in the round, where all batches are timed. */
  rounds(): SampledRounds | null;
}

/** Nanoseconds that `body` takes by the process's monotonic clock, with those that looking at it twice takes. */
function timeOf(body: () => void): number {
  const before = process.hrtime.bigint();
  body();
  return Number(process.hrtime.bigint() - before);
}

/** Batches of which one in `sampleEvery` is timed; none where that is 0. `run` executes one; whether there is more. */
export function someTimed(run: () => boolean, sampleEvery: number): Batches {
  const samples = new Samples(sampleEvery > 0 ? sampleCapacity : 0);
  let untilSample = sampleEvery;
  let more = true;
  return {
    samples,
    rounds: () => null,
    next: () => {
      if (untilSample === 1) {
        untilSample = sampleEvery;
        const ns = timeOf(() => {
          more = run();
        });
        // The last batch of a script is shorter than the others.
        if (more) samples.add(ns);
      } else {
        if (untilSample > 0) untilSample--;
        more = run();
      }
      return more;
    },
  };
}

/** Batches that are all timed, apart by their place in a round, after `skipRecords` that are not. */
export function allTimed(run: (records: number) => boolean, plan: RoundPlan): Batches {
  const { batchRecords, batchesPerRound, skipRecords } = plan;
  const places = Array.from({ length: batchesPerRound }, () => new Samples(sampleCapacity));
  const timer = timeOfTimer();
  let skipped = skipRecords === 0;
  let place = 0;
  let more = true;
  return {
    samples: new Samples(0),
    rounds: () => ({ batches: places.map(timesOf), timer }),
    next: (timed) => {
      if (!skipped) {
        skipped = true;
        more = run(skipRecords);
        return more;
      }
      const ns = timeOf(() => {
        more = run(batchRecords);
      });
      if (more && timed) places[place]?.add(ns);
      place = place + 1 === batchesPerRound ? 0 : place + 1;
      return more;
    },
  };
}

function timesOf(samples: Samples): Times {
  return { sampleNs: samples.take(), slowestSampleNs: samples.slowest };
}

/** What a timing of nothing takes: part of every sample. */
function timeOfTimer(): Times {
  const samples = new Samples(emptyTimings);
  const nothing = (): void => undefined;
  for (let round = 0; round < emptyTimings; round++) {
    const ns = timeOf(nothing);
    if (round >= emptyTimings / 2) samples.add(ns);
  }
  return timesOf(samples);
}
