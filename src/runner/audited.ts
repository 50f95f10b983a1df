/** The kernel's audit counters under the names that results use, and what leaks and violations are made of them. */

import type { Violation } from "../engines/reference/index.ts";
import type { Repetition } from "../engines/threads/index.ts";
import { Audit, retiredWaitLimit, ScriptError, scriptErrorLimit } from "../kernel/audit.ts";
import { Kind } from "../kernel/core/kinds.ts";
import { Mark, Verdict, verdictLimit, warningLimit } from "../kernel/core/marks.ts";
import type { StrategyDescription } from "../link/meta.ts";
import { kebab } from "../names.ts";
import type { Workload } from "../workloads/index.ts";
import { setupCounts } from "./setup-phase.ts";

const kinds = [
  "labels",
  "profiles",
  "proxies",
  "creds",
  "files",
  "sockets",
  "tasks",
  "namespaces",
  "channels",
  "labelExtras",
  "rawdata",
  "buffers",
] as const;

function named(
  prefix: string,
  first: number,
  limit: number,
  name: (index: number) => string | undefined,
): [string, number][] {
  return Array.from({ length: limit }, (_, index) => [name(index), first + index] as const)
    .filter((entry): entry is readonly [string, number] => entry[0] !== undefined && entry[0] !== "none")
    .map(([text, counter]) => [`${prefix}${kebab(text)}`, counter]);
}

/** Counters of what happens in a run, as opposed to what is there: its set-up does not count among them. */
export const countersOfRun = [
  "requests",
  "events",
  "gracePeriods",
  "lookUps",
  "lookUpRetries",
  "lookUpFallbacks",
  "listed",
  "setLockWaits",
  "setLockWaitTicks",
  "policyUpdates",
  "rebuilt",
  "scanned",
  "reclaimed",
  "reclaimTicks",
  "merges",
  "fileMerges",
  "fileMergesRefused",
  "drains",
  "compoundsMade",
  "bufferTakes",
  "bufferLockWaits",
  "bufferLockWaitTicks",
  "retired",
  "retiredFreed",
  "retiredTicks",
  "toPercpu",
  "toAtomic",
  "percpuRefused",
] as const satisfies readonly (keyof typeof Audit)[];

/** Counters of what is there, or was the most at a time, set-up included. */
const standing = [
  "longestList",
  "longestReclaimTicks",
  "setMembers",
  "bufferBytes",
  "longestRetiredTicks",
  "waiting",
  "waitingTicks",
  "mostWaiting",
  "mostLabels",
  "percpuLabels",
  "mostPercpuLabels",
] as const;

/**
 * Waits of retired labels by length, of programs that count them; see `Audit.retiredWaits`. What happens in a run, as the counters of
 * `countersOfRun` are.
 */
export const waitCounters: Readonly<Record<string, number>> = Object.fromEntries(
  Array.from({ length: retiredWaitLimit }, (_, length) => [`wait:${length}`, Audit.retiredWaits + length]),
);

/** All counters that a run reads, by name. */
export const auditCounters: Readonly<Record<string, number>> = Object.fromEntries([
  ...kinds.map((kind): [string, number] => [kind, Audit[kind]]),
  ["objects", Audit.objects],
  ["openDescriptors", Audit.openDescriptors],
  ["filesInFlight", Audit.filesInFlight],
  ...[...countersOfRun, ...standing].map((name): [string, number] => [name, Audit[name]]),
  ["percpuBytesInUse", Audit.percpuBytesInUse],
  ["heapBytes", Audit.heapBytes],
  ["peakCallbackBacklog", Audit.peakCallbackBacklog],
  ...named("script:", Audit.scriptErrors, scriptErrorLimit, (index) => ScriptError[index]),
  ...named("warning:", Audit.warnings, warningLimit, (index) => Mark[index]),
  ...named("violation:", Audit.violations, verdictLimit, (index) => Verdict[index]),
]);

/** The broken rule that a mark of the kernel tells of, in the engines' words; undefined for other marks. */
export function verdictOfMark(event: number): Violation["verdict"] | undefined {
  const name = event > Mark.violation ? Verdict[event - Mark.violation] : undefined;
  return name === undefined ? undefined : (kebab(name) as Violation["verdict"]);
}

type Counters = Readonly<Record<string, number>>;

/** How a strategy says that labels go; see `capabilities` in docs/strategy-contract.md. */
type Releases = StrategyDescription["capabilities"]["releases"];

/** What stays for ever with a strategy that never releases a label: the label and what only its end would free. */
const keptWithLabels: ReadonlySet<string> = new Set([
  "labels",
  "profiles",
  "proxies",
  "namespaces",
  "rawdata",
]);

