/**
 * The results record: one file per run, read by every report. docs/results-format.md explains it for people who read it
 * with their own tools; `resultsVersion` goes up when a reader of the old form would misread the new one.
 */
import { z } from "zod";
import { histogramNs, unreclaimed } from "./distribution-schema.ts";
import { reclaim, retirement } from "./reclaim-schema.ts";
import { figures, gain } from "./scenario-schema.ts";
import {
  checkpoints,
  gracePeriodTimes,
  hottestLines,
  latencies,
  ownership,
  rateWindow,
  timeSplitPct,
  transfersPerRequest,
} from "./sim-schema.ts";

export const resultsVersion = 1;

const count = z.int().nonnegative();
const counts = z.record(z.string(), count);
const amount = z.number().nonnegative();

const requestsSpread = z.object({
  min: amount,
  max: amount,
  /** Median distance from the median. */
  medianAbsDev: amount,
  /** Every measured run, requests per second, in the order in which they ran. */
  repetitions: z.array(amount),
});

/** Nanoseconds of one get+put pair: from sampled batches, on sim from every open and close. */
const pairNs = z.object({ p50: amount, p99: amount, max: amount });

/** How labels were looked up and changed in the median run; rates are the medians of all. */
const labelSet = z.object({
  /** `rwlock`, `seqlock`, `rcu-list`. */
  variant: z.string(),
  /** Look-ups by vector: asked for by scripts, of merging, of parsing. */
  lookUps: count,
  lookUpsPerSecond: amount,
  /** Walks without the lock that began again. */
  retries: count,
  /** Look-ups that took the lock in the end. */
  fallbacks: count,
  /** Labels that went through the list of `rcu-list`, and the most in it at a time (set-up included). */
  listed: count,
  drains: count,
  longestList: count,
  /** Times that somebody waited for the lock to change a set, and how long all together. */
  lockWaits: count,
  lockWaitMs: amount,
  /** Profiles replaced or removed. */
  updates: count,
  updatesPerSecond: amount,
  /** Compound labels made anew because a part of theirs was stale, and labels looked at to find them. */
  rebuilt: count,
  scanned: count,
  /** Labels merged, and how many of those into a file. */
  merges: count,
  fileMerges: count,
  fileMergesRefused: count,
  compoundsMade: count,
  /** Labels in all sets at the run's end. */
  members: count,
});

/** Where a strategy that counts in two places did so, in the counted run. */
const ownAndShared = z.object({
  /** Changes of a count on a line that nobody else writes, and of one that everybody does. */
  own: count,
  shared: count,
  /** The former's part, 0 to 1. */
  ownShare: amount,
});

/** Labels that the strategy gave counters per CPU for as long as it took that to be worth it, in the median run. */
const switches = z.object({
  /** That have some at the run's end, and the most at a time, set-up included. */
  labels: count,
  most: count,
  /** How often a label got counters, lost them, and got none for want of memory, in the run. */
  toPercpu: count,
  toAtomic: count,
  refused: count,
});

/** Times in which references to some label cost more than they usually do: all measured runs together. */
const slowWindows = z.object({
  /** One for each label and time. */
  windows: count,
  /** Part of the time with one or more open, 0 to 1, as looks between batches of the scripts show it. */
  openShare: amount,
  /** Longest time without a break. */
  longestMs: amount,
  /** Requests per second while one or more were open, and while none was; null: no batch of a script was all inside, or outside. */
  insidePerSecond: amount.nullable(),
  outsidePerSecond: amount.nullable(),
  /** On sim: part of the time, 0 to 1, that windows take where maintenance runs at the strategy's interval for ever. */
  dutyCycle: amount.optional(),
  /** On sim: requests per second then, from the two rates and the duty cycle. */
  steadyPerSecond: amount.nullable().optional(),
});

