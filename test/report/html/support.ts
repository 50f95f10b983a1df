/** Made-up records for the HTML report: what a page may be asked to show, as large as it comes. */
import { parseHTML } from "linkedom";
import type { PublishedScaling } from "../../../src/report/html/index.ts";
import { withEfficiency } from "../../../src/results/efficiency.ts";
import type { Cell, ResultsRecord } from "../../../src/results/schema.ts";
import { aCell, aPolicyCell, aRecord, aSimCell } from "../../results/support.ts";

export const machine = { name: "epyc-9654", title: "AMD EPYC 9654: 96 cores, 192 threads" };

export const published: PublishedScaling[] = [
  {
    scenario: "nginx",
    machine: "epyc-9654",
    hooks: "v6.6",
    strategy: "kref",
    points: [
      { cpus: 16, runs: [100, 100] },
      { cpus: 192, runs: [68, 65] },
    ],
    noisePoints: 3,
    source: "a mail of somebody's",
  },
];

const histogram = {
  upToNs: Array.from({ length: 60 }, (_, bucket) => Number((10 * 2 ** (bucket / 4)).toPrecision(4))),
  counts: Array.from({ length: 60 }, (_, bucket) => 1000 - 16 * bucket),
};

const distances = ["smt", "l3", "socket", "cross", "memory"];

/** A simulated cell with everything that one may have, as much of each as there may be. */
export function fullCell(changes: Partial<Cell> = {}): Cell {
  const [line] = aSimCell().hottestLines ?? [];
  if (line === undefined) throw new Error("a simulated cell has a hottest line");
  const events = ["open", "close", "send", "accept", "permission", "look-up-label", "think", "end"];
  const { labelSet, reclaim, buffers, labelBytesByPart } = aPolicyCell();
  return aSimCell({
    labelSet,
    reclaim,
    buffers,
    labelBytesByPart,
    latencies: events.map((event, index) => ({
      event,
      count: 38_000,
      meanNs: (10 + index) * (changes.requestsPerSecond ?? 1),
      p50Ns: 39,
      p90Ns: 60,
      p99Ns: 9000.5,
      maxNs: 20_000,
      histogram,
    })),
    hottestLines: Array.from({ length: 8 }, (_, rank) => ({
      ...line,
      symbol: `label(profile ${rank}).refs`,
      transfersPerRequest: 6 - rank / 2,
    })),
    ownership: {
      symbol: "label(unconfined).refs",
      atNs: Array.from({ length: 256 }, (_, at) => 3_506_198.5625 + 59 * at),
      cpus: Array.from({ length: 256 }, (_, at) => (at * 37) % (changes.cpus ?? 192)),
      distances: Array.from({ length: 256 }, (_, at) => distances[at % distances.length]).join(" "),
    },
    retirement: {
      labels: 5000,
      freed: 4990,
      meanMs: 0.75,
      maxMs: 12.5,
      waiting: 10,
      waitingMeanMs: 1,
      peakWaitingBytes: 12_345,
      peakLabels: 700,
      waitHistogram: { upToMs: histogram.upToNs.map((ns) => ns / 1e5), counts: histogram.counts },
    },
    unreclaimed: {
      atNs: Array.from({ length: 200 }, (_, at) => 1e5 * at),
      labels: Array.from({ length: 200 }, (_, at) => (at * 7) % 50),
    },
    peakUnreclaimed: 49,
    ...changes,
  });
}

export function simRecord(cells: readonly Cell[], changes: Partial<ResultsRecord> = {}): ResultsRecord {
  return aRecord({
    name: "nginx-zen4",
    engine: "sim",
    machine,
    config: { scenario: "nginx", hooks: "v6.6", machine: "epyc-9654", strategies: ["none", "kref"] },
    cells: [...cells],
    planned: cells.map(({ id }) => id),
    ...changes,
  });
}

/** As many cells as a report must show at once: `strategies` x 8 numbers of CPUs. */
export function largeRecord(strategies = 10): ResultsRecord {
  const cells = [1, 2, 4, 8, 16, 48, 96, 192].flatMap((cpus) =>
    Array.from({ length: strategies }, (_, index) =>
      fullCell({
        id: `strategy-number-${index}@${cpus}`,
        strategy: `strategy-number-${index}`,
        cpus,
        requestsPerSecond: (20_000 - 500 * index) * cpus ** 0.95,
        labelBytes: 104 + 8 * index * cpus,
      }),
    ),
  );
  return simRecord(withEfficiency(cells));
}

/** Prediction and measurement with two strategies; the prediction of `kref` has published figures. */
export function smallRecord(changes: Partial<ResultsRecord> = {}): ResultsRecord {
  const sim = [16, 192].flatMap((cpus) => [
    fullCell({ id: `none@${cpus} sim`, strategy: "none", cpus, requestsPerSecond: 22_000 * cpus }),
    fullCell({ id: `kref@${cpus} sim`, cpus, requestsPerSecond: 22_000 * cpus ** 0.85 }),
  ]);
  const threads = [aCell({ id: "none@1 threads", strategy: "none" }), aCell({ id: "kref@1 threads" })];
  return simRecord(withEfficiency([...sim, ...threads]), { engine: "sim, threads", ...changes });
}

/** Of a scenario with a program of its own. */
export function scenarioRecord(): ResultsRecord {
  const figures = (value: number): NonNullable<Cell["figures"]> => [
    { name: "system time", unit: "%", value, published: { min: 85, max: 85, source: "a commit" } },
    { name: "restarts", unit: "count", value: null },
  ];
  const of = (strategy: string, requestsPerSecond: number, changes: Partial<Cell>): Cell => {
    const { labelBytesByPart: _none, hooks: _hooks, ...cell } = fullCell({ id: `${strategy}@128`, strategy });
    return { ...cell, workload: "proc-walk", requestUnit: "pids", requestsPerSecond, ...changes };
  };
  return simRecord(
    [
      of("ref-walk", 292_000, { cpus: 128, figures: figures(97) }),
      of("rcu-walk", 900_000, {
        cpus: 128,
        figures: figures(86.5),
        gain: { over: "ref-walk", published: { min: 3, max: 4, source: "a commit" } },
      }),
    ],
    {
      name: "proc-walk",
      config: { scenario: "proc-walk", strategies: [], variants: ["ref-walk", "rcu-walk"] },
    },
  );
}

/** A page to look things up in. */
export function parsed(html: string) {
  return parseHTML(html).document;
}
