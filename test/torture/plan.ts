/**
 * What one round of torture is: everything that its seed decides. Programs are costly to build, so what is linked in goes with
 * one of a few variants, which rounds take in turn; scripts, CPUs, stalls and pauses are drawn anew for every round.
 */
import type { StallPlan } from "../../src/engines/threads/index.ts";
import { Random } from "../../src/workloads/random.ts";

/** An option as a strategy declares it. */
export interface DeclaredOption {
  readonly unit: string;
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly conflicts?: readonly string[] | undefined;
  /** Not 0: this option decides what all parts are. */
  readonly allParts?: object | undefined;
}

/** What a strategy declares that a round can choose. */
export interface Declared {
  readonly options: Readonly<Record<string, DeclaredOption>>;
  /** Of one that is made of others: the strategies that each part can be. */
  readonly parts?: Readonly<Record<string, readonly string[]>>;
}

/** What is linked into a round's program. */
export interface Variant {
  /** Options of the kernel, verify among them. */
  readonly kernel: Readonly<Record<string, number>>;
  /** The strategy's own. */
  readonly strategy: Readonly<Record<string, number>>;
  /** The strategies that it is made of, where that is not left as it is. */
  readonly parts: Readonly<Record<string, string>>;
  /** Where CPUs are held up: anywhere, or mostly in the strategy's windows, which are a small part of all accesses. */
  readonly stalls: "all" | "strategy";
}

/** How often the kinds of step are drawn, relative to each other. */
export interface Mix {
  readonly files: number;
  readonly labels: number;
  readonly tasks: number;
  readonly policy: number;
  readonly time: number;
}

export interface RoundPlan {
  /** Repeats the round: `<seed of the run>/<number>`. */
  readonly seed: string;
  readonly variant: Variant;
  readonly cpus: number;
  /** Labels at the beginning, compounds among them. */
  readonly labels: number;
  readonly compoundShare: number;
  readonly namespaces: number;
  /** Profiles that most steps are about. */
  readonly hotProfiles: number;
  readonly tasksPerCpu: number;
  readonly threadsPerProcess: number;
  readonly descriptors: number;
  /** Slots for kept labels, and for policy texts, that each CPU has. */
  readonly slotsPerCpu: number;
  readonly stepsPerCpu: number;
  readonly mix: Mix;
  /** Whether everything comes to rest and is counted before the tear-down, or is taken down as it is. */
  readonly rests: boolean;
  readonly batchRecords: number;
  readonly stalls: StallPlan;
  /** Pauses of maintenance, in turn; empty: as the strategy asks for. */
  readonly maintenance: string;
  readonly maintenancePausesMs: readonly number[];
}

export interface RoundLimits {
  readonly cpus?: number | undefined;
  readonly labels?: number | undefined;
  /** Steps of all CPUs together. */
  readonly steps?: number | undefined;
  /** Machines that live one after the other, at most. */
  readonly lives?: number | undefined;
}

/** Programs that a run links for each strategy; every label set goes with every kind of work buffer. */
export const variantCount = 12;

const hookLevels = [66, 67, 611] as const;

/** CPUs: rather more than cores, so that some are always pushed off. */
const cpuChoices = [2, 3, 4, 4, 6, 8] as const;
const labelChoices = [40, 300, 1000, 3000, 6000] as const;

/** Longest pause or interval that an option in milliseconds is drawn to: a round takes some seconds. */
const longestOptionMs = 400;
/** Share of a strategy's options that are not left at their default. */
const drawnOptions = 0.6;

/** Longer than any round: maintenance does not run before the end. */
const neverMs = 0x7fff_ffff;

/** The seed of the run and the number of the round that a round's seed is made of. */
export function splitSeed(roundSeed: string): { readonly run: string; readonly number: number } | undefined {
  const match = /^(.*)\/(\d{1,9})$/.exec(roundSeed);
  return match === null ? undefined : { run: match[1] ?? "", number: Number(match[2]) };
}