/** Work buffers of path hooks in the median run. */
const buffers = z.object({
  /** `kmalloc`, `percpu`, `pool`, `hybrid`. */
  variant: z.string(),
  /** All that exist at the run's end. */
  bytes: count,
  takes: count,
  /** Times that somebody waited for the lock of the pool, and how long all together. */
  lockWaits: count,
  lockWaitMs: amount,
});

/** Bytes that belong to one label. */
const labelParts = z.object({
  /** The object without the two below. */
  label: count,
  /** The strategy's bytes in it. */
  strategy: count,
  /** For each profile of the label; one more ends the vector. */
  vectorPerPart: count,
  /** The strategy's counters on all CPUs. */
  perCpu: count,
  /** What the strategy allocates apart. */
  extra: count,
  /** Shared by all versions of a label. */
  proxy: count,
  /** Of a plain profile beside its label. */
  profile: count,
  /** Mean name with its final 0; the mini-kernel has numbers instead. */
  name: count,
});

/** A step of a written history of policy. */
const policyStep = z.object({
  step: z.string(),
  /** `done` or the kernel's error. */
  verdict: z.string(),
  /** Where the policy model says something else: a broken rule. */
  expected: z.string().optional(),
  why: z.string().optional(),
  /** Where a text is to blame: the column, from 1, and two lines with the text and a caret. */
  column: count.optional(),
  caret: z.string().optional(),
});

const cell = z.object({
  /** Unique in the run: `percpu-ref@2`. */
  id: z.string(),
  /** Instance name: the strategy's, `name (v6.7)` under other hooks than the config's, name#2 for its second use with other options. */
  strategy: z.string(),
  /** Hooks whose label references the cell takes. */
  hooks: z.string().optional(),
  /** All options of the strategy, those left at their default included. */
  strategyOptions: z.record(z.string(), z.int()),
  /** Where the strategy is made of others: what each part is, with all its options, and what one label costs that it counts. */
  strategyParts: z
    .record(
      z.string(),
      z.object({ strategy: z.string(), options: z.record(z.string(), z.int()), labelBytes: count }),
    )
    .optional(),
  engine: z.string(),
  /** Scenario. */
  workload: z.string(),
  cpus: z.int().positive(),
  /** Where the config varies a parameter of its workload: which one, and its value in this cell. */
  varied: z
    .object({ parameter: z.string(), value: z.union([z.number(), z.string(), z.boolean()]) })
    .optional(),
  /** Median over the repetitions; on sim of the steady part of a run. */
  requestsPerSecond: amount,
  requestsPerSecondSpread: requestsSpread,
  /** Figures beside the rate that differ between runs, of every measured run in the same order, by name; null: that run cannot tell. */
  byRepetition: z.record(z.string(), z.array(z.number().nullable())).optional(),
  /** Requests per second and CPU, percent of those of the strategy's smallest number of CPUs, where there are several. */
  efficiencyPct: amount.optional(),
  /** Requests of one run over all CPUs (of the median run, where runs are cut by time). */
  requests: count,
  /** Length of the median run. */
  elapsedNs: amount,
  /** null: the script makes no pair that could be sampled. */
  pairNs: pairNs.nullable(),
  /** On threads: the sampled batches behind `pairNs`, by their mean. On sim `latencies` have them. */
  pairHistogram: histogramNs.optional(),
  /** Atomic read-modify-writes of the strategy's own functions per request, from a counted run of the same script. */
  rmwPerRequest: amount.nullable(),
  /** The same of everything: locks, cred and file counts included. */
  rmwPerRequestTotal: amount.nullable(),
  /** Bytes of one label with what the strategy adds to it, per-CPU counters of all CPUs included. */
  labelBytes: count,
  labelBytesByPart: labelParts.optional(),
  /** Bytes live at the peak, by kind of object. */
  memoryByClass: counts.optional(),
  /** Objects that nobody held any more and that were not given back. */
  leaked: count,
  leakedByKind: counts.optional(),
  /** Descriptors still open at the script's end, before the tasks were torn down: open, not leaked. */
  openAtEnd: count,
  /** Broken rules: use after free, double free, underflow, ... */
  violations: count,
  violationsByVerdict: counts.optional(),
  /** More CPUs than the host has cores: times are of a shared machine. */
  oversubscribed: z.boolean(),
  /** Each worker was bound to a CPU of its own. */
  pinned: z.boolean(),
  /** The measured program was the verifying build; false for measured cells, whose verdicts come from the counted run. */
  verify: z.boolean(),
  /** Script events executed, by name. */
  events: counts,
  gracePeriods: count.optional(),
  /** Most labels at one time that were retired and not yet freed. */
  peakUnreclaimed: count.optional(),
  /** How that went over the median run, set-up's left-overs included; absent where no label waited. */
  unreclaimed: unreclaimed.optional(),
  labelSet: labelSet.optional(),
  reclaim: reclaim.optional(),
  retirement: retirement.optional(),
  counts: ownAndShared.optional(),
  switches: switches.optional(),
  buffers: buffers.optional(),
  slowWindows: slowWindows.optional(),
  transfersPerRequest: transfersPerRequest.optional(),
  timeSplitPct: timeSplitPct.optional(),
  hottestLines: hottestLines.optional(),
  ownership: ownership.optional(),
  latencies: latencies.optional(),
  checkpoints: checkpoints.optional(),
  rateWindow: rateWindow.optional(),
  gracePeriodTimes: gracePeriodTimes.optional(),
  /** Sentences: what of the prediction no published figure of the machine covers. */
  assumptions: z.array(z.string()).optional(),
  /** Of scenarios with a program of their own: what a request is (`pids`), their own figures, and what their rate is held against. */
  requestUnit: z.string().optional(),
  figures: figures.optional(),
  gain: gain.optional(),
  /** Policy events that were refused, set-up included, by the kernel's error: ENOENT, EEXIST, ... No violations. */
  policyErrors: counts.optional(),
  /** What each policy event came to whose answer the script wrote down: `done` or the error. */
  answers: z.array(z.string()).optional(),
  policySteps: z.array(policyStep).optional(),
  /** What a reader should know: skipped lines of a trace, a run that was cut. */
  notes: z.array(z.string()),
});

