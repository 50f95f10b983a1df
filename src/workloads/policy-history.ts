/**
 * A history of policy, written by hand and executed step by step on CPU 0: what happens to labels, and what the kernel answers
 * to mistakes. The other CPUs have nothing to do.
 */
import { Event } from "../kernel/events.ts";
import type { LabelPart } from "../policy/label-parts.ts";
import type { PlannedEvent, PlannedStep } from "./planned-steps.ts";
import { PolicyNumbers } from "./policy-names.ts";
import { type PolicyPlan, planPolicy } from "./policy-plan.ts";
import { PolicyScript } from "./policy-script.ts";
import type { PolicyParameters } from "./policy-steps.ts";
import { ScriptBuilder } from "./script.ts";
import { type BuildContext, makeWorkload, type PolicyStep, type Workload } from "./workload.ts";

/** The kernel option's default. */
const standardMaxLabelParts = 16;

/** The task that steps are about; the one that makes labels is behind those of the CPUs. */
const stepTask = 0;

/** Builds the workload; nothing in it is random, so the seed does not matter. */
export function buildPolicyHistory(parameters: PolicyParameters, context: BuildContext): Workload {
  const plan = planPolicy(parameters.steps, context.maxLabelParts ?? standardMaxLabelParts);
  const numbers = numbersOf(plan);
  const script = new ScriptBuilder();
  const policy = new PolicyScript(script, numbers);
  policy.nameAll();
  const setupRecords = script.records;
  script.add(Event.switchTask, stepTask);
  const writer = new StepWriter(policy, context.cpus);
  const policySteps = plan.steps.map((step) => writer.write(step));
  const others = Array.from({ length: context.cpus - 1 }, (_, cpu) => {
    const idle = new ScriptBuilder();
    idle.add(Event.switchTask, cpu + 1);
    return idle.finish();
  });
  return makeWorkload({
    name: "policy",
    scripts: [script.finish(), ...others],
    setupRecords,
    population: {
      profiles: 0,
      namedProfiles: numbers.namedProfiles,
      namespaces: numbers.namedNamespaces,
      labelSlots: plan.labelSlots,
      answers: writer.answers,
      // Each step can make a version of each of its profiles and a compound, which somebody may go on holding.
      totalLabels: numbers.profiles.length + plan.steps.length * 2 + loadedProfiles(plan),
      tasks: context.cpus + 1,
      descriptorsPerTask: 256,
      threadsPerProcess: 1,
      channels: 0,
    },
    openAtCut: writer.openFiles,
    policySteps,
  });
}

/** All names of events: those that nothing ever loads or creates, too. */
function numbersOf(plan: PolicyPlan): PolicyNumbers {
  const namespaces: (readonly string[])[] = [];
  const profiles: LabelPart[] = [];
  for (const event of plan.steps.flatMap((step) => step.events)) {
    if ("namespace" in event) namespaces.push(event.namespace);
    else if ("set" in event) profiles.push(...event.set.map(({ part }) => part));
    else if ("part" in event && event.part !== null) profiles.push(event.part);
  }
  return new PolicyNumbers({ namespaces, profiles, isHat: plan.isHat });
}

function loadedProfiles(plan: PolicyPlan): number {
  const events = plan.steps.flatMap((step) => step.events);
  return events.reduce((sum, event) => sum + (event.do === "load" ? event.set.length : 0), 0);
}

/** Writes steps and counts the answers they need. */
class StepWriter {
  answers = 0;
  openFiles = 0;
  readonly #policy: PolicyScript;
  readonly #maker: number;

  constructor(policy: PolicyScript, maker: number) {
    this.#policy = policy;
    this.#maker = maker;
  }

  write({ text, events, refusal }: PlannedStep): PolicyStep {
    const answers: number[] = [];
    for (const event of events) {
      if (!this.#write(event)) continue;
      answers.push(this.answers);
      this.#policy.answer(this.answers++);
    }
    if (events.length > 0) this.#policy.script.add(Event.request);
    if (refusal === undefined) return { text, answers, expected: "done" };
    const { errno, ...why } = refusal;
    return { text, answers, expected: errno, ...why };
  }

  /** Whether the event has a result of policy. */
  #write(event: PlannedEvent): boolean {
    const { numbers, script } = this.#policy;
    switch (event.do) {
      case "create":
        this.#policy.createNamespace(event.namespace);
        return true;
      case "destroy":
        this.#policy.destroyNamespace(event.namespace);
        return true;
      case "load":
        this.#policy.load(event.set, event.replace);
        return true;
      case "remove":
        this.#policy.remove(event.part);
        return true;
      case "change":
        script.add(Event.changeProfile, numbers.profile(event.part));
        return true;
      case "stack":
        script.add(Event.stackProfile, numbers.profile(event.part));
        return true;
      case "hat":
        script.add(Event.changeHat, event.part === null ? 0 : numbers.profile(event.part));
        return true;
      case "keep":
        script.add(Event.keepLabel, event.slot);
        return true;
      case "parse":
        script.add(Event.parseLabel, event.slot);
        return true;
      case "drop":
        script.add(Event.dropLabel, event.slot);
        return true;
      case "open":
        script.add(Event.open, event.fd);
        this.openFiles++;
        return false;
      case "close":
        script.add(Event.close, event.fd);
        this.openFiles--;
        return false;
      case "useMaker":
      case "useTask":
        script.add(Event.switchTask, event.do === "useMaker" ? this.#maker : stepTask);
        return false;
    }
  }
}
