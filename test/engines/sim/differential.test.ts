/**
 * The simulator gives what the naive one gives, to the last digit, on random programs and random machines.
 *
 *     REFPLAY_SIM_RUNS=20000 REFPLAY_SIM_SEED=1000 npx vitest run test/engines/sim/differential.test.ts
 *
 * for programs 1000 to 20,999. A program that differs is made smaller and printed with the first operation that does.
 */
import { describe, expect, test } from "vitest";
import { fastEngine } from "./compare.ts";
import { differences } from "./differences.ts";
import { naiveEngine } from "./naive/simulate.ts";
import { jobOf, type RandomJob, randomJob } from "./random-job.ts";
import { printed, shrink } from "./shrink.ts";

const runs = Number(process.env.REFPLAY_SIM_RUNS ?? 600);
const seed = Number(process.env.REFPLAY_SIM_SEED ?? 0);

const compared = (job: RandomJob): readonly string[] =>
  differences(naiveEngine, fastEngine, { ...jobOf(job), opLimit: 200_000 });

/** A portion of the run is a test of its own, so that a slow computer is not taken for one that hangs. */
const portion = 200;
const portions = Array.from({ length: Math.ceil(runs / portion) }, (_, index) => seed + index * portion);

describe("on random programs the simulator does what the naive one does", () => {
  test.each(portions)(`${portion} programs from %d on`, (first) => {
    for (let number = first; number < Math.min(first + portion, seed + runs); number++) {
      const job = randomJob(`sim ${number}`);
      if (compared(job).length === 0) continue;
      const smaller = shrink(job, (candidate) => compared(candidate).length > 0);
      expect.fail(`program ${number}\n${compared(smaller).join("\n")}\n${printed(smaller)}`);
    }
  });

  test("also on those that once differed", () => {
    // A reader left its section ahead of its own buffered stores, so that a grace period ended too early.
    expect(compared(randomJob("sim 308485"))).toEqual([]);
  });

  test("which come to an end, and do all that a program can", () => {
    const byOp = new Array<number>(32).fill(0);
    for (let number = 0; number < 100; number++) {
      const { result } = naiveEngine.observe(jobOf(randomJob(`sim ${number}`)));
      for (let op = 0; op < byOp.length; op++) byOp[op] = (byOp[op] ?? 0) + (result.byOp[op] ?? 0);
      const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
      // Every moment of every CPU is in one part of the split.
      expect(sum(Object.values(result.time))).toBeCloseTo(sum(result.cpuNs), 6);
    }
    const never = byOp.flatMap((count, op) => (count === 0 && op !== 0 && op < 28 ? [op] : []));
    // Objects that come and go are nothing to the model.
    expect(never).toEqual([20, 21]);
  });
});
