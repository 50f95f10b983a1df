/**
 * Every deliberate bug of strategies/broken/ is found by the program that its description names, with the verdict and under the
 * model that it names, and the schedule that shows it can be replayed and holds nothing superfluous.
 */
import { describe, expect, it } from "vitest";
import { type LinkedPrograms, prepareCheck, replayCheck, runCheck } from "../../src/checks/index.ts";
import { formatSchedule, parseSchedule } from "../../src/engines/check/index.ts";
import type { MemoryModel } from "../../src/engines/check/types.ts";
import { nodeHost, packageRoot } from "../../src/link/node-host.ts";
import { brokenStrategies, builtin, type TestedStrategy } from "../conformance/support.ts";
import { applies, models, programNamed, told } from "./checks.ts";

const host = nodeHost(packageRoot);
const linked: LinkedPrograms = new Map();

function expectedOf({ name, meta }: TestedStrategy) {
  const { expect: expected } = meta;
  if (expected === undefined) throw new Error(`${name}: its default export does not say what must be found`);
  return { ...expected, program: programNamed(expected.program) };
}

function prepare(strategy: TestedStrategy, model: MemoryModel) {
  return prepareCheck(expectedOf(strategy).program, strategy, { model }, host, linked);
}

const strategies = brokenStrategies().map((strategy) => [strategy.name, strategy] as const);

describe.each(strategies)("%s", (_name, strategy) => {
  const { verdict, model: shown, program } = expectedOf(strategy);
  // One search for what it finds and for the schedule that shows it.
  const searches = new Map<MemoryModel, ReturnType<typeof runCheck>>();
  const search = (model: MemoryModel) => {
    const known = searches.get(model) ?? runCheck(prepare(strategy, model));
    searches.set(model, known);
    return known;
  };

  it("names a program that applies to it, and a model", () => {
    expect(applies(program, strategy)).toBe(true);
    expect(models).toContain(shown);
  });

  it.each(models)(`is found in ${program.name} under %s if that model shows it`, async (model) => {
    const report = await search(model);
    const expected = shown === "tso" && model === "sc" ? "pass" : verdict;
    expect(report.verdict, told(report)).toBe(expected);
  });

  it("has a schedule that shows it again, and does not without any one of its steps", async () => {
    const model = shown === "tso" ? "tso" : "sc";
    const { finding } = await search(model);
    const schedule = finding?.schedule ?? "";
    const again = prepare(strategy, model);
    expect(replayCheck(again, schedule)).toMatchObject({
      breach: { verdict },
      stuckAt: -1,
      unfinished: false,
    });
    const steps = parseSchedule(schedule);
    const superfluous = steps.filter((_, left) => {
      const without = formatSchedule(steps.filter((_step, index) => index !== left));
      return replayCheck(again, without).breach?.verdict === verdict;
    });
    expect(superfluous).toEqual([]);
  });
});

it("the strategy that misses a fence is right once it has it", async () => {
  const strategy = builtin("broken/percpu-flag-without-fence");
  const fenced = { path: strategy.path, options: { fence: 1 } };
  const report = await runCheck(prepareCheck(expectedOf(strategy).program, fenced, { model: "tso" }, host));
  expect(report.verdict, told(report)).toBe("pass");
});
