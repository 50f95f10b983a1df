import { describe, expect, it } from "vitest";
import { measureStrategies, measures } from "../../src/bench/measure.ts";
import { compileHere, strategyFile } from "../../src/bench/programs.ts";

describe("measuring strategies", () => {
  const strategies = [{ name: "none", path: strategyFile("none") }];

  it("runs every measure on threads, in as many rounds as asked for", async () => {
    const told: number[] = [];
    const report = await measureStrategies(
      {
        strategies,
        rounds: 2,
        runMs: 0.1,
        signal: new AbortController().signal,
        onProgress: (_doing, fraction) => told.push(fraction),
      },
      compileHere,
    );
    expect([report.interrupted, report.rounds]).toEqual([false, 2]);
    const left = report.notes.filter((note) => note.includes("is left out")).length;
    const figures = Object.values(report.results[0]?.figures ?? {});
    expect(figures.map(({ rounds }) => rounds)).toEqual(
      Array.from({ length: measures.length - left }, () => 2),
    );
    expect(told).toEqual([...told].sort((a, b) => a - b));
    expect(told.at(-1)).toBe(1);
  });

  it("ends with what is done once it is told to stop", async () => {
    const abort = new AbortController();
    const onProgress = (doing: string): void => {
      if (doing.startsWith("tryGet")) abort.abort();
    };
    const request = { strategies, rounds: 2, runMs: 0.1, signal: abort.signal, onProgress };
    const { interrupted, results, rounds } = await measureStrategies(request, compileHere);
    expect([interrupted, rounds]).toEqual([true, 2]);
    expect(Object.keys(results[0]?.figures ?? {})).toEqual(["getPut"]);
  });
});
