/** The simulator gives what the naive one gives for the kernel with every strategy, evidence over time included. */
import { describe, expect, test } from "vitest";
import type { SimResult } from "../../../src/engines/sim/index.ts";
import { packageRoot } from "../../../src/link/node-host.ts";
import { testedStrategies } from "../../conformance/support.ts";
import { fastEngine } from "./compare.ts";
import { compare } from "./differences.ts";
import { type NaiveObserved, naiveEngine } from "./naive/simulate.ts";
import { jobOfLoad, linkedKernel, loads } from "./workload-jobs.ts";

/** Requests done by a time. */
function requestsBy({ requestLog }: NaiveObserved, atNs: number): number {
  return requestLog.findLast((entry) => entry.atNs <= atNs)?.requests ?? 0;
}

function checkOverTime(result: SimResult, naive: NaiveObserved): void {
  const counted = result.checkpoints.map(({ atNs }) => ({ atNs, requests: requestsBy(naive, atNs) }));
  expect(result.checkpoints).toEqual(counted);
  const { startNs, endNs, requests } = result.window;
  expect(endNs - startNs).toBeGreaterThan(0);
  expect(requests).toBe(requestsBy(naive, endNs) - requestsBy(naive, startNs));
}

function checkLatencies(result: SimResult, { eventNs }: NaiveObserved): void {
  const events = result.latencies.map(({ event }) => event).sort((a, b) => a - b);
  expect(events).toEqual([...eventNs.keys()].sort((a, b) => a - b));
  for (const { event, count, meanNs, maxNs } of result.latencies) {
    const all = eventNs.get(event) ?? [];
    expect(count).toBe(all.length);
    // A histogram rounds to some digits.
    const mean = all.reduce((sum, ns) => sum + ns, 0) / all.length;
    expect(Math.abs(meanNs - mean)).toBeLessThanOrEqual(1 + mean / 50);
    expect(Math.abs(maxNs - Math.max(...all))).toBeLessThanOrEqual(1 + Math.max(...all) / 50);
  }
}

/** Without the README's example, which counts as `kref` does. */
const strategies = testedStrategies().filter(
  ({ path }) => path.startsWith(packageRoot) || process.env.REFPLAY_STRATEGY !== undefined,
);

describe.each(strategies.map((strategy) => [strategy.name, strategy] as const))(
  "with %s",
  (_name, strategy) => {
    const program = linkedKernel(strategy);

    test.each([...loads])("%s is simulated as the naive simulator does it", (_load, load) => {
      const job = jobOfLoad(program, strategy, load);
      const { found, one, other } = compare(naiveEngine, fastEngine, job);
      expect(found).toEqual([]);
      const naive = one as NaiveObserved;
      const result = other?.result as SimResult;
      expect(naive.result.requests).toBe(load.expected.requests);
      checkOverTime(result, naive);
      checkLatencies(result, naive);
    });
  },
);
