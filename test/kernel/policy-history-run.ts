/** Runs a history on one CPU, step by step, beside the model. */
import { createDirect } from "../../src/engines/reference/index.ts";
import { Audit, PolicyError } from "../../src/kernel/audit.ts";
import { bootArguments } from "../../src/kernel/boot-arguments.ts";
import { RbFault } from "../../src/kernel/core/rb-check.ts";
import type { SteppedProgram } from "../../src/link/stepped/index.ts";
import { builtin, steppedTestProgram } from "../conformance/support.ts";
import { maxLabelParts, naming, population, profileNames, type Step, stepText } from "./policy-history.ts";
import { AgainstModel, Complaints, checkRules } from "./policy-history-check.ts";
import { type Answer, HistoryModel, type ModelState } from "./policy-history-model.ts";
import { hasAnswer, recordsOf, taskOf } from "./policy-history-records.ts";
import { labelsAmong, PolicyView } from "./policy-history-view.ts";
import { type Line, type StrategyName, scriptOf } from "./support.ts";

/** The kernel with a view into it, verifying. */
export function policyStage(strategy: StrategyName, labelSet: number): SteppedProgram {
  const options = { verify: 1, percpuBytes: 1024, quarantine: 8, labelSet, maxLabelParts };
  return steppedTestProgram("policy-stage", builtin(strategy), options);
}

interface PlannedStep {
  readonly step: Step;
  readonly records: number;
  readonly expected: Answer;
  readonly state: ModelState;
}

/** Steps that the model takes, with the script that does them: names and the first switch, then the steps'. */
function plan(steps: readonly Step[]): { lines: Line[]; steps: PlannedStep[]; refusedFileLabels: number } {
  const model = new HistoryModel();
  const lines: Line[] = naming();
  const planned: PlannedStep[] = [];
  for (const step of steps) {
    const expected = model.take(step);
    if (expected === null) continue;
    const records: Line[] = step.do === "grace" ? [] : [["switchTask", taskOf(step)], ...recordsOf(step)];
    if (hasAnswer(step)) records.push(["answer", planned.length]);
    lines.push(...records);
    planned.push({ step, records: records.length, expected, state: model.state() });
  }
  return { lines, steps: planned, refusedFileLabels: model.refusedFileLabels };
}

const memoryBytes = 1 << 20;

/** What differs from the model or is against the rules, with the step after which it was seen; null where nothing is. */
export function differences(program: SteppedProgram, steps: readonly Step[], leaks: boolean): string | null {
  const planned = plan(steps);
  const machine = createDirect(program, {
    scripts: [scriptOf(planned.lines)],
    memoryWords: memoryBytes / 4,
  });
  const audit = (counter: Audit): number => machine.call("audit", [counter]);
  machine.call("boot", bootArguments(population(planned.steps.length)));
  machine.call("run", [0, naming().length]);
  const { constants } = program;
  const names = profileNames.map((_, index) => machine.call("nameAt", [index]));
  const view = new PolicyView({ read: (address) => machine.read(address), constants }, names);
  const model = new AgainstModel();
  const refused = new Map<number, number>();
  for (const [at, { step, records, expected, state }] of planned.steps.entries()) {
    const wrong = new Complaints();
    try {
      if (step.do === "grace") machine.gracePeriod(0);
      else machine.call("run", [0, records]);
    } catch (error) {
      wrong.lines.push(String(error));
    }
    if (hasAnswer(step)) {
      const answer = audit(Audit.answers + at);
      wrong.unless(
        answer === PolicyError[expected],
        () => `the answer is ${PolicyError[answer]}, not ${expected}`,
      );
    }
    const error = PolicyError[expected];
    refused.set(error, (refused.get(error) ?? 0) + 1);
    model.check(view, state, wrong);
    checkRules(view, labelsAmong(machine.liveObjects()), wrong);
    const fault = machine.call("checkSets");
    wrong.unless(fault === RbFault.none, () => `a set's tree: ${RbFault[fault]}`);
    if (wrong.lines.length > 0) return `after ${at + 1}, "${stepText(step)}":\n${wrong.lines.join("\n")}`;
  }
  const wrong = new Complaints();
  for (const [error, times] of refused) {
    if (error === PolicyError.done) continue;
    const counted = audit(Audit.policyErrors + error);
    wrong.unless(counted === times, () => `${PolicyError[error]} was counted ${counted} times, not ${times}`);
  }
  const { refusedFileLabels } = planned;
  const notMerged = audit(Audit.fileMergesRefused);
  wrong.unless(
    notMerged === refusedFileLabels,
    () => `${notMerged} files kept their labels, not ${refusedFileLabels}`,
  );
  const settle = (): void => {
    while (machine.gracePeriod(0) > 0);
  };
  machine.call("teardown", [0]);
  settle();
  machine.call("dismantle");
  settle();
  for (const counter of [Audit.allViolations, Audit.allWarnings, Audit.allScriptErrors]) {
    wrong.unless(audit(counter) === 0, () => `${Audit[counter]}: ${audit(counter)}`);
  }
  if (leaks) {
    const left = machine.liveObjects().length;
    wrong.unless(left === 0 && audit(Audit.objects) === 0, () => `${left} objects were leaked`);
    wrong.unless(audit(Audit.percpuBytesInUse) === 0, () => "per-CPU memory was leaked");
  }
  return wrong.lines.length > 0 ? `at the end:\n${wrong.lines.join("\n")}` : null;
}
