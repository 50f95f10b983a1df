/** A small results record to change and to read back. */
import type { Cell, ResultsRecord } from "../../src/results/schema.ts";

export function aCell(changes: Partial<Cell> = {}): Cell {
  return {
    id: "kref@1",
    strategy: "kref",
    strategyOptions: {},
    engine: "threads",
    workload: "nginx",
    cpus: 1,
    requestsPerSecond: 2_345_678.5,
    requestsPerSecondSpread: {
      min: 2.3e6,
      max: 2.4e6,
      medianAbsDev: 23_456,
      repetitions: [2.3e6, 2_345_678.5, 2.4e6],
    },
    requests: 400_000,
    elapsedNs: 170_000_000,
    pairNs: { p50: 4.31, p99: 12.345, max: 20_000 },
    rmwPerRequest: 6,
    rmwPerRequestTotal: 21.25,
    labelBytes: 192,
    leaked: 0,
    openAtEnd: 0,
    violations: 0,
    oversubscribed: false,
    pinned: true,
    verify: false,
    events: { open: 400_000 },
    notes: [],
    ...changes,
  };
}

/** A cell whose load looked labels up and changed policy. */
export function aPolicyCell(changes: Partial<Cell> = {}): Cell {
  return aCell({
    labelSet: {
      variant: "rcu-list",
      lookUps: 5_000_000,
      lookUpsPerSecond: 12_345_678,
      retries: 1234,
      fallbacks: 5,
      listed: 40_000,
      drains: 30_000,
      longestList: 17,
      lockWaits: 321,
      lockWaitMs: 45,
      updates: 1700,
      updatesPerSecond: 10_000,
      rebuilt: 3400,
      scanned: 17_000_000,
      merges: 800,
      fileMerges: 40,
      fileMergesRefused: 0,
      compoundsMade: 700,
      members: 10_000,
    },
    reclaim: { labels: 5100, meanMs: 3.25, maxMs: 41 },
    buffers: { variant: "hybrid", bytes: 49_152, takes: 800_000, lockWaits: 12, lockWaitMs: 1 },
    labelBytesByPart: {
      label: 80,
      strategy: 8,
      vectorPerPart: 8,
      perCpu: 16,
      extra: 64,
      proxy: 24,
      profile: 32,
      name: 26,
    },
    policyErrors: { ENOENT: 2, EEXIST: 1 },
    answers: ["done", "ENOENT", "done"],
    ...changes,
  });
}

/** A cell on the simulator. */
export function aSimCell(changes: Partial<Cell> = {}): Cell {
  return aCell({
    id: "kref@192",
    hooks: "v6.6",
    engine: "sim",
    cpus: 192,
    requestsPerSecond: 2_480_000,
    requestsPerSecondSpread: { min: 2.48e6, max: 2.48e6, medianAbsDev: 0, repetitions: [2.48e6] },
    efficiencyPct: 67.8,
    transfersPerRequest: { self: 0, smt: 0.41, l3: 1.5, socket: 4.25, cross: 0, memory: 0.002, all: 6.162 },
    timeSplitPct: {
      think: 58.2,
      slowdown: 10.3,
      own: 0.2,
      lines: 29.9,
      locks: 0.1,
      gracePeriods: 0,
      spin: 0,
      rest: 1.3,
    },
    hottestLines: [
      {
        symbol: "label(unconfined).refs",
        transfers: 240_000,
        transfersPerRequest: 6,
        byDistance: { self: 0, smt: 16_000, l3: 60_000, socket: 164_000, cross: 0, memory: 0 },
        loads: 0,
        meanWaitNs: 3870.25,
        mostWaiting: 88,
        code: [
          {
            function: "get",
            file: "strategies/kref.ts",
            line: 38,
            operation: "fetchAdd",
            transfers: 150_000,
          },
          { function: "put", file: "strategies/kref.ts", line: 62, operation: "fetchAdd", transfers: 90_000 },
        ],
      },
    ],
    ownership: {
      symbol: "label(unconfined).refs",
      atNs: [4.5, 6, 31],
      cpus: [3, 2, 150],
      distances: "l3 smt socket",
    },
    latencies: [
      { event: "open", count: 38_000, meanNs: 4000, p50Ns: 3900, p90Ns: 6000, p99Ns: 9000.5, maxNs: 20_000 },
      { event: "close", count: 38_000, meanNs: 2000, p50Ns: 1900, p90Ns: 3000, p99Ns: 4000, maxNs: 9000 },
    ],
    checkpoints: { atNs: [1e6, 2e6], requests: [2500, 5000] },
    rateWindow: { startNs: 2e6, endNs: 14e6, requests: 29_760 },
    gracePeriodTimes: { meanMs: 7.5, longestMs: 7.6 },
    assumptions: ["of epyc-9654, assumed: holdNs"],
    ...changes,
  });
}

export function aRecord(changes: Partial<ResultsRecord> = {}): ResultsRecord {
  return {
    version: 1,
    name: "nginx-threads",
    fingerprint: "f00d",
    createdAt: "2024-05-06T07:08:09.000Z",
    config: { scenario: "nginx", hooks: "v6.6", repetitions: 3 },
    seed: "nginx-2024",
    engine: "threads",
    host: { cpuModel: "Made-up CPU @ 2.00GHz", cores: 2, os: "Linux 6.1", node: "20.20.2", refplay: "0.1.0" },
    planned: ["kref@1"],
    cells: [aCell()],
    ...changes,
  };
}
