/**
 * Parts find and beside: look-ups of random labels on one thread, while the other one rests, is busy on memory of its own or
 * replaces random profiles without pause. All variants and settings take turns in one run.
 */
import { type Spread, spreadOf } from "../../../src/engines/threads/statistics.ts";
import { Event } from "../../../src/kernel/events.ts";
import { ScriptBuilder } from "../../../src/workloads/script.ts";
import { FindPeer } from "./find-peer.ts";
import {
  addCounts,
  type Counts,
  countsSince,
  LabelKernel,
  type LabelProgram,
  noCounts,
  type Variant,
} from "./label-kernel.ts";
import { mixedPolicy, policySetup, randomOrder } from "./policy.ts";
import { isUndisturbed, waitedNs } from "./undisturbed.ts";

/** As `Role` of bench/programs/label-set.ts, which is portable code and cannot be imported here. */
const role = { lookUp: 0, script: 1, noLookUp: 2, make: 3, rest: 4, busy: 5, replace: 6 } as const;

/** What the two threads do: the one that is timed, and the other. */
export const settings = {
  /** tryGet and put of the label that the slot keeps: all but finding it. */
  noLookUp: [role.noLookUp, role.rest],
  alone: [role.lookUp, role.rest],
  busy: [role.lookUp, role.busy],
  replacing: [role.lookUp, role.replace],
  /** One turn in 500 merges two labels to one that has to be made. */
  makingBusy: [role.make, role.busy],
  makingReplacing: [role.make, role.replace],
  scriptAlone: [role.script, role.rest],
  scriptBusy: [role.script, role.busy],
  scriptReplacing: [role.script, role.replace],
} as const;
export type Setting = keyof typeof settings;
const settingNames = Object.keys(settings) as Setting[];

export interface LookUpOptions {
  readonly programs: readonly LabelProgram[];
  readonly labels: number;
  /** Rounds, and of each variant and setting the length of one in ms. */
  readonly rounds: number;
  readonly runMs: number;
  /** Memory of the second thread where it is busy, in bytes. */
  readonly privateBytes: number;
  /** Path of the program of bench/peers/label-find.c; null without a compiler. */
  readonly peer: string | null;
  readonly pin: boolean;
}

export interface LookUpResult {
  readonly variant: Variant;
  readonly strategy: string;
  /** ns per look-up in undisturbed rounds; null where there was none. */
  readonly ns: Readonly<Record<Setting, Spread | null>>;
  /** Rounds that somebody else disturbed, over all settings, and rounds altogether. */
  readonly disturbed: number;
  readonly rounds: number;
  /** Counted while profiles were replaced (undisturbed rounds of `replacing`), and how long that was. */
  readonly counts: Counts;
  readonly countedNs: number;
}

export interface LookUpResults {
  readonly labels: number;
  readonly compounds: number;
  readonly privateBytes: number;
  readonly results: readonly LookUpResult[];
  /** ns per look-up by the C peer in the memory of the last variant, beside `alone`. */
  readonly peer: Spread | null;
}

interface Entrant {
  readonly kernel: LabelKernel;
  readonly block: number;
  readonly ns: Record<Setting, number[]>;
  disturbed: number;
  counts: Counts;
  countedNs: number;
}

/** Ends with the process. */
const forEver = 0x7fff_ffff;
const calibrationTurns = 20_000;

export async function measureLookUps(options: LookUpOptions): Promise<LookUpResults> {
  const policy = mixedPolicy(options.labels);
  const entrants: Entrant[] = [];
  let peer: FindPeer | null = null;
  try {
    for (const program of options.programs) entrants.push(await enter(program, policy, options));
    const last = entrants.at(-1);
    if (options.peer !== null && last !== undefined)
      peer = FindPeer.open(options.peer, last.kernel, last.block);
    const peerNs = await takeTurns(entrants, peer, options);
    for (const { kernel } of entrants) await kernel.expectNoMistakes();
    return {
      labels: policy.texts.length,
      compounds: policy.texts.length - policy.profiles.length,
      privateBytes: options.privateBytes,
      results: entrants.map((entrant) => resultOf(entrant, options.rounds)),
      peer: spreadOrNull(peerNs),
    };
  } finally {
    await peer?.close();
    for (const { kernel } of entrants) await kernel.close();
  }
}

