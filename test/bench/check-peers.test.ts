import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { describe, expect, it } from "vitest";
import { bareAims, hookAim } from "../../bench/lib/check/aims.ts";
import { checkParts, parseCheckOptions } from "../../bench/lib/check/options.ts";
import { ratios, type SpinComparison } from "../../bench/lib/check/spin.ts";
import { findSpin, modelPath, parsePan, promelaModels, Verifier } from "../../bench/peers/promela.ts";
import { checkPrograms } from "../../src/checks/index.ts";

const programNamed = (name: string) => checkPrograms.find((program) => program.name === name);

describe.each(promelaModels.map((model) => [model.name, model] as const))("the model %s", (_name, model) => {
  const text = readFileSync(modelPath(model), "utf8");

  it("has a macro for every bound of the program that it shares, and nothing else to set", () => {
    const bounds = [...Object.keys(model.macros), ...Object.keys(model.fixed)];
    expect(bounds.sort()).toEqual(Object.keys(programNamed(model.name)?.bounds ?? {}).sort());
    const settable = [...text.matchAll(/^#ifndef (\w+)$/gm)].map((match) => match[1]);
    expect(settable.sort()).toEqual([...Object.values(model.macros), "BUG"].sort());
  });

  it("is compared with bounds that the program takes", () => {
    const program = programNamed(model.name);
    expect(Object.keys(model.bounds)).toEqual(Object.keys(model.macros));
    for (const [name, value] of Object.entries({ ...model.fixed, ...model.bounds })) {
      const bound = program?.bounds[name];
      expect(value).toBeGreaterThanOrEqual(bound?.min ?? Number.NaN);
      expect(value).toBeLessThanOrEqual(bound?.max ?? Number.NaN);
    }
  });

  it("tells of every bug that it can be given", () => {
    for (const index of model.bugs.keys()) expect(text).toContain(`BUG ${index + 1}: `);
    expect(text).not.toContain(`BUG ${model.bugs.length + 1}: `);
  });
});

describe("the folder of models", () => {
  it("holds those that are compared and no others", () => {
    const [first] = promelaModels;
    if (first === undefined) throw new Error("there is no model");
    const found = readdirSync(dirname(modelPath(first))).sort();
    expect(found).toEqual(promelaModels.map((model) => basename(modelPath(model))).sort());
  });
});

// Without SPIN there is nothing to compare with, and the benchmark says so.
const tools = findSpin();
describe.skipIf(typeof tools === "string")("SPIN", () => {
  const small = { users: 2, readers: 2, rounds: 1, writers: 2 };
  it.each(promelaModels.map((model) => [model.name, model] as const))(
    "finds no error in %s, and one for each planted bug",
    (_name, model) => {
      if (typeof tools === "string") return;
      const errorsWith = (bug: number): number => {
        const bounds = Object.fromEntries(
          Object.keys(model.macros).map((name) => [name, small[name as keyof typeof small]]),
        );
        const verifier = Verifier.build(tools, model, bounds, { bug, level: "-O0" });
        try {
          return verifier.run(18).errors;
        } finally {
          verifier.remove();
        }
      };
      expect([0, ...model.bugs].map((_, bug) => errorsWith(bug))).toEqual([0, ...model.bugs.map(() => 1)]);
    },
  );
});

describe("a verifier's report", () => {
  const report = `State-vector 36 byte, depth reached 27, errors: 0
      520 states, stored
 3.0032509e+08 transitions (= stored+matched)

pan: elapsed time 1.25 seconds
0m0.000s 0m0.001s
0m1.200s 0m0.050s`;

  it("is read number by number", () => {
    const read = { errors: 0, states: 520, transitions: 300_325_090, searchMs: 1250, cpuMs: 1250, depth: 27 };
    expect(parsePan(report)).toEqual(read);
  });

  it("is refused where the search was cut off", () => {
    expect(() => parsePan(`error: max search depth too small\n${report}`)).toThrow("did not see everything");
    expect(() => parsePan(`Warning: Search not completed\n${report}`)).toThrow("did not see everything");
    expect(() => parsePan("Segmentation fault")).toThrow("errors:");
  });
});

describe("the ratio to SPIN", () => {
  it("is that of the times added up, with the geometric mean beside it", () => {
    const both = (medianMs: number) => ({
      warm: { medianMs, spread: 0 },
      cpu: { medianMs: medianMs / 2, spread: 0 },
    });
    const comparison = (warmMs: number, coldMs: number, spinMs: number): SpinComparison => ({
      program: "p",
      bounds: {},
      ours: { states: 1, transitions: 1, coldMs, ...both(warmMs) },
      spin: { states: 1, transitions: 1, ...both(spinMs) },
    });
    const found = ratios([comparison(100, 200, 400), comparison(400, 800, 100)]);
    expect(found).toEqual({ totalRatio: 1, cpuRatio: 1, coldTotalRatio: 2, meanRatio: 1 });
  });
});

describe("what must be reached", () => {
  it("names programs of the catalogue and bounds that they take", () => {
    for (const { program: name, bounds, beyond } of [...bareAims, hookAim]) {
      const program = programNamed(name);
      expect(program?.name).toBe(name);
      for (const [bound, value] of [bounds, ...beyond].flatMap((one) => Object.entries(one))) {
        expect(program?.bounds[bound]?.max ?? Number.NaN).toBeGreaterThanOrEqual(value);
      }
    }
  });
});

describe("the command line", () => {
  const parse = (...args: string[]) => parseCheckOptions(args, { exit: false });

  it("runs everything with the limits of the project unless told otherwise", () => {
    const all = { parts: new Set(checkParts), limitS: 60, beyond: false, rounds: 5, json: false };
    expect(parse()).toEqual(all);
  });

  it("takes several parts, a limit and a number of rounds", () => {
    const some = parse("--only", "spin", "reach", "--limit-s", "10", "--rounds", "3", "--beyond", "--json");
    expect(some).toEqual({
      parts: new Set(["spin", "reach"]),
      limitS: 10,
      beyond: true,
      rounds: 3,
      json: true,
    });
  });

  it("refuses parts that do not exist and limits that are no numbers", () => {
    expect(() => parse("--only", "abacus")).toThrow("There are: reach, broken, litmus, dpor, spin.");
    expect(() => parse("--limit-s", "soon")).toThrow("whole number");
  });
});
