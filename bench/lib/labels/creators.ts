/**
 * Part creator: one thread makes new compound labels, each timed by itself, while the other one rests or replaces profiles that are
 * part of many compounds, so that the set is looked through again and again.
 */

import type { CpuRun } from "../../../src/engines/threads/index.ts";
import { type Latency, latencyOf, type Spread, spreadOf } from "../../../src/engines/threads/statistics.ts";
import { Event, LoadFlags, PolicyMode } from "../../../src/kernel/events.ts";
import type { LabelPart } from "../../../src/policy/label-parts.ts";
import { Random } from "../../../src/workloads/random.ts";
import { ScriptBuilder } from "../../../src/workloads/script.ts";
import {
  addCounts,
  type Counts,
  countsSince,
  LabelKernel,
  type LabelProgram,
  noCounts,
  type Variant,
} from "./label-kernel.ts";
import { hubPolicy, policySetup } from "./policy.ts";
import { isUndisturbed, waitedNs } from "./undisturbed.ts";

export interface CreatorOptions {
  readonly programs: readonly LabelProgram[];
  readonly labels: number;
  /** Profiles that are part of all compounds, and that the second thread replaces. */
  readonly hubs: number;
  /** How often every kernel is started anew; rounds in each, and the length of one in ms. */
  readonly passes: number;
  readonly rounds: number;
  readonly runMs: number;
  readonly pin: boolean;
}

export const secondThreads = ["resting", "updating"] as const;
export type SecondThread = (typeof secondThreads)[number];

export interface CreatorResult {
  readonly variant: Variant;
  readonly strategy: string;
  readonly second: SecondThread;
  /** Times of a creation over all undisturbed rounds, timer included; null where there was none. */
  readonly ns: Latency | null;
  /** The 99th percentile in each pass. */
  readonly p99: Spread | null;
  /** The same for giving the label up and taking a plain one, which makes nothing. */
  readonly dropNs: Latency | null;
  /** What timing nothing takes. */
  readonly timerNs: Latency | null;
  /** Counted in undisturbed rounds, and how long those were. */
  readonly counts: Counts;
  readonly countedNs: number;
  readonly disturbed: number;
}

const forEver = 0x7fff_ffff;
/** Different labels that are made, one after the other, before the first is made again. */
const distinct = 4096;
/** Records of a round of the creator's loop: take a plain label, add a profile. */
const recordsPerCreation = 2;

type Timed = NonNullable<CpuRun["rounds"]>;

/** What one variant and second thread came to, over all passes. */
class Tally {
  readonly created: Timed["batches"][number][] = [];
  readonly dropped: Timed["batches"][number][] = [];
  readonly timers: Timed["timer"][] = [];
  readonly p99: number[] = [];
  counts: Counts = noCounts;
  countedNs = 0;
  disturbed = 0;

  resultOf(program: LabelProgram, second: SecondThread): CreatorResult {
    const { variant, strategy } = program;
    return {
      variant,
      strategy,
      second,
      ns: latencyOf(this.created, 1),
      p99: this.p99.length === 0 ? null : spreadOf(this.p99),
      dropNs: latencyOf(this.dropped, 1),
      timerNs: latencyOf(this.timers, 1),
      counts: this.counts,
      countedNs: this.countedNs,
      disturbed: this.disturbed,
    };
  }
}

/** In each pass every variant, beside each kind of second thread, with one kernel at a time: each keeps a clock of its own. */
export async function measureCreators(options: CreatorOptions): Promise<CreatorResult[]> {
  const cases = options.programs.flatMap((program) =>
    secondThreads.map((second) => ({ program, second, tally: new Tally() })),
  );
  for (let pass = 0; pass < options.passes; pass++) {
    for (const { program, second, tally } of pass % 2 === 0 ? cases : [...cases].reverse())
      await runPass(program, second, tally, options);
  }
  return cases.map(({ program, second, tally }) => tally.resultOf(program, second));
}

async function runPass(
  program: LabelProgram,
  second: SecondThread,
  tally: Tally,
  options: CreatorOptions,
): Promise<void> {
  const { policy, hubs } = hubPolicy(options.labels, options.hubs);
  const { script, setUp, records } = policySetup(policy, "compounds");
  const indexOf = (part: LabelPart): number => setUp.numbers.profile(part);
  const others = policy.profiles.filter(({ namespace }) => namespace.length === 0).map(indexOf);
  const hubIndices = hubs.map(indexOf);
  creations(
    script,
    others.filter((index) => !hubIndices.includes(index)),
  );
  const kernel = await LabelKernel.open({
    program,
    scripts: [script.finish(), second === "updating" ? updates(hubIndices) : new ScriptBuilder().finish()],
    setupRecords: records,
    population: { ...setUp.population, tasks: 2, descriptorsPerTask: 0, threadsPerProcess: 1, channels: 0 },
    pin: options.pin,
  });
  try {
    // The `repeat` itself.
    await kernel.threads.callOne(0, "run", [0, 1]);
    await playRounds(kernel, tally, options);
    await kernel.expectNoMistakes();
  } finally {
    await kernel.close();
  }
}

/** Two different profiles each time, whose compound is in no policy. */
function creations(script: ScriptBuilder, profiles: readonly number[]): void {
  const random = new Random("bench/labels/creations");
  script.repeat(forEver, () => {
    for (let made = 0; made < distinct; made++) {
      const first = random.pick(profiles);
      let second = random.pick(profiles);
      while (second === first) second = random.pick(profiles);
      script.add(Event.changeProfile, first);
      script.add(Event.stackProfile, second);
    }
  });
}

function updates(hubs: readonly number[]): Int32Array {
  const script = new ScriptBuilder();
  script.repeat(forEver, () => {
    for (const hub of hubs) script.add(Event.loadProfile, hub, PolicyMode.enforce, LoadFlags.replace);
  });
  return script.finish();
}

async function playRounds(
  kernel: LabelKernel,
  tally: Tally,
  { rounds, runMs }: CreatorOptions,
): Promise<void> {
  const created: Timed["batches"][number][] = [];
  // Each run's first batch is where the one before stopped in the loop.
  let done = 0;
  for (let round = 0; round < rounds; round++) {
    await kernel.threads.callOne(0, "forgetMost");
    const before = await kernel.counts();
    const waited = waitedNs();
    const [creator] = await kernel.threads.run({
      batchRecords: 1,
      timeMs: runMs,
      sampleEvery: 0,
      rounds: new Map([[0, { batchRecords: 1, batchesPerRound: recordsPerCreation, skipRecords: 0 }]]),
    });
    if (creator?.rounds == null) throw new Error("a run without times");
    const ns = creator.endNs - creator.startNs;
    const place = (done + 1) % recordsPerCreation;
    done += creator.batches;
    // The first one touches memory that nobody did before.
    if (round === 0) continue;
    if (!isUndisturbed(ns, waited, waitedNs())) {
      tally.disturbed++;
      continue;
    }
    const { batches, timer } = creator.rounds;
    for (const [index, times] of batches.entries()) (index === place ? created : tally.dropped).push(times);
    tally.timers.push(timer);
    tally.counts = addCounts(tally.counts, countsSince(before, await kernel.counts()));
    tally.countedNs += ns;
  }
  const latency = latencyOf(created, 1);
  if (latency !== null) tally.p99.push(latency.p99);
  tally.created.push(...created);
}