const keptKinds: readonly Kind[] = [Kind.label, Kind.profile, Kind.proxy, Kind.namespace, Kind.rawdata];

/** Bytes that the per-CPU allocator gives out at a time, on each CPU. */
const percpuCounterBytes = 8;

/** Objects still alive after everything was closed, removed and drained, by kind; per-CPU counters are a kind too. */
export function leaksOf(atTeardown: Counters, releases: Releases): Record<string, number> {
  const counters = (atTeardown.percpuBytesInUse ?? 0) / percpuCounterBytes;
  const objects = kinds.map((kind): [string, number] => [kind, atTeardown[kind] ?? 0]);
  const left: [string, number][] = [...objects, ["percpuCounters", counters]];
  const unexpected = left.filter(([kind]) => releases !== "never" || !keptWithLabels.has(kind));
  // Less than none: more were freed than allocated. That must not make up for what is left of another kind.
  return nonZero(unexpected.map(([kind, count]) => [kebab(kind), Math.abs(count)]));
}

/** The same of a counted run, which knows objects by their kind. */
export function leftOver(byKind: ReadonlyMap<Kind, number>, releases: Releases): Record<string, number> {
  const kept: ReadonlySet<Kind> = new Set(releases === "never" ? keptKinds : []);
  const left = [...byKind].filter(([kind]) => !kept.has(kind));
  return Object.fromEntries(left.map(([kind, count]) => [`${kebab(Kind[kind])} (counted run)`, count]));
}

/** What a reader of a cell should know about labels that stay. */
export function releaseNotes(releases: Releases): string[] {
  return releases === "never"
    ? [
        "this strategy never releases labels: labels, profiles, proxies and policy texts are not counted as leaked",
      ]
    : [];
}

/** Spread of the repetitions, as a share of their median, above which a cell says little. */
const busySpread = 0.1;

/** What a reader should know about how steady a cell was. @param why what makes runs differ */
export function spreadNotes(
  rates: { readonly median: number; readonly medianAbsDev: number },
  why = "the machine was busy, or runs are too short",
): string[] {
  if (rates.medianAbsDev <= busySpread * rates.median) return [];
  const percent = Math.round((100 * rates.medianAbsDev) / rates.median);
  return [`repetitions differ by ${percent} % of the median: ${why}`];
}

/** Broken rules by name: violations, misuse that a strategy noticed, and errors of the script itself. */
export function violationsOf(atTeardown: Counters): Record<string, number> {
  const entries = Object.entries(atTeardown).flatMap(([name, count]): [string, number][] => {
    const match = /^(violation|warning|script):(.*)$/.exec(name);
    return match === null
      ? []
      : [[match[1] === "script" ? `script-error ${match[2]}` : (match[2] ?? name), count]];
  });
  return nonZero(entries);
}

/**
 * What a run did not do although its script says so: records that were not executed, descriptors that are open or closed
 * against it. Nothing but the set-up's where the run was cut by time.
 */
export function unfaithful(run: Repetition, workload: Workload): Record<string, number> {
  const { cpus, expected } = workload;
  const executed = run.atSetup.events ?? 0;
  const missing = Math.abs(setupCounts(workload).records - executed);
  const setup = [["setup-records-not-executed", missing]] as const;
  if (!run.finished) return nonZero(setup);
  // The `end` of each script is read and not executed.
  const records = expected.records - cpus - executed - (run.atEnd.events ?? 0);
  const open = expected.openAtCut - (run.atEnd.openDescriptors ?? 0) - (run.atEnd.filesInFlight ?? 0);
  return nonZero([
    ...setup,
    ["records-not-executed", Math.abs(records)],
    ["descriptors-against-script", Math.abs(open)],
  ]);
}

/** The largest count of each name: what the worst of several runs of the same script shows. */
export function mostCounts(...parts: readonly Counters[]): Record<string, number> {
  const most: Record<string, number> = {};
  for (const part of parts)
    for (const [name, count] of Object.entries(part)) most[name] = Math.max(most[name] ?? 0, count);
  return most;
}

/** Adds counts by name. */
export function addCounts(...parts: readonly Counters[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const part of parts)
    for (const [name, count] of Object.entries(part)) sum[name] = (sum[name] ?? 0) + count;
  return sum;
}

export function total(counts: Counters): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

function nonZero(entries: readonly (readonly [string, number])[]): Record<string, number> {
  return Object.fromEntries(entries.filter(([, count]) => count !== 0));
}
