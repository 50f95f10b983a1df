/** Policies that the label benchmarks load: random compounds of real names, and compounds around few profiles. */
import { canonicalParts, type LabelPart, partsKey } from "../../../src/policy/label-parts.ts";
import { type LabelPopulation, labelPopulation } from "../../../src/policy/population.ts";
import { printLabel } from "../../../src/policy/print-label.ts";
import { PolicyScript, populationSetup, type SetUpPopulation } from "../../../src/workloads/policy-script.ts";
import { Random } from "../../../src/workloads/random.ts";
import { ScriptBuilder } from "../../../src/workloads/script.ts";

/** Namespaces beside the root, and the compounds among the labels. */
export const namespaces = 2;
export const compoundShare = 0.2;

/** `labels` labels of which a fifth are compounds. */
export function mixedPolicy(labels: number): LabelPopulation {
  return labelPopulation("bench/labels", labels, { compoundShare, namespaces });
}

/**
 * The same with other compounds: each of one of `hubs` profiles of the root and one other profile of the root, so that replacing
 * a hub makes many of them anew, all in one set.
 */
export function hubPolicy(labels: number, hubs: number): { policy: LabelPopulation; hubs: LabelPart[] } {
  const mixed = mixedPolicy(labels);
  const random = new Random("bench/labels/hubs");
  const ofRoot = mixed.profiles.filter(
    ({ namespace, profile }) => namespace.length === 0 && !profile.includes("//"),
  );
  const chosen = random.shuffle(ofRoot).slice(0, hubs);
  const others = ofRoot.filter((part) => !chosen.includes(part));
  const singles = mixed.texts.slice(0, mixed.profiles.length);
  const seen = new Set<string>();
  const compounds: string[] = [];
  while (compounds.length < labels - singles.length) {
    const hub = chosen[compounds.length % hubs] as LabelPart;
    const parts = canonicalParts([hub, random.pick(others)]);
    const key = partsKey(parts);
    if (seen.has(key)) continue;
    seen.add(key);
    compounds.push(printLabel(parts));
  }
  return { policy: { ...mixed, texts: [...singles, ...compounds] }, hubs: chosen };
}

export interface PolicySetup {
  readonly script: ScriptBuilder;
  readonly setUp: SetUpPopulation;
  /** Records of the set-up. */
  readonly records: number;
}

/**
 * A script that loads a policy and keeps a reference to each label, then replaces all profiles, a namespace at a time. What is kept
 * are old versions from then on: a look-up of a kept label's vector compares with other profiles than those that it is
 * made of, before the first timed replacement as well as after it.
 */
export function policySetup(policy: LabelPopulation, keep: "all" | "compounds"): PolicySetup {
  const script = new ScriptBuilder();
  const setUp = populationSetup(script, policy, { keep });
  const writer = new PolicyScript(script, setUp.numbers);
  for (const path of [[], ...policy.namespaces]) {
    const own = policy.profiles.filter(({ namespace }) => namespace.join("//") === path.join("//"));
    writer.load(
      own.map((part) => ({ part })),
      true,
    );
  }
  return { script, setUp, records: script.records };
}

/** The numbers from 0 to `count` - 1 in an order that looks like none. */
export function randomOrder(count: number, seed: string): readonly number[] {
  return new Random(`bench/labels/${seed}`).shuffle(Array.from({ length: count }, (_, index) => index));
}
