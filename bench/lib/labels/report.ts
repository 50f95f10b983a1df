/** The tables of `npm run bench:labels`. */
import type { Latency, Spread } from "../../../src/engines/threads/statistics.ts";
import { plainTable } from "../table.ts";
import type { LabelBytes } from "./bytes.ts";
import type { CreatorResult } from "./creators.ts";
import type { LookUpResult, LookUpResults, Setting } from "./look-ups.ts";

/** "Must reach" of issue 4: ns of a look-up on one thread, and the rate beside an updater to that beside a busy thread. */
export const targets = { findNs: 1000, keptRate: 0.8 } as const;

const ms = 1e6;

/** `312 ±4`: median and the median distance from it. */
export function spreadText(spread: Spread | null, digits = 0): string {
  if (spread === null) return "-";
  return `${spread.median.toFixed(digits)} ±${spread.medianAbsDev.toFixed(digits)}`;
}

/** What is left of the rate of look-ups in `first` when it is like in `second`; null where either was never undisturbed. */
export function keptRate(result: LookUpResult, first: Setting, second: Setting): number | null {
  const [before, after] = [result.ns[first], result.ns[second]];
  return before === null || after === null ? null : before.median / after.median;
}

const percent = (share: number | null): string => (share === null ? "-" : `${(share * 100).toFixed(1)} %`);

const millions = (spread: Spread | null): string =>
  spread === null ? "-" : (1000 / spread.median).toFixed(2);

function verdict(met: boolean | null): string {
  if (met === null) return "";
  return met ? "ok" : "missed";
}

const isOurs = ({ variant }: LookUpResult): boolean => variant === "rcu-list";

export function findTable({ results, peer }: LookUpResults): string {
  const rows = results.map((result) => {
    const { alone, scriptAlone, noLookUp } = result.ns;
    const met = alone === null ? null : alone.median < targets.findNs;
    return [
      result.variant,
      spreadText(alone, 1),
      spreadText(scriptAlone, 1),
      spreadText(noLookUp, 1),
      verdict(met),
    ];
  });
  if (peer !== null) rows.push(["the same in C", spreadText(peer, 1), "", "", ""]);
  return plainTable(
    ["ns per look-up, one thread", "called", "by a script", "tryGet + put only", `< ${targets.findNs}`],
    rows,
  );
}

export function besideTable({ results, privateBytes }: LookUpResults): string {
  return plainTable(
    [
      "look-ups beside a second thread",
      `ns, busy on ${privateBytes / 1024} KiB`,
      "ns, replacing",
      "M/s, busy",
      "M/s, replacing",
      "kept",
      "kept, by a script",
      "kept, 1 in 500 made",
      `>= ${targets.keptRate * 100} %`,
      "disturbed rounds",
    ],
    results.map((result) => {
      const { busy, replacing } = result.ns;
      const kept = keptRate(result, "busy", "replacing");
      const met = isOurs(result) && kept !== null ? kept >= targets.keptRate : null;
      return [
        result.variant,
        spreadText(busy, 1),
        spreadText(replacing, 1),
        millions(busy),
        millions(replacing),
        percent(kept),
        percent(keptRate(result, "scriptBusy", "scriptReplacing")),
        percent(keptRate(result, "makingBusy", "makingReplacing")),
        verdict(met),
        `${result.disturbed} of ${result.rounds}`,
      ];
    }),
  );
}

function perSecond(count: number, ns: number): string {
  return ns === 0 ? "-" : ((count / ns) * 1e9).toFixed(0);
}

function each(count: number, of: number, digits = 1): string {
  return of === 0 ? "-" : (count / of).toFixed(digits);
}

export function updaterTable({ results }: LookUpResults): string {
  return plainTable(
    [
      "while profiles are replaced",
      "updates/s",
      "compounds renewed each",
      "labels looked at each",
      "retries per M",
      "fallbacks per M",
      "longest list",
      "lock waits",
      "labels freed/s",
      "freed after, mean ms",
      "most ms",
    ],
    results.map(({ variant, counts, countedNs }) => {
      const { updates, lookUps, reclaimed } = counts;
      return [
        variant,
        perSecond(updates, countedNs),
        each(counts.rebuilt, updates, 2),
        each(counts.scanned, updates, 0),
        each(counts.retries * 1e6, lookUps),
        each(counts.fallbacks * 1e6, lookUps),
        String(counts.longestList),
        String(counts.lockWaits),
        perSecond(reclaimed, countedNs),
        each(counts.reclaimTicks, reclaimed, 2),
        reclaimed === 0 ? "-" : String(counts.longestReclaimTicks),
      ];
    }),
  );
}

const nsText = (ns: number | undefined): string => {
  if (ns === undefined) return "-";
  return ns >= ms / 10 ? `${(ns / ms).toFixed(2)} ms` : `${ns.toFixed(0)} ns`;
};

const three = (latency: Latency | null): string[] => [
  nsText(latency?.p50),
  nsText(latency?.p99),
  nsText(latency?.max),
];

export function creatorTable(results: readonly CreatorResult[]): string {
  return plainTable(
    [
      "making a compound",
      "second thread",
      "p50",
      "p99",
      "max",
      "p99 of passes",
      "made",
      "timer p50",
      "updates/s",
      "renewed each",
      "longest list",
      "lock waits",
      "lock waits, ms",
      "disturbed rounds",
    ],
    results.map(({ variant, second, ns, p99, timerNs, counts, countedNs, disturbed }) => [
      variant,
      second,
      ...three(ns),
      p99 === null ? "-" : `${nsText(p99.median)} ±${nsText(p99.medianAbsDev)}`,
      String(ns?.samples ?? 0),
      nsText(timerNs?.p50),
      perSecond(counts.updates, countedNs),
      each(counts.rebuilt, counts.updates, 0),
      String(counts.longestList),
      String(counts.lockWaits),
      String(counts.lockWaitTicks),
      String(disturbed),
    ]),
  );
}

export function bytesTable(rows: readonly LabelBytes[], cpus: number): string {
  return plainTable(
    [
      "bytes of a label",
      "kind",
      "profiles",
      "label",
      "strategy",
      "vector",
      "part holders",
      "name",
      "proxy",
      "profile",
      `per-CPU (${cpus} CPUs)`,
      "apart",
      "total",
    ],
    rows.map((row) => [
      row.strategy,
      row.kind,
      ...[
        row.profiles,
        row.label,
        row.counter,
        row.vector,
        row.holders,
        row.name,
        row.proxy,
        row.profile,
      ].map(String),
      ...[row.perCpu, row.extra, row.total].map(String),
    ]),
  );
}
