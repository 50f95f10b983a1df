/** The compiled part of the benchmark: our loops against the C peers, in passes of interleaved rounds. */
import { medianSorted } from "simple-statistics";
import { LinkedSide } from "./linked-side.ts";
import { PeerProcess } from "./peer-process.ts";
import { type Contest, figuresOf, runRounds } from "./rounds.ts";
import type { ProgramSource, Row } from "./rows.ts";
import type { Comparison } from "./table.ts";

export interface CompiledOptions {
  /** Times that both sides start anew, which moves code and data to other addresses. */
  readonly passes: number;
  /** Rounds in each pass. */
  readonly rounds: number;
  /** Length of one run in ms. */
  readonly runMs: number;
  /** Path of the C peers' program. */
  readonly peers: string;
  readonly pin: boolean;
  /** Told after each pass. */
  readonly progress: (done: number, of: number) => void;
}

/** Our sides by program and number of threads: rows share them. */
class Sides {
  readonly #open = new Map<string, Promise<LinkedSide>>();
  readonly #pin: boolean;

  constructor(pin: boolean) {
    this.#pin = pin;
  }

  side(source: ProgramSource, threads: number): Promise<LinkedSide> {
    const key = `${source.module} ${source.strategy} ${threads}`;
    const side = this.#open.get(key) ?? LinkedSide.open(source, threads, this.#pin);
    this.#open.set(key, side);
    return side;
  }

  async close(): Promise<void> {
    for (const side of this.#open.values()) await (await side).close();
  }
}

/**
 * Times as many rounds for threads that contend: how long the line stays with one of them differs from round to round. With
 * 60 rounds the ratio of kref's row lay between 0.99 and 1.26 in five runs, with 240 between 1.00 and 1.08 in three.
 */
const contendedRounds = 4;

/** Adds a pass's times of one row. */
function keep(times: number[][][], row: number, entrants: readonly (readonly number[])[]): void {
  const all = times[row] ?? [];
  times[row] = all;
  for (const [entrant, series] of entrants.entries()) {
    const known = all[entrant] ?? [];
    all[entrant] = known;
    known.push(...series);
  }
}

/** One pass; adds its times in ns per pair to `times[row][entrant]`, entrant 0 ours, then the row's peers that exist. */
async function runPass(rows: readonly Row[], times: number[][][], options: CompiledOptions): Promise<void> {
  const peers = new PeerProcess(options.peers);
  const sides = new Sides(options.pin);
  try {
    const known = new Set((await peers.list()).map((peer) => peer.name));
    const contests: Contest[] = [];
    for (const row of rows) {
      const side = await sides.side(row.program, row.threads);
      const ours = { side, name: row.entry };
      const theirs = row.peers.filter((name) => known.has(name)).map((name) => ({ side: peers, name }));
      contests.push({
        threads: row.threads,
        labels: row.labels,
        // Both sides or neither.
        pin: side.pinned,
        entrants: [ours, ...theirs],
      });
    }
    for (const contends of [false, true]) {
      const indices = [...rows.keys()].filter((r) => rows[r]?.contends === contends);
      const group = indices.map((r) => contests[r] as Contest);
      const rounds = options.rounds * (contends ? contendedRounds : 1);
      const pass = await runRounds(group, { ...options, rounds });
      for (const [index, entrants] of pass.entries()) keep(times, indices[index] as number, entrants);
    }
  } finally {
    await sides.close();
    await peers.close();
  }
}

/** Compares every row with each of its peers that was built. */
export async function compareCompiled(
  rows: readonly Row[],
  options: CompiledOptions,
): Promise<readonly Comparison[]> {
  const times: number[][][] = [];
  for (let pass = 0; pass < options.passes; pass++) {
    await runPass(rows, times, options);
    options.progress(pass + 1, options.passes);
  }
  return rows.flatMap((row, r) => {
    const [ours, ...theirs] = times[r] ?? [];
    if (ours === undefined) return [];
    return theirs.map((series, p) =>
      compare(row, row.peers[p] ?? "", ours, series, p === 0 ? row.target : null),
    );
  });
}

function compare(
  row: Row,
  peer: string,
  ourTimes: readonly number[],
  theirTimes: readonly number[],
  target: number | null,
): Comparison {
  const ours = figuresOf(ourTimes);
  const theirs = figuresOf(theirTimes);
  const ratios = ourTimes
    .map((time, round) => time / (theirTimes[round] ?? Number.NaN))
    .sort((a, b) => a - b);
  const ratio = row.contends ? ours.quartileNs / theirs.quartileNs : ours.bestNs / theirs.bestNs;
  return {
    row: row.name,
    threads: row.threads,
    labels: row.labels,
    peer,
    ours,
    theirs,
    ratio,
    roundRatio: medianSorted(ratios),
    target,
  };
}
