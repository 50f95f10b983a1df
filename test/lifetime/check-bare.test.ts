/**
 * The bare programs of the catalogue, all interleavings under both memory models: what is right passes, and every deliberate
 * bug is found, under the model that shows it and not under the other.
 */
import { describe, expect, it } from "vitest";
import { type CheckProgram, checkPrograms } from "../../src/checks/index.ts";
import type { MemoryModel } from "../../src/engines/check/types.ts";
import { BookMark } from "../../src/engines/check/world.ts";
import { Mark } from "../../src/kernel/core/marks.ts";
import { builtin, type TestedStrategy, testedStrategies } from "../conformance/support.ts";
import { applies, check, models, programNamed, told } from "./checks.ts";

const bare = checkPrograms.filter((program) => program.kind === "bare");

/** Each deliberate bug of a program gets its verdict under `model`, by both searches. */
function findsBugs(program: CheckProgram, strategy: TestedStrategy | null, model: MemoryModel): void {
  for (const { value, title, verdict, model: shown, bounds = {} } of program.broken ?? []) {
    const expected = shown === "tso" && model === "sc" ? "pass" : verdict;
    it(`${program.name} gets ${expected} under ${model} where ${title}`, async () => {
      for (const explorer of ["states", "dpor"] as const) {
        const choice = { model, bounds, options: { broken: value } };
        const report = await check(program, strategy, choice, explorer);
        expect(report.verdict, `${explorer}: ${told(report)}`).toBe(expected);
      }
    });
  }
}

describe("the catalogue", () => {
  it("names each program once", () => {
    const names = checkPrograms.map((program) => program.name);
    expect(new Set(names).size).toBe(names.length);
  });

  it("numbers the marks of the checker's books as the kernel does", () => {
    const { released, holderTaken, holderDropped } = Mark;
    expect(BookMark).toMatchObject({ released, holderTaken, holderDropped });
  });
});

describe("strategies", () => {
  for (const strategy of testedStrategies()) {
    for (const program of bare.filter((entry) => entry.strategy && applies(entry, strategy))) {
      for (const model of models) {
        const title = `${strategy.name} passes ${program.name} under ${model}`;
        it(title, { timeout: 180_000 }, async () => {
          expect(told(await check(program, strategy, { model }))).toBe("pass");
        });
      }
    }
  }
});

describe("programs without a strategy", () => {
  for (const program of bare.filter((entry) => !entry.strategy)) {
    for (const model of models) {
      it(`${program.name} passes under ${model}`, async () => {
        expect(told(await check(program, null, { model }))).toBe("pass");
      });
      findsBugs(program, null, model);
    }
  }
});

describe("deliberate bugs of programs for one strategy", () => {
  for (const program of bare.filter(({ broken }) => broken !== undefined)) {
    const [name] = program.needs?.strategies ?? [];
    if (!program.strategy || name === undefined) continue;
    for (const model of models) findsBugs(program, builtin(name), model);
  }
});

describe("counts that are known beforehand", () => {
  it("of get-put with kref: all orders of the atomic operations, and nothing else", async () => {
    const program = programNamed("get-put");
    for (const model of models) {
      // Three users with two operations each on one counter: 6! / (2!)^3.
      const three = await check(program, builtin("kref"), { model }, "dpor");
      expect(three.result.executions).toBe(90);
      const two = await check(program, builtin("kref"), { model, bounds: { users: 2, rounds: 2 } }, "dpor");
      expect(two.result.executions).toBe(70);
    }
  });

  it("of the steps of a creator in rcu-list while an update of the whole set runs: bounded, however many there are", async () => {
    const program = programNamed("set-no-wait-rcu-list");
    for (const model of models) {
      for (const creators of [1, 2]) {
        // The update has the lock until all of them are done, so none of these steps is one of waiting for it.
        const report = await check(program, builtin("kref"), { model, bounds: { creators } }, "dpor");
        expect(told(report)).toBe("pass");
        expect(report.result.ownSteps?.slice(0, creators)).toEqual(Array(creators).fill(60));
      }
    }
  });

  it("are those that the catalogue says", async () => {
    for (const program of bare) {
      for (const model of models) {
        const { strategy, states, traces } = program.exact?.[model] ?? {};
        const used = strategy === undefined ? null : builtin(strategy);
        if (states !== undefined) expect((await check(program, used, { model })).result.states).toBe(states);
        if (traces !== undefined)
          expect((await check(program, used, { model }, "dpor")).result.executions).toBe(traces);
      }
    }
  });
});
