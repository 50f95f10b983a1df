/** Runs a split history on the reference engine and says what is wrong afterwards. */
import { type ActorSpec, ReferenceEngine } from "../../src/engines/reference/index.ts";
import { Audit } from "../../src/kernel/audit.ts";
import { bootArguments } from "../../src/kernel/boot-arguments.ts";
import { RbFault } from "../../src/kernel/core/rb-check.ts";
import type { SteppedProgram } from "../../src/link/stepped/index.ts";
import { population, profileNames } from "./policy-history.ts";
import { Complaints, checkRules } from "./policy-history-check.ts";
import { holderNames } from "./policy-history-model.ts";
import { cpus, type SplitScripts } from "./policy-history-split.ts";
import { labelsAmong, PolicyView } from "./policy-history-view.ts";
import { scriptOf } from "./support.ts";

/** What must be so once policy rests and every task has its last label; the engine says nothing of it. */
export function checkEnd(view: PolicyView, split: SplitScripts, wrong: Complaints): void {
  for (const [profile, address] of view.listed().entries()) {
    const is = split.policy.isListed(profile);
    wrong.unless(
      (address !== 0) === is,
      () => `${JSON.stringify(profileNames[profile])} is ${is ? "not " : ""}there`,
    );
  }
  const holders = view.holders();
  for (const [task, names] of split.labels) {
    const label = view.label(view.newest(holders.get(holderNames.task(task)) ?? 0));
    const found = label.profiles.map((profile) => view.nameOf(profile)).sort((a, b) => a - b);
    const wanted = [...names].sort((a, b) => a - b);
    wrong.unless(
      String(found) === String(wanted),
      () => `task ${task} has ${view.text(label)}, not ${wanted}`,
    );
  }
}

const memoryBytes = 1 << 20;
const engineCpus = cpus + 1;

/** Under the schedule of `seed`; null where all is well. */
export function wrongUnder(program: SteppedProgram, split: SplitScripts, seed: string): string | null {
  // RCU callbacks run on a CPU of their own.
  const engine = new ReferenceEngine(program, {
    memoryBytes,
    cpus: engineCpus,
    seed,
    scripts: split.scripts.map(scriptOf),
    record: false,
  });
  const softirq: ActorSpec = { cpu: cpus, entry: "softirq", args: [cpus], role: "softirq" };
  const one = (entry: string, ...args: number[]): ActorSpec => ({ cpu: 0, entry, args, role: "script" });
  const each = (entry: string, more: (cpu: number) => number[]): ActorSpec[] =>
    split.scripts.map((_, cpu) => ({ cpu, entry, args: [cpu, ...more(cpu)], role: "script" }));
  const ask = (entry: string, args: readonly (readonly number[])[]): number[] => {
    engine.run(args.map((own) => one(entry, ...own)));
    return args.map((_, at) => engine.returnedBy(at));
  };
  const wrong = new Complaints();
  engine.run([one("boot", ...bootArguments(population(0)))]);
  for (let cpu = 0; cpu < engineCpus; cpu++) {
    engine.run([{ cpu, entry: "bootCpu", args: [cpu], role: "script" }]);
  }
  engine.run([one("run", 0, split.preparing), softirq]);
  const { constants } = program;
  const names = ask(
    "nameAt",
    profileNames.map((_, index) => [index]),
  );
  const view = new PolicyView({ read: (address) => engine.memory[address >> 2] ?? 0, constants }, names);
  const look = (when: string): void => {
    if (engine.world.halted) return;
    const [fault = 0] = ask("checkSets", [[]]);
    wrong.unless(fault === RbFault.none, () => `${when}, a set's tree: ${RbFault[fault]}`);
    checkRules(view, labelsAmong(engine.world.shadow?.live() ?? []), wrong);
  };
  // 0 would be everything.
  const busy = each("run", (cpu) => [split.running[cpu] ?? 0]).filter(({ args }) => args[1] !== 0);
  engine.run([...busy, softirq]);
  look("when policy rests");
  engine.run([...each("run", () => [0]), softirq]);
  look("at the end");
  if (!engine.world.halted) checkEnd(view, split, wrong);
  engine.run([...each("teardown", () => []), softirq]);
  engine.run([one("dismantle"), softirq]);
  const counters = [Audit.allViolations, Audit.allWarnings, Audit.allScriptErrors, Audit.percpuBytesInUse];
  for (const [at, value] of ask(
    "audit",
    counters.map((counter) => [counter]),
  ).entries()) {
    wrong.unless(value === 0, () => `${Audit[counters[at] ?? 0]}: ${value}`);
  }
  for (const { verdict, detail, chain } of engine.finish().violations) {
    const at = chain.map((frame) => `${frame.function} ${frame.file}:${frame.line}`).join(" > ");
    wrong.lines.push(`${verdict}: ${detail} (${at})`);
  }
  return wrong.lines.length === 0 ? null : `schedule "${seed}":\n${wrong.lines.join("\n")}`;
}
