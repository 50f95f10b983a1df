import { describe, expect, it } from "vitest";
import { layMemoryRing, layRing } from "../../src/calibrate/layout.ts";
import { memoryBytesFor } from "../../src/calibrate/measure.ts";
import { measureSteps, type Step } from "../../src/calibrate/rounds.ts";
import { figureOf, outliers, rounded } from "../../src/calibrate/statistics.ts";

describe("a figure", () => {
  it("is the median with the median distance from it", () => {
    const figure = figureOf([10, 12, 11, 50, 9], 1);
    expect(figure).toEqual({ medianNs: 11, madNs: 1, minNs: 9, maxNs: 50, rounds: 5, repeated: 1 });
  });

  it("has outliers where a round is far off, and none where rounds hardly differ", () => {
    expect(outliers([10, 12, 11, 50, 9])).toEqual([3]);
    expect(outliers([10, 10, 10, 10.4, 9.6])).toEqual([]);
    expect(outliers([10, 10, 10, 10.6])).toEqual([3]);
    expect(outliers([])).toEqual([]);
  });

  it("is rounded to what it is worth", () => {
    expect([0.1306, 6.449, 74.06, 225.4].map(rounded)).toEqual([0.13, 6.45, 74.1, 225]);
  });
});

describe("interleaved rounds", () => {
  /** Steps that return these times, the last one again and again, and the order in which they were done. */
  const scripted = (scripts: Readonly<Record<string, readonly number[]>>) => {
    const order: string[] = [];
    const steps = Object.entries(scripts).map(([doing, times]): Step => {
      let call = 0;
      return {
        doing,
        run: async () => {
          order.push(doing);
          return times[Math.min(call++, times.length - 1)] as number;
        },
      };
    });
    return { order, steps };
  };

  it("do every step in turn and throw the first time away", async () => {
    const { order, steps } = scripted({ a: [100, 1, 2, 3], b: [7, 8, 9, 10] });
    const figures = await measureSteps(steps, { rounds: 3 });
    expect(order.join("")).toBe("abababab");
    expect(figures.map(({ medianNs, rounds }) => [medianNs, rounds])).toEqual([
      [2, 3],
      [9, 3],
    ]);
  });

  it("measure outliers again", async () => {
    const { order, steps } = scripted({ a: [0, 10, 10, 90, 10, 10, 10.2], b: [5] });
    const [a, b] = await measureSteps(steps, { rounds: 5 });
    expect(a).toMatchObject({ medianNs: 10, maxNs: 10.2, repeated: 1, rounds: 5 });
    expect(b).toMatchObject({ medianNs: 5, repeated: 0 });
    expect(order.length).toBe(2 * 6 + 1);
  });

  it("give up on a host that is never quiet, and let the spread show it", async () => {
    const { order, steps } = scripted({ a: [0, 10, 10, 10, 10, 90] });
    const [a] = await measureSteps(steps, { rounds: 5 });
    expect(a).toMatchObject({ medianNs: 10, maxNs: 90, repeated: 3 });
    expect(order.length).toBe(6 + 3);
  });

  it("stop at once when aborted", async () => {
    const abort = new AbortController();
    let runs = 0;
    const step: Step = {
      doing: "a",
      run: async () => {
        if (++runs === 2) abort.abort(new Error("enough"));
        return 1;
      },
    };
    await expect(measureSteps([step], { rounds: 9, signal: abort.signal })).rejects.toThrow("enough");
    expect(runs).toBe(2);
  });

  it("tell how far they are", async () => {
    const seen: [string, number][] = [];
    const { steps } = scripted({ a: [1], b: [1] });
    await measureSteps(steps, { rounds: 1, onProgress: (doing, fraction) => seen.push([doing, fraction]) });
    expect(seen).toEqual([
      ["a", 0],
      ["b", 0.25],
      ["a", 0.5],
      ["b", 0.75],
    ]);
  });
});

describe("a ring of lines", () => {
  /** Addresses in the order of a walk that ends where it began. */
  const walk = (cells: Int32Array, first: number): number[] => {
    const seen = [first];
    for (let at = cells[first / 4] as number; at !== first; at = cells[at / 4] as number) {
      seen.push(at);
      if (seen.length > cells.length) throw new Error("the ring never ends");
    }
    return seen;
  };

  it("comes by every line once, and not in their order", () => {
    const cells = new Int32Array(4096);
    layRing(cells, 1024, 64, "lines");
    const seen = walk(cells, 1024);
    expect(seen.toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 64 }, (_, line) => 1024 + 128 * line),
    );
    const steps = seen.map((at, index) => Math.abs(at - (seen[index - 1] ?? at)));
    expect(steps.filter((step) => step === 128).length).toBeLessThan(16);
  });

  it("through memory comes by eight lines of every page, page by page", () => {
    const cells = new Int32Array((2 ** 16 + 2 ** 18) / 4);
    const first = layMemoryRing(cells, 2 ** 16, 2 ** 18, "memory");
    const seen = walk(cells, first);
    expect(seen.length).toBe(8 * 64);
    expect(new Set(seen.map((at) => Math.floor(at / 128))).size).toBe(8 * 64);
    const pages = seen.map((at) => Math.floor(at / 4096));
    expect(new Set(pages).size).toBe(64);
    expect(pages.filter((page, index) => page !== pages[index - 1]).length).toBe(64);
    expect(Math.min(...seen)).toBeGreaterThanOrEqual(2 ** 16);
    expect(Math.max(...seen)).toBeLessThan(2 ** 16 + 2 ** 18);
  });

  it("is twice as large as L3, and none where there is no room for that", () => {
    const [mebi, gibi] = [2 ** 20, 2 ** 30];
    expect(memoryBytesFor(300 * mebi, 8 * gibi)).toBe(600 * mebi);
    expect(memoryBytesFor(null, 8 * gibi)).toBe(256 * mebi);
    expect(memoryBytesFor(800 * mebi, 64 * gibi)).toBe(0);
    expect(memoryBytesFor(300 * mebi, gibi)).toBe(0);
  });
});