/** A kernel with the policy; CPU 0's script goes on with look-ups for ever. */
async function enter(
  program: LabelProgram,
  policy: ReturnType<typeof mixedPolicy>,
  { pin, privateBytes }: LookUpOptions,
): Promise<Entrant> {
  const { script, setUp, records } = policySetup(policy, "all");
  const order = randomOrder(setUp.keptLabels, "order");
  script.repeat(forEver, () => {
    for (const slot of order) script.add(Event.lookUpLabel, slot);
  });
  const kernel = await LabelKernel.open({
    program,
    scripts: [script.finish(), new ScriptBuilder().finish()],
    setupRecords: records,
    population: { ...setUp.population, tasks: 2, descriptorsPerTask: 0, threadsPerProcess: 1, channels: 0 },
    pin,
  });
  const { threads } = kernel;
  const { value: block = 0 } = await threads.callOne(0, "prepare", [
    order.length,
    policy.profiles.length,
    privateBytes,
  ]);
  await threads.callMany(
    0,
    "putInOrder",
    order.map((slot, at) => [block, at, slot]),
  );
  const ns = Object.fromEntries(settingNames.map((name) => [name, []])) as unknown as Entrant["ns"];
  return { kernel, block, ns, disturbed: 0, counts: noCounts, countedNs: 0 };
}

/** All rounds; ns per look-up of the peer. */
async function takeTurns(
  entrants: readonly Entrant[],
  peer: FindPeer | null,
  { rounds, runMs }: LookUpOptions,
): Promise<number[]> {
  let number = 0;
  const turn = (entrant: Entrant, setting: Setting, turns: number): Promise<number> => {
    number++;
    return timeOf(entrant, setting, turns, number);
  };
  let slowest = 0;
  for (const entrant of entrants) {
    for (const setting of settingNames) await turn(entrant, setting, calibrationTurns);
    slowest = Math.max(slowest, (await turn(entrant, "alone", calibrationTurns)) / calibrationTurns);
  }
  const turns = Math.max(1000, Math.round((runMs * 1e6) / slowest));
  const peerNs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? entrants : [...entrants].reverse();
    for (const entrant of order) {
      // The other variants' memory has taken the place of this one's in the caches.
      await turn(entrant, "alone", turns);
      for (const setting of rotated(settingNames, round)) await playRound(entrant, setting, turns, turn);
    }
    if (peer === null) continue;
    await peer.run(turns);
    const ns = await peer.run(turns);
    if (ns !== null) peerNs.push(ns / turns);
  }
  return peerNs;
}

/** The same in a circle, beginning elsewhere. */
function rotated<T>(values: readonly T[], by: number): T[] {
  const at = by % values.length;
  return [...values.slice(at), ...values.slice(0, at)];
}

async function timeOf(
  { kernel, block }: Entrant,
  setting: Setting,
  turns: number,
  number: number,
): Promise<number> {
  const [reader] = await kernel.threads.callAll("turns", (cpu) => [
    cpu,
    settings[setting][cpu] ?? role.rest,
    block,
    turns,
    number,
  ]);
  if (reader === undefined) throw new Error("a call without a result");
  return reader.ns;
}

async function playRound(
  entrant: Entrant,
  setting: Setting,
  turns: number,
  turn: (entrant: Entrant, setting: Setting, turns: number) => Promise<number>,
): Promise<void> {
  const { kernel } = entrant;
  const counting = setting === "replacing";
  if (counting) await kernel.threads.callOne(0, "forgetMost");
  const before = counting ? await kernel.counts() : noCounts;
  const waited = waitedNs();
  const ns = await turn(entrant, setting, turns);
  const undisturbed = isUndisturbed(ns, waited, waitedNs());
  const after = counting ? await kernel.counts() : noCounts;
  // What waits for a grace period would wait until this variant's next round.
  if (settings[setting][1] === role.replace) await kernel.onAll("drain");
  if (!undisturbed) {
    entrant.disturbed++;
    return;
  }
  entrant.ns[setting].push(ns / turns);
  if (!counting) return;
  entrant.counts = addCounts(entrant.counts, countsSince(before, after));
  entrant.countedNs += ns;
}

function spreadOrNull(values: readonly number[]): Spread | null {
  return values.length === 0 ? null : spreadOf(values);
}

function resultOf({ kernel, ns, disturbed, counts, countedNs }: Entrant, rounds: number): LookUpResult {
  const { variant, strategy } = kernel.program;
  return {
    variant,
    strategy,
    ns: Object.fromEntries(settingNames.map((name) => [name, spreadOrNull(ns[name])])) as LookUpResult["ns"],
    disturbed,
    rounds: rounds * settingNames.length,
    counts,
    countedNs,
  };
}
