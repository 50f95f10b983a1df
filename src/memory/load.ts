/**
 * The load whose memory is told: a policy of labels with real names, and a few of them in use on all CPUs. Scripts of the kernel, so
 * that labels come about and are used as in any run.
 */
import { Event } from "../kernel/events.ts";
import { labelPopulation } from "../policy/population.ts";
import { populationSetup } from "../workloads/policy-script.ts";
import { ScriptBuilder } from "../workloads/script.ts";
import { makeWorkload, type Workload } from "../workloads/workload.ts";

export interface MemoryPlan {
  readonly cpus: number;
  /** Labels beside the namespaces' own `unconfined`; a fifth of them of several profiles. */
  readonly labels: number;
  /** How many of those of one profile are used. */
  readonly hotLabels: number;
  /** Files that are opened and closed under each of those. */
  readonly opensPerHotLabel: number;
  readonly seed: string;
}

/** A file opened under a label takes a reference, and its close drops it. */
const fd = 0;

/** One script for each CPU; CPU 0's begins with the policy, `setupRecords` long. Hot labels are dealt out to the CPUs in turn. */
export function memoryLoad({ cpus, labels, hotLabels, opensPerHotLabel, seed }: MemoryPlan): Workload {
  const population = labelPopulation(`${seed}/memory`, labels);
  const builders = Array.from({ length: cpus }, () => new ScriptBuilder());
  const [first = new ScriptBuilder()] = builders;
  const setUp = populationSetup(first, population);
  for (const [cpu, script] of builders.entries()) {
    script.add(Event.switchTask, cpu);
    for (let hot = cpu; hot < hotLabels; hot += cpus) {
      const part = population.profiles[hot];
      if (part === undefined) break;
      script.add(Event.changeProfile, setUp.numbers.profile(part));
      script.repeat(opensPerHotLabel, () => {
        script.add(Event.open, fd);
        script.add(Event.close, fd);
      });
    }
  }
  return makeWorkload({
    name: "memory",
    scripts: builders.map((script) => script.finish()),
    setupRecords: setUp.records,
    population: {
      ...setUp.population,
      tasks: cpus,
      descriptorsPerTask: fd + 1,
      threadsPerProcess: 1,
      channels: 0,
    },
    openAtCut: 0,
  });
}
