/** What results keep of many values: buckets of a histogram, the course of a number over a run, and looks at labels that wait. */
import hdr from "hdr-histogram-js";
import { afterEach, describe, expect, it, vi } from "vitest";
import { bucketsOf } from "../../src/engines/histogram.ts";
import { Level } from "../../src/engines/level.ts";
import { BacklogWatch, backlogCells, lookEveryMs } from "../../src/engines/threads/backlog.ts";

function histogramOf(values: readonly number[], highestTrackableValue = 1e9) {
  const histogram = hdr.build({
    bitBucketSize: 32,
    numberOfSignificantValueDigits: 2,
    highestTrackableValue,
  });
  for (const value of values) histogram.recordValue(value);
  return histogram;
}

describe("buckets of a histogram", () => {
  it("begin and end with one that is not empty, and grow by one ratio", () => {
    const { upTo, counts } = bucketsOf(histogramOf([16, 17, 100, 100, 120])) ?? { upTo: [], counts: [] };
    expect(upTo).toEqual([16, 19.03, 22.63, 26.91, 32, 38.05, 45.25, 53.82, 64, 76.11, 90.51, 107.6, 128]);
    expect(counts).toEqual([1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 1]);
  });

  it("have each percentile of the histogram where it belongs", () => {
    const values = Array.from({ length: 500 }, (_, index) => (index * index * 37) % 90_001);
    const histogram = histogramOf(values);
    const { upTo, counts } = bucketsOf(histogram) ?? { upTo: [], counts: [] };
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(values.length);
    for (const percentile of [1, 50, 99, 100]) {
      const value = histogram.getValueAtPercentile(percentile);
      const bucket = upTo.findIndex((edge) => value <= edge);
      const below = counts.slice(0, bucket).reduce((sum, count) => sum + count, 0);
      expect(below).toBeLessThan((percentile / 100) * values.length);
      expect(below + (counts[bucket] ?? 0)).toBeGreaterThanOrEqual((percentile / 100) * values.length);
    }
  });

  it("become coarser where times differ by more than 60 of them span", () => {
    const half = bucketsOf(histogramOf([1, 2 ** 20 - 1]));
    expect(half?.counts).toHaveLength(41);
    expect(half?.upTo.slice(0, 3)).toEqual([1, half?.upTo[1], 2]);
    expect((half?.upTo[1] ?? 0) ** 2).toBeCloseTo(2, 2);
    const whole = bucketsOf(histogramOf([1, 2 ** 40 - 1], 2 ** 41));
    expect(whole?.counts).toHaveLength(41);
    expect(whole?.upTo.slice(0, 3)).toEqual([1, 2, 4]);
  });

  it("have other units, and a time of 0 in the first", () => {
    expect(bucketsOf(histogramOf([0, 1, 1]), 1000)).toEqual({ upTo: [0.001161], counts: [3] });
  });

  it("are none where nothing was measured", () => {
    expect(bucketsOf(histogramOf([]))).toBeNull();
  });
});

describe("the course of a number", () => {
  it("is exact as long as it has few changes", () => {
    const level = new Level(10);
    for (const [time, value] of [
      [0, 2],
      [15, 3],
      [16, 5],
      [40, 4],
      [41, 4],
    ] as const)
      level.add(time, value);
    expect(level.course(100)).toEqual({ at: [0, 15, 16, 40, 100], values: [2, 3, 5, 4, 4] });
    expect(level.course(20)).toEqual({ at: [0, 15, 16, 20], values: [2, 3, 5, 5] });
  });

  it("keeps its highest and its lowest value in bounded room, whatever the length", () => {
    const level = new Level(1);
    const end = 1_000_003;
    for (let time = 0; time < end; time += 7) {
      level.add(time, 103 + ((time + 3) % 11));
      if (time === 7 * 30_000) level.add(time + 1, 999);
      if (time === 7 * 40_000) level.add(time + 1, 1);
    }
    level.add(end, 50);
    const { at, values } = level.course(end);
    expect(at.length).toBeLessThanOrEqual(194);
    expect(at).toEqual([...at].sort((a, b) => a - b));
    expect(at[values.indexOf(999)]).toBe(210_001);
    expect(at[values.indexOf(1)]).toBe(280_001);
    expect([at.at(-1), values.at(-1)]).toEqual([end, 50]);
    expect([at[0], values[0]]).toEqual([0, 106]);
  });
});

describe("looks at labels that wait, while threads run", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  const constants = new Map(Object.entries({ cpuAreaBase: 0, cpuAreaBytes: 64, retirementCounters: 8 }));
  const watched = () => {
    vi.useFakeTimers();
    const cells = backlogCells(constants, 2);
    if (cells === undefined) throw new Error("no counters");
    const memory = new Int32Array(new SharedArrayBuffer(128));
    return { memory, begunNs: Number(process.hrtime.bigint()), watch: new BacklogWatch(memory, cells, 2) };
  };

  it("add up what all CPUs retired and freed, from the run's beginning to its end", () => {
    const { begunNs, memory, watch } = watched();
    vi.advanceTimersByTime(1);
    memory.set([5, 1], 2);
    vi.advanceTimersByTime(4);
    memory.set([1, 3], 18);
    vi.advanceTimersByTime(20);
    // Looks come every 2 ms. The run began 3 ms behind the first, and took 10.
    expect(watch.stop(begunNs + 3e6, 1e7)).toEqual({ atNs: [0, 3e6, 1e7], labels: [4, 2, 2] });
  });

  it("tell nothing where no label waited, and of a program without the counters", () => {
    const { begunNs, watch } = watched();
    vi.advanceTimersByTime(20);
    expect(watch.stop(begunNs, 1e7)).toBeUndefined();
    expect(backlogCells(new Map(), 2)).toBeUndefined();
  });

  it("come some 200 times in a run of known length, every millisecond at most", () => {
    expect([lookEveryMs(2000), lookEveryMs(50), lookEveryMs(null)]).toEqual([10, 1, 5]);
  });
});
