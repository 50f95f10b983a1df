/**
 * One fresh start: two strategies, each linked, compiled and laid out twice, and their C peers, timed in turn by threads that
 * contend for one label. A process of its own, since what differs from start to start is where code and data come to lie.
 */
import seedrandom from "seedrandom";
import { LinkedSide } from "../../src/bench/linked-side.ts";
import { PeerProcess } from "../../src/bench/peer-process.ts";
import { type Entrant, figuresOf, runRounds } from "../../src/bench/rounds.ts";

export interface StartJob {
  /** Decides in which order everything is started. */
  readonly seed: string;
  readonly strategies: readonly [string, string];
  readonly entry: "getPut" | "tryGetPut";
  readonly threads: number;
  readonly rounds: number;
  readonly runMs: number;
  /** Path of the C peers' program. */
  readonly peers: string;
}

/** First quartiles, ns per pair, by strategy as in the job: of both copies of ours, and of the C peer where there is one. */
export interface StartResult {
  readonly ours: readonly [readonly number[], readonly number[]];
  readonly inC: readonly [number | null, number | null];
}

/** Names of the C peers that do what `entry` does. */
const peerSuffix = { getPut: "", tryGetPut: "-tryget" };

interface Named {
  readonly strategy: 0 | 1;
  readonly inC: boolean;
  readonly entrant: Entrant;
}

async function start(job: StartJob): Promise<StartResult> {
  const random = seedrandom(job.seed);
  const order = ([0, 1, 0, 1] as const)
    .map((strategy) => ({ strategy, at: random() }))
    .sort((a, b) => a.at - b.at);
  const sides: LinkedSide[] = [];
  const peers = new PeerProcess(job.peers);
  try {
    const all: Named[] = [];
    for (const { strategy } of order) {
      const source = { module: "pairs", strategy: job.strategies[strategy] } as const;
      const side = await LinkedSide.open(source, job.threads, { pin: true });
      sides.push(side);
      all.push({ strategy, inC: false, entrant: { side, name: job.entry } });
    }
    const known = new Set((await peers.list()).map(({ name }) => name));
    for (const strategy of [0, 1] as const) {
      const name = `${job.strategies[strategy]}${peerSuffix[job.entry]}`;
      if (known.has(name)) all.push({ strategy, inC: true, entrant: { side: peers, name } });
    }
    const pin = sides.every(({ pinned }) => pinned);
    const contest = { threads: job.threads, labels: 1, pin, entrants: all.map(({ entrant }) => entrant) };
    const [times] = await runRounds([contest], job);
    const quartiles = (times ?? []).map((series) => figuresOf(series).quartileNs);
    const of = (strategy: number, inC: boolean): number[] =>
      quartiles.filter((_, index) => all[index]?.strategy === strategy && all[index]?.inC === inC);
    return {
      ours: [of(0, false), of(1, false)],
      inC: [of(0, true)[0] ?? null, of(1, true)[0] ?? null],
    };
  } finally {
    for (const side of sides) await side.close();
    await peers.close();
  }
}

process.once("message", async (job) => {
  process.send?.(await start(job as StartJob), () => process.disconnect());
});