/** Everything that the seed decides. */
export function planRound(
  run: string,
  number: number,
  declared: Declared,
  limits: RoundLimits = {},
): RoundPlan {
  const seed = `${run}/${number}`;
  const random = new Random(`torture ${seed}`);
  const cpus = limits.cpus ?? random.pick(cpuChoices);
  const labels = limits.labels ?? random.pick(labelChoices);
  const variant = variantOf(run, number % variantCount, declared);
  const calm = logarithmic(random, 2000, 100_000);
  // The strategy makes a tenth of the accesses or less.
  const everyAccesses = Math.round(variant.stalls === "all" ? calm : calm / 10);
  const maintenance = random.pick(["as asked", "eager", "eager", "starved", "never"] as const);
  return {
    seed,
    variant,
    cpus,
    labels,
    compoundShare: random.pick([0.1, 0.3]),
    namespaces: labels < 100 ? 2 : random.pick([2, 5, 12]),
    hotProfiles: random.pick([2, 6, 20]),
    tasksPerCpu: random.pick([2, 4, 8]),
    threadsPerProcess: random.pick([1, 2, 3]),
    descriptors: random.pick([6, 12, 32]),
    slotsPerCpu: random.pick([4, 16, 64]),
    stepsPerCpu: Math.ceil((limits.steps ?? usualSteps(calm, maintenance === "never")) / cpus),
    mix: {
      files: random.pick([1, 2, 4]),
      labels: random.pick([1, 2, 4]),
      tasks: random.pick([1, 2, 4]),
      policy: random.pick([0.3, 1, 3]) * (labels > 2000 ? 0.3 : 1),
      time: random.pick([0.5, 1, 2]),
    },
    rests: random.chance(0.75),
    batchRecords: random.pick([1, 16, 256]),
    stalls: {
      seed,
      everyAccesses,
      longestMs: random.pick([1, 5, 20]),
      longShare: random.pick([0.005, 0.03]),
      betweenBatches: random.pick([0, 0.001, 0.01]),
    },
    maintenance,
    maintenancePausesMs: pauses(random, maintenance),
  };
}

/**
 * Steps of all CPUs together: some seconds, whether CPUs are held up often or seldom. Where nobody releases labels before the
 * end, no more than their memory is enough for: a counter on each CPU for every compound that is made.
 */
function usualSteps(calm: number, nothingReleased: boolean): number {
  const steps = 60_000 * (calm / 2000) ** 0.4;
  return nothingReleased ? Math.min(steps, 100_000) : steps;
}

function variantOf(run: string, number: number, { options, parts = {} }: Declared): Variant {
  const random = new Random(`torture ${run}/variant/${number}`);
  const third = Math.floor(number / 4);
  const kernel = {
    verify: 1,
    // A counter on each CPU for every label of a round: those that come faster than a scan goes wait for it.
    percpuBytes: 4_194_304,
    labelSet: number % 3,
    buffers: number % 4,
    creds: (number + third) % 2,
    hooks: hookLevels[(number + third) % hookLevels.length] ?? 611,
    labelLayout: random.below(2),
    labelSetRetries: random.pick([4, 0, 64]),
    maxLabelParts: random.pick([16, 4, 32]),
    // The sooner memory is used again, the sooner it is somebody else's; the later, the longer poison is found.
    quarantine: random.pick([0, 8, 256, 4096]),
    rcuBacklog: random.pick([10_000, 100, 1]),
  };
  const strategy = drawOptions(random, options);
  const decided = Object.entries(options).some(([name, { allParts }]) => allParts && strategy[name]);
  return {
    kernel,
    strategy,
    parts: decided ? {} : drawParts(random, parts),
    stalls: (Math.floor(number / 2) + third) % 2 === 0 ? "all" : "strategy",
  };
}

/** Some of the options at random, evenly by their orders of magnitude. */
function drawOptions(
  random: Random,
  options: Readonly<Record<string, DeclaredOption>>,
): Record<string, number> {
  const drawn: Record<string, number> = {};
  for (const [name, { unit, min, max }] of Object.entries(options)) {
    const most = unit === "ms" ? Math.max(min, Math.min(max, longestOptionMs)) : max;
    const value = min < 0 ? min + random.below(most - min + 1) : logarithmic(random, min + 1, most + 1) - 1;
    if (random.chance(drawnOptions)) drawn[name] = Math.max(min, Math.min(most, Math.round(value)));
  }
  const value = (name: string): number => drawn[name] ?? options[name]?.default ?? 0;
  for (const [name, { conflicts = [] }] of Object.entries(options)) {
    if (value(name) !== 0 && conflicts.some((other) => value(other) !== 0)) {
      for (const one of [name, ...conflicts]) delete drawn[one];
    }
  }
  return drawn;
}

/** In every fourth program the parts are what they are by themselves. */
function drawParts(random: Random, parts: Declared["parts"] = {}): Record<string, string> {
  if (random.chance(0.25)) return {};
  return Object.fromEntries(Object.entries(parts).map(([part, choices]) => [part, random.pick(choices)]));
}

function pauses(random: Random, maintenance: RoundPlan["maintenance"]): readonly number[] {
  if (maintenance === "eager") return [0];
  if (maintenance === "never") return [neverMs];
  if (maintenance === "as asked") return [];
  return Array.from({ length: 32 }, () => (random.chance(0.3) ? 200 + random.below(1500) : random.below(4)));
}

/** A number between two, evenly by orders of magnitude. */
function logarithmic(random: Random, low: number, high: number): number {
  return low * (high / low) ** random.unit();
}
