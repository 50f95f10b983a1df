/** What results say of strategies' weak points: labels that wait to be freed, and counting outside one's own line. */
import { describe, expect, it } from "vitest";
import { countedRun } from "../../src/runner/counted-run.ts";
import {
  countedWaits,
  countFigures,
  retirementFigures,
  switchFigures,
} from "../../src/runner/reclaim-figures.ts";
import { makeWorkload } from "../../src/workloads/workload.ts";
import { kernel, type Line, type StrategyName, scriptOf } from "../kernel/support.ts";

describe("retired labels", () => {
  const atEnd = {
    retired: 10,
    retiredFreed: 8,
    retiredTicks: 12,
    longestRetiredTicks: 3,
    waiting: 2,
    waitingTicks: 50,
    mostWaiting: 4,
    mostLabels: 20,
  };

  it("wait on average as long as those did that were freed, and at most until the tear-down", () => {
    expect(retirementFigures({ atEnd, atTeardown: { longestRetiredTicks: 31 } }, 104, 1, null)).toEqual({
      retirement: {
        labels: 10,
        freed: 8,
        meanMs: 1.5,
        maxMs: 31,
        waiting: 2,
        waitingMeanMs: 25,
        peakWaitingBytes: 416,
        peakLabels: 20,
      },
      peakUnreclaimed: 4,
    });
  });

  it("have no mean where there are none", () => {
    const { retirement } = retirementFigures({ atEnd: {}, atTeardown: {} }, 104, 1, null);
    expect(retirement).toMatchObject({ labels: 0, meanMs: 0, waiting: 0, waitingMeanMs: 0 });
  });

  it("show what engines know of their waits, and how many waited when", () => {
    const unreclaimed = { atNs: [0, 70], labels: [1, 4] };
    const run = { atEnd: { ...atEnd, "wait:0": 1, "wait:2": 4, "wait:3": 3 }, atTeardown: {}, unreclaimed };
    const waits = countedWaits(run, 1);
    expect(waits).toEqual({ upTo: [0, 1, 3, 7], counts: [1, 0, 4, 3] });
    const cell = retirementFigures(run, 104, 1, waits);
    expect(cell.retirement?.waitHistogram).toEqual({ upToMs: [0, 1, 3, 7], counts: [1, 0, 4, 3] });
    expect(cell.unreclaimed).toEqual(unreclaimed);
    expect(countedWaits({ atEnd }, 1)).toBeNull();
  });

  it("are told in ms where a tick is a microsecond, as on sim", () => {
    const { retirement } = retirementFigures(
      { atEnd, atTeardown: { longestRetiredTicks: 31 } },
      104,
      0.001,
      null,
    );
    expect(retirement).toMatchObject({ labels: 10, meanMs: 0.0015, maxMs: 0.031, waitingMeanMs: 0.025 });
  });
});

describe("labels that change between one counter and counters per CPU", () => {
  it("are told of where there were any, or would have been", () => {
    const atEnd = { percpuLabels: 3, mostPercpuLabels: 12, toPercpu: 40, toAtomic: 37 };
    const switches = { labels: 3, most: 12, toPercpu: 40, toAtomic: 37, refused: 0 };
    expect(switchFigures({ atEnd })).toEqual({ switches });
    expect(switchFigures({ atEnd: { percpuRefused: 1 } }).switches?.refused).toBe(1);
    expect(switchFigures({ atEnd: { percpuLabels: 0 } })).toEqual({});
  });
});

describe("own and shared counts", () => {
  /** What one task's `lines` come to, with one reference for each open file. */
  const counts = (strategy: StrategyName, ...lines: readonly Line[]) => {
    const workload = makeWorkload({
      name: "small",
      scripts: [scriptOf([["switchTask", 0], ...lines])],
      population: { profiles: 1, tasks: 1, descriptorsPerTask: 4, threadsPerProcess: 1, channels: 0 },
      openAtCut: 0,
    });
    return countFigures(countedRun(kernel(strategy, { hooks: 611 }), workload, "s", 1 << 20)).counts;
  };

  it("are told by strategies that count in two places", () => {
    // The first open makes the task a user of its label.
    const pairs: Line[] = [0, 1].flatMap((fd): Line[] => [
      ["open", fd],
      ["close", fd],
    ]);
    expect(counts("cred-local", ...pairs)).toEqual({ own: 3, shared: 1, ownShare: 0.75 });
  });

  it("are shared where a file is closed under another label than it was opened under", () => {
    const within = counts("cred-local", ["open", 0], ["close", 0], ["changeProfile", 1]);
    const across = counts("cred-local", ["open", 0], ["changeProfile", 1], ["close", 0]);
    expect(within?.own).toBe((across?.own ?? 0) + 1);
    expect(across?.shared).toBe((within?.shared ?? 0) + 1);
  });

  it("are not there for strategies that count in one place", () => {
    expect(counts("kref", ["open", 0], ["close", 0])).toBeUndefined();
  });
});
