/** The kernel-level programs of the catalogue, all interleavings under both memory models, with every strategy that is right. */
import { describe, expect, it } from "vitest";
import { policyPrograms } from "../../src/checks/hooks-policy.ts";
import { type CheckProgram, checkPrograms } from "../../src/checks/index.ts";
import { packageRoot } from "../../src/link/node-host.ts";
import { type TestedStrategy, testedStrategies } from "../conformance/support.ts";
import { applies, check, modelsFor, told } from "./checks.ts";

// Those in which policy changes have a test of their own.
const programs = checkPrograms.filter(
  (program) => program.kind === "hooks" && !policyPrograms.includes(program),
);

/** Bounds below the defaults where those take long: a removal that waits for a grace period costs most states. */
function boundsFor({ name }: CheckProgram, { meta }: TestedStrategy): Readonly<Record<string, number>> {
  return name === "open-close-vs-remove" && meta.capabilities.releases !== "lastPut" ? { tasks: 1 } : {};
}

/** What the kernel must refuse in every order: of two removals of one profile the later finds nothing. */
const refused: Readonly<Record<string, number>> = { "two-removals": 1 };

// Without the README's example, which counts as kref does: check-bare.test.ts has it.
const tested = testedStrategies().filter(
  ({ path }) => path.startsWith(packageRoot) || process.env.REFPLAY_STRATEGY !== undefined,
);
const fits = (strategy: TestedStrategy) => programs.some((program) => applies(program, strategy));

describe.each(tested.filter(fits).map((strategy) => [strategy.name, strategy] as const))(
  "with %s",
  (_name, strategy) => {
    const fitting = programs.filter((program) => applies(program, strategy));

    describe.each(fitting.map((program) => [program.name, program] as const))("%s", (name, program) => {
      it.each(modelsFor(program, strategy))(
        "passes under %s",
        async (model) => {
          const report = await check(program, strategy, { model, bounds: boundsFor(program, strategy) });
          expect(told(report)).toBe("pass");
          const last = (place: number) =>
            new Set(report.result.outcomes.map((outcome) => Number(outcome.split(",").at(-place))));
          expect(last(1), "script errors").toEqual(new Set([0]));
          if (name in refused) expect(last(2), "policy errors").toEqual(new Set([refused[name]]));
        },
        180_000,
      );
    });
  },
);

it.each(tested.filter((strategy) => !fits(strategy)).map(({ name, meta }) => [name, meta] as const))(
  "%s is checked by none of them, because it never releases a label",
  (_name, meta) => {
    expect(meta.capabilities.releases).toBe("never");
  },
);
