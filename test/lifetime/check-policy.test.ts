/**
 * Changes of policy under its users, through the kernel, all interleavings under both memory models and with all label sets; with
 * every strategy that each program is for.
 */
import { describe, expect, it } from "vitest";
import { policyPrograms } from "../../src/checks/hooks-policy.ts";
import { packageRoot } from "../../src/link/node-host.ts";
import { testedStrategies } from "../conformance/support.ts";
import { applies, check, modelsFor, programNamed, told } from "./checks.ts";

/** Further bounds of some programs, with one label set, which stands for all: what they add is not in the set. */
const further: readonly (readonly [name: string, bounds: Readonly<Record<string, number>>])[] = [
  ["destroy-namespace-rcu-list", { users: 0, stacked: 1, finders: 0 }],
  ["remove-vs-newest-rcu-list", { inside: 1 }],
];

// Without the README's example, which counts as kref does: check-bare.test.ts has it.
const tested = testedStrategies().filter(
  ({ path }) => path.startsWith(packageRoot) || process.env.REFPLAY_STRATEGY !== undefined,
);

for (const strategy of tested) {
  const fitting = policyPrograms.filter((program) => applies(program, strategy));
  if (fitting.length === 0) continue;
  describe(`with ${strategy.name}`, () => {
    for (const program of fitting) {
      const others = further.filter(([name]) => name === program.name).map(([, bounds]) => bounds);
      for (const bounds of [{}, ...others]) {
        const title = `${program.name} ${JSON.stringify(bounds)} passes under %s`;
        it.each(modelsFor(program, strategy))(title, { timeout: 180_000 }, async (model) => {
          const report = await check(program, strategy, { model, bounds });
          expect(told(report)).toBe("pass");
          const errors = report.result.outcomes.map((outcome) => Number(outcome.split(",").at(-1)));
          expect(new Set(errors)).toEqual(new Set([0]));
        });
      }
    }
  });
}

it("further bounds are of programs that there are", () => {
  for (const [name, bounds] of further) {
    expect(Object.keys(programNamed(name).bounds)).toEqual(expect.arrayContaining(Object.keys(bounds)));
  }
});
