import { describe, expect, it } from "vitest";
import type { Latency, Repetition } from "../../src/engines/threads/index.ts";
import { latencyOf, latencyOfEach } from "../../src/engines/threads/statistics.ts";
import { scenarioByRepetition, threadsByRepetition } from "../../src/runner/by-repetition.ts";
import type { ProgramScenario, ScenarioOutcome } from "../../src/scenarios/index.ts";

const run = (atEnd: Record<string, number>) => ({ atEnd, atTeardown: {} }) as Repetition;
const pair = (p50: number) => ({ p50, p99: 2 * p50 }) as Latency;

describe("figures of every repetition", () => {
  it("are pair times and what labels wait, on threads", () => {
    const repetitions = [run({ mostWaiting: 3, retiredFreed: 2, retiredTicks: 5 }), run({ mostWaiting: 4 })];
    const found = threadsByRepetition({ repetitions, pairNsByRepetition: [pair(10), pair(12)] }, 2);
    expect(found.byRepetition).toEqual({
      pairNsP50: [10, 12],
      pairNsP99: [20, 24],
      peakUnreclaimed: [3, 4],
      retiredMeanMs: [5, null],
    });
  });

  it("leave out what no run can tell, and all of a single run", () => {
    const two = { repetitions: [run({}), run({})], pairNsByRepetition: [] };
    expect(threadsByRepetition(two, 1).byRepetition).toEqual({ peakUnreclaimed: [0, 0] });
    const one = { repetitions: [run({})], pairNsByRepetition: [pair(1)] };
    expect(threadsByRepetition(one, 1)).toEqual({});
  });

  it("are a scenario's own, by name", () => {
    const scenario = {
      figures: ({ elapsedNs }: ScenarioOutcome) => [
        { name: "exit", unit: "ms", value: elapsedNs / 1e6 },
        { name: "mean of none", unit: "ms", value: 0 / 0 },
        { name: "none", unit: "ms", value: null },
      ],
    } as unknown as ProgramScenario;
    const moved = { self: 0, smt: 0, l3: 0, socket: 0, cross: 0, memory: 0 };
    const runs = [1e6, 3e6].map((elapsedNs) => ({
      outcome: { elapsedNs } as ScenarioOutcome,
      evidence: { transfersPerRequest: { ...moved, all: elapsedNs / 1e6 } },
    }));
    expect(scenarioByRepetition(scenario, runs).byRepetition).toEqual({
      exit: [1, 3],
      transfersPerRequest: [1, 3],
    });
  });
});

describe("pair times of each repetition", () => {
  it("are of the runs of its own CPUs", () => {
    const times = (ns: number) => ({ sampleNs: [ns, ns], slowestSampleNs: ns }) as never;
    const [a, b, c, d] = [times(10), times(20), times(30), times(40)];
    expect(latencyOfEach([a, b, c, d], 2, 1)).toEqual([latencyOf([a, b], 1), latencyOf([c, d], 1)]);
  });
});