const host = z.object({
  cpuModel: z.string(),
  /** Logical CPUs that this process may use. */
  cores: z.int().positive(),
  os: z.string(),
  node: z.string(),
  refplay: z.string(),
});

const record = z.object({
  version: z.literal(resultsVersion),
  /** Name of the config. */
  name: z.string(),
  /** What decides whether another run may go on with this file: SHA-256 over config, seed, sources, host, versions. */
  fingerprint: z.string(),
  /** ISO 8601, UTC; when the first cell was finished. */
  createdAt: z.string().optional(),
  /** Config echo, defaults filled in. */
  config: z.record(z.string(), z.unknown()),
  seed: z.string(),
  /** `sim`, `threads`, or both in the order in which their cells run: `sim, threads`. */
  engine: z.string(),
  /** The machine that sim simulates: its description as it was read. */
  machine: z.record(z.string(), z.unknown()).optional(),
  host,
  /** Ids of all cells of the run, in order; those not in `cells` are still to be measured. */
  planned: z.array(z.string()),
  cells: z.array(cell),
  /** Why the run ended before its last cell, where it was not killed. */
  failure: z.object({ cell: z.string(), code: z.string(), message: z.string() }).optional(),
});

export const resultsSchema = record;
export type ResultsRecord = z.output<typeof record>;
export type Cell = z.output<typeof cell>;
export type Host = z.output<typeof host>;

/** Whether every planned cell is there. */
export function isComplete(results: ResultsRecord): boolean {
  return results.planned.every((id) => results.cells.some((found) => found.id === id));
}

/** Whether any cell broke a rule or leaked: exit status 1. */
export function hasFaults(results: ResultsRecord): boolean {
  return results.cells.some((found) => found.leaked > 0 || found.violations > 0);
}
