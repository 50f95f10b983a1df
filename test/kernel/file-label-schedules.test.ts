/**
 * A file's label where tasks of different profiles use the file at the same time, under random schedules: whoever comes second finds
 * the label that he merged with replaced, and begins again. Else what the first one added would be lost.
 */
import { describe, expect, it } from "vitest";
import { type ActorSpec, ReferenceEngine } from "../../src/engines/reference/index.ts";
import { bootArguments } from "../../src/kernel/boot-arguments.ts";
import type { LabelPart } from "../../src/policy/label-parts.ts";
import { printLabel } from "../../src/policy/print-label.ts";
import { everythingThere, naming, population, profileNames, type Step } from "./policy-history.ts";
import { Complaints, checkRules } from "./policy-history-check.ts";
import { holderNames } from "./policy-history-model.ts";
import { recordsOf, taskOf } from "./policy-history-records.ts";
import { policyStage } from "./policy-history-run.ts";
import { labelsAmong, PolicyView } from "./policy-history-view.ts";
import { change, fork, open, use } from "./policy-story.ts";
import { type Line, scriptOf } from "./support.ts";

const read = 4;
const linesOf = (step: Step): Line[] => [["switchTask", taskOf(step)], ...recordsOf(step)];

/** Task 0 has opened a file under p; tasks 1 and 2, under q and r, read it at once. What the file has then, and what is wrong. */
function readByTwo(labelSet: number, seed: string): { label: string; wrong: string[] } {
  const program = policyStage("kref", labelSet);
  // Task 1 last: it stays on CPU 0.
  const shared = [change(0, "p"), open(0, 0), fork(0, 1), fork(0, 2), change(2, ":a:r"), change(1, "q")];
  const prepared = [...naming(), ...[...everythingThere, ...shared].flatMap(linesOf)];
  const scripts = [[...prepared, ...linesOf(use(1, 0, read))], linesOf(use(2, 0, read))];
  const cpus = scripts.length;
  const engine = new ReferenceEngine(program, {
    memoryBytes: 1 << 20,
    cpus: cpus + 1,
    seed,
    scripts: scripts.map(scriptOf),
    record: false,
  });
  const softirq: ActorSpec = { cpu: cpus, entry: "softirq", args: [cpus], role: "softirq" };
  const one = (entry: string, ...args: number[]): ActorSpec => ({ cpu: 0, entry, args, role: "script" });
  const each = (entry: string, ...args: number[]): ActorSpec[] =>
    scripts.map((_, cpu) => ({ cpu, entry, args: [cpu, ...args], role: "script" }));
  engine.run([one("boot", ...bootArguments(population(0)))]);
  for (let cpu = 0; cpu <= cpus; cpu++) engine.run([{ cpu, entry: "bootCpu", args: [cpu], role: "script" }]);
  engine.run([one("run", 0, prepared.length), softirq]);
  const names = profileNames.map((_, index) => {
    engine.run([one("nameAt", index)]);
    return engine.returnedBy(0);
  });
  const view = new PolicyView(
    { read: (address) => engine.memory[address >> 2] ?? 0, constants: program.constants },
    names,
  );
  engine.run([...each("run", 0), softirq]);
  const wrong = new Complaints();
  checkRules(view, labelsAmong(engine.world.shadow?.live() ?? []), wrong);
  const file = view.label(view.holders().get(holderNames.file(0, 0)) ?? 0);
  const label = printLabel(file.profiles.map((one) => profileNames[view.nameOf(one)] as LabelPart));
  engine.run([...each("teardown"), softirq]);
  engine.run([one("dismantle"), softirq]);
  for (const { verdict, detail } of engine.finish().violations) wrong.lines.push(`${verdict}: ${detail}`);
  return { label, wrong: wrong.lines };
}

describe.each([
  ["rwlock", 0],
  ["seqlock", 1],
  ["rcu-list", 2],
] as const)("with the label set %s", (_, labelSet) => {
  it("a file has the profiles of all who used it, in whichever order they did", () => {
    for (let seed = 0; seed < 8; seed++) {
      const { label, wrong } = readByTwo(labelSet, `readers ${seed}`);
      expect([seed, label, wrong]).toEqual([seed, "p//&q//&:a:r", []]);
    }
  });
});
