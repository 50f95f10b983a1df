/** The compiled part of the benchmark: our loops against the C peers, in passes of interleaved rounds. */
import { medianSorted } from "simple-statistics";
import { LinkedSide } from "../../src/bench/linked-side.ts";
import { PeerProcess } from "../../src/bench/peer-process.ts";
import type { ProgramSource } from "../../src/bench/programs.ts";
import { type Contest, type Entrant, figuresOf, runRounds } from "../../src/bench/rounds.ts";
import type { Peer, Row } from "./rows.ts";
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
    const side = this.#open.get(key) ?? LinkedSide.open(source, threads, { pin: this.#pin });
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

/** Those of the row's peers that there are; a library's are missing where the library is. */
function peersThatExist(row: Row, inC: ReadonlySet<string>): readonly Peer[] {
  return row.peers.filter(({ name, program }) => program !== undefined || inC.has(name));
}

/**
 * One pass; adds its times in ns per pair to `times[row][entrant]`, entrant 0 ours, then the row's peers that exist. Names of the
 * C peers that there are.
 */
async function runPass(
  rows: readonly Row[],
  times: number[][][],
  options: CompiledOptions,
): Promise<ReadonlySet<string>> {
  const peers = new PeerProcess(options.peers);
  const sides = new Sides(options.pin);
  try {
    const known = new Set((await peers.list()).map((peer) => peer.name));
    const contests: Contest[] = [];
    for (const row of rows) {
      const side = await sides.side(row.program, row.threads);
      const ours = { side, name: row.entry };
      const theirs: Entrant[] = [];
      for (const { name, program } of peersThatExist(row, known)) {
        if (program === undefined) theirs.push({ side: peers, name });
        else theirs.push({ side: await sides.side(program, row.threads), name: row.entry });
      }
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
    return known;
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
  let inC: ReadonlySet<string> = new Set();
  for (let pass = 0; pass < options.passes; pass++) {
    inC = await runPass(rows, times, options);
    options.progress(pass + 1, options.passes);
  }
  return rows.flatMap((row, r) => {
    const [ours, ...theirs] = times[r] ?? [];
    if (ours === undefined) return [];
    return peersThatExist(row, inC).map((peer, p) => compare(row, peer, ours, theirs[p] ?? []));
  });
}

function compare(
  row: Row,
  { name, target }: Peer,
  ourTimes: readonly number[],
  theirTimes: readonly number[],
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
    peer: name,
    ours,
    theirs,
    ratio,
    roundRatio: medianSorted(ratios),
    target,
  };
}
