/** The scripts of one round, and what must be there when they are over. Same plan, same scripts. */
import { Event } from "../../src/kernel/events.ts";
import { labelPopulation } from "../../src/policy/population.ts";
import { populationSetup } from "../../src/workloads/policy-script.ts";
import { Random } from "../../src/workloads/random.ts";
import { recordCells, ScriptBuilder } from "../../src/workloads/script.ts";
import { countEvents, makeWorkload, type Workload } from "../../src/workloads/workload.ts";
import type { RoundPlan } from "./plan.ts";
import { TorturePolicy } from "./policy-model.ts";
import { Stage } from "./stage.ts";
import { Steps } from "./steps.ts";
import { TaskModel } from "./task-model.ts";

/** Counters that the kernel must show, by their names in `auditCounters`. */
export type Expected = Readonly<Record<string, number>>;

export interface History {
  readonly workload: Workload;
  /** Records that CPU 0 executes alone; then those of each CPU until everything is to come to rest, as `run` counts them. */
  readonly setupRecords: number;
  readonly busyRecords: readonly number[];
  readonly atEnd: Expected;
  /** Once all tasks are unconfined, all files closed and all slots empty; null where a round goes without. */
  readonly atRest: Expected | null;
}

export function writeHistory(plan: RoundPlan): History {
  const { compoundShare, cpus, labels, namespaces, seed } = plan;
  const random = new Random(`torture ${seed}/steps`);
  const population = labelPopulation(`torture ${seed}`, labels, { compoundShare, namespaces });
  const policy = new TorturePolicy(population, cpus, random);
  const scripts = Array.from({ length: cpus }, () => new ScriptBuilder());
  const [first] = scripts;
  if (first === undefined) throw new RangeError("a round needs a CPU");
  const moreSlots = cpus * plan.slotsPerCpu;
  const setUp = populationSetup(first, population, { keep: "compounds", moreSlots });
  const keptBefore = setUp.keptLabels;
  const tasks = new TaskModel({ ...plan, keptBefore });
  const hot = random.shuffle([...policy.numbers.profiles.keys()]).slice(0, plan.hotProfiles);
  const stage = new Stage({ random, tasks, policy, scripts, hot, keptBefore });
  const steps = new Steps(stage, plan.mix);

  for (const cpu of tasks.cpus) steps.tasks.run(cpu, cpu.current);
  for (let step = 0; step < cpus * plan.stepsPerCpu; step++) {
    const cpu = tasks.cpus[random.below(cpus)];
    if (cpu !== undefined) steps.draw(cpu);
  }
  const busyEnds = scripts.map((script) => script.records);
  const expected = {
    openDescriptors: tasks.openDescriptors,
    filesInFlight: tasks.filesInFlight,
    files: tasks.files,
    sockets: tasks.sockets,
    tasks: tasks.tasks,
  };
  const atRest = plan.rests ? rest(plan, stage, steps) : null;
  const workload = makeWorkload({
    name: "torture",
    scripts: scripts.map((script) => script.finish()),
    setupRecords: setUp.records,
    population: {
      ...setUp.population,
      tasks: tasks.tasks,
      descriptorsPerTask: plan.descriptors,
      threadsPerProcess: plan.threadsPerProcess,
      channels: cpus * cpus,
      rawdataSlots: cpus * plan.slotsPerCpu,
    },
    openAtCut: tasks.openDescriptors,
  });
  const executed = (cpu: number, from: number, to: number): number =>
    total(workload.scripts[cpu]?.subarray(from * recordCells, to * recordCells));
  const busyRecords = busyEnds.map((end, cpu) => executed(cpu, cpu === 0 ? setUp.records : 0, end));
  const requests = busyEnds.reduce(
    (sum, end, cpu) =>
      sum + requestsIn(workload.scripts[cpu]?.subarray(0, end * recordCells) ?? new Int32Array(0)),
    0,
  );
  const setupRecords = executed(0, 0, setUp.records);
  const events = setupRecords + busyRecords.reduce((sum, records) => sum + records, 0);
  return {
    workload,
    setupRecords,
    busyRecords,
    atEnd: { ...expected, events, requests },
    atRest: atRest === null ? null : { ...atRest, events: workload.expected.records - cpus, requests },
  };
}

const requestsIn = (script: Int32Array): number => countEvents(script).byEvent[Event.request] ?? 0;

function total(script: Int32Array = new Int32Array(0)): number {
  return countEvents(script).byEvent.reduce((sum, count) => sum + count, 0);
}

/** Every task becomes unconfined and closes what it has, and whatever was kept is dropped. What must be left. */
function rest({ cpus }: RoundPlan, stage: Stage, steps: Steps): Expected {
  const { keptBefore, policy, tasks } = stage;
  for (const cpu of tasks.cpus) {
    for (const task of cpu.tasks) {
      if (!task.alive) continue;
      steps.tasks.run(cpu, task);
      steps.files.closeAll(cpu);
      stage.add(cpu, Event.changeProfile, 0);
      // What a strategy keeps of the old label until the task uses the new one.
      stage.add(cpu, Event.open, 0);
      stage.add(cpu, Event.close, 0);
    }
    steps.files.receiveAll(cpu);
    steps.labels.dropAll(cpu);
    for (let slot = cpu.number; slot < keptBefore; slot += cpus) stage.add(cpu, Event.dropLabel, slot);
  }
  const { profiles } = policy;
  return {
    labels: profiles,
    profiles,
    proxies: profiles,
    namespaces: policy.namespaces,
    rawdata: policy.texts,
    creds: tasks.aliveTasks,
    tasks: tasks.tasks,
    files: 0,
    sockets: 0,
    openDescriptors: 0,
    filesInFlight: 0,
  };
}
