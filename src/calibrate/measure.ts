/** Times what `bench/programs/calibrate.ts` does, on worker threads of the threads engine. */
import { freemem } from "node:os";
import { join } from "node:path";
import { hostWasmOptions, type Threads, withThreads } from "../engines/threads/index.ts";
import { linkProgram } from "../link/link.ts";
import { nodeHost, packageRoot } from "../link/node-host.ts";
import { buildWasm } from "../link/wasm/index.ts";
import { chainStride, layMemoryRing, layRing } from "./layout.ts";
import type { CalibrationPlan, GroupPlan, PairPlan } from "./plan.ts";
import { measureSteps, type RoundOptions, type Step } from "./rounds.ts";
import type { Figure } from "./statistics.ts";

export interface PairFigures extends PairPlan {
  /** Two CPUs take lines from each other with atomic additions: ns for a line. */
  readonly taken: Figure;
  /** One takes a line with an addition, then the other one reads it: ns for both. */
  readonly takenAndRead: Figure;
}

export interface GroupFigures extends GroupPlan {
  /** All add to one counter as fast as they can: ns for an addition. */
  readonly tight: Figure;
  /** The same with `gapLoads` loads of a line of their own after each. */
  readonly spaced: Figure;
}

/** What was measured. */
export interface Measurements {
  /** Each thread stayed on its CPU. */
  readonly pinned: boolean;
  /** CPU of the host that loops over own lines and memory ran on; null where it is not known. */
  readonly ownCpu: number | null;
  readonly hit: Figure;
  readonly store: Figure;
  readonly privateAtomic: Figure;
  readonly fence: Figure;
  /** Null where there is not enough free memory, or L3 is too large, to be sure to miss it. */
  readonly memory: Figure | null;
  /** Bytes that the loads of `memory` go round in. */
  readonly memoryBytes: number;
  readonly pairs: readonly PairFigures[];
  readonly groups: readonly GroupFigures[];
  readonly gapLoads: number;
  readonly notes: readonly string[];
}

export interface MeasureOptions extends RoundOptions {
  /** CPUs of the host that this process may use, ascending. */
  readonly cpus: readonly number[];
  /** One of them, for loops over own lines. */
  readonly ownCpu: number;
  readonly plan: CalibrationPlan;
  /** Bytes to go round in for `memory`, 0 for none; see `memoryBytesFor`. */
  readonly memoryBytes: number;
  /** Turns of each loop in percent of the usual number; 100 unless given. */
  readonly turnsPercent?: number;
}

/** Loads after an addition in `spaced`: some 20 ns, longer than an owner keeps a line that others wait for. */
const gapLoads = 16;
/** Lines that a pair hands over at a time; half of what a first-level cache holds. */
const handedLines = 256;
const mebibyte = 2 ** 20;
const [leastMemoryBytes, mostMemoryBytes] = [256 * mebibyte, 1536 * mebibyte];
/** L3 caches are to be missed nearly always. */
const timesL3 = 2;

/** Bytes in which loads miss an L3 of that size; 0 where there are not so many to be had. */
export function memoryBytesFor(l3Bytes: number | null, freeBytes: number = freemem()): number {
  const wanted = Math.max(leastMemoryBytes, timesL3 * (l3Bytes ?? 0));
  return wanted > mostMemoryBytes || wanted > freeBytes / 2 ? 0 : wanted;
}

/** Measures everything. Rejects with RefplayErrors of the threads engine, and with the signal's reason when aborted. */
export async function measureHost(options: MeasureOptions): Promise<Measurements> {
  const ir = linkProgram(
    {
      module: join(packageRoot, "bench", "programs", "calibrate.ts"),
      entries: "all",
      strategies: [],
      options: {},
    },
    nodeHost(),
  );
  const { binary } = await buildWasm(ir, hostWasmOptions);
  const constant = (name: string): number => {
    const value = ir.constants.get(name);
    if (value === undefined) throw new Error(`the program has no constant ${name}`);
    return value;
  };
  const chainsAt = constant("chainsAt");
  const memoryAt = chainsAt + handedLines * chainStride;
  const threadOptions = {
    wasm: binary,
    cpus: options.cpus.length,
    memoryBytes: memoryAt + options.memoryBytes,
    constants: ir.constants,
    pin: true,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  };
  return withThreads(threadOptions, async (threads) => {
    const lane = (worker: number) => constant("lanesAt") + worker * constant("laneStride");
    for (let worker = 0; worker < threads.cpus; worker++) threads.cells[lane(worker) / 4] = lane(worker);
    layRing(threads.cells, chainsAt, handedLines, "lines");
    const memoryStart = layMemoryRing(threads.cells, memoryAt, options.memoryBytes, "memory");
    return measureOn(new Loops(threads, lane, chainsAt, options), memoryStart, threads, options);
  });
}

async function measureOn(
  loops: Loops,
  memoryStart: number,
  threads: Threads,
  options: MeasureOptions,
): Promise<Measurements> {
  const { cpus, plan, memoryBytes, ownCpu } = options;
  const pinned = threads.notes.length === 0;
  const own = cpus.indexOf(ownCpu);
  const steps: Step[] = loops.own(own);
  if (memoryBytes > 0) steps.push(loops.memory(own, memoryStart));
  for (const pair of plan.pairs) steps.push(loops.handOver(pair, 0), loops.handOver(pair, 1));
  for (const group of plan.groups) steps.push(loops.contend(group, 0), loops.contend(group, gapLoads));
  const figures = await measureSteps(steps, options);
  const next = (): Figure => {
    const figure = figures.shift();
    if (figure === undefined) throw new Error("there are fewer figures than steps");
    return figure;
  };
  return {
    pinned,
    ownCpu: pinned ? ownCpu : null,
    gapLoads,
    memoryBytes,
    // In the order of the steps.
    hit: next(),
    store: next(),
    privateAtomic: next(),
    fence: next(),
    memory: memoryBytes > 0 ? next() : null,
    pairs: plan.pairs.map((pair) => ({ ...pair, taken: next(), takenAndRead: next() })),
    groups: plan.groups.map((group) => ({ ...group, tight: next(), spaced: next() })),
    notes: threads.notes,
  };
}

/** Loops of the program as steps: each takes a millisecond or two, less than a scheduler's slice. */
class Loops {
  constructor(
    private readonly threads: Threads,
    private readonly lane: (worker: number) => number,
    private readonly chainsAt: number,
    private readonly options: Pick<MeasureOptions, "cpus" | "turnsPercent">,
  ) {}

  own(worker: number): Step[] {
    const cell = this.lane(worker);
    // The cell at the lane's beginning holds its own address; what is written to lies on the next line.
    const written = cell + 64;
    return [
      this.loop(worker, "loads of an own line", "loads", 16, 50_000, (turns) => [cell, turns]),
      this.loop(worker, "stores to an own line", "stores", 8, 200_000, (turns) => [written, turns]),
      this.loop(worker, "additions to an own line", "additions", 8, 20_000, (turns) => [written, turns]),
      this.loop(worker, "fences", "fences", 8, 30_000, (turns) => [turns]),
    ];
  }

  memory(worker: number, start: number): Step {
    let at = start;
    const turns = this.turns(1500);
    return {
      doing: "loads from memory",
      run: async () => {
        const { ns, value } = await this.threads.callOne(worker, "loads", [at, turns]);
        // On from there: what was loaded is in a cache now.
        at = value ?? start;
        return ns / (16 * turns);
      },
    };
  }

  handOver({ a, b }: PairPlan, reads: 0 | 1): Step {
    const turns = this.turns(40);
    return {
      doing: `lines between CPUs ${a} and ${b}`,
      run: async () => {
        await this.threads.callOne(this.worker(a), "reset");
        const results = await Promise.all(
          [a, b].map((cpu, me) =>
            this.threads.callOne(this.worker(cpu), "handOver", [
              me,
              this.chainsAt,
              handedLines,
              turns,
              reads,
            ]),
          ),
        );
        // Both wait for each other: who came last measured no waiting.
        const ns = Math.min(...results.map((result) => result.ns)) / (turns * handedLines);
        return reads === 1 ? ns : ns / 2;
      },
    };
  }

  contend({ cpus }: GroupPlan, gap: number): Step {
    const turns = this.turns(Math.ceil(3000 / cpus.length));
    return {
      doing: `one counter for ${cpus.length} CPUs`,
      run: async () => {
        const workers = cpus.map((cpu) => this.worker(cpu));
        await this.threads.callOne(workers[0] as number, "reset");
        const results = await Promise.all(
          workers.map((worker) =>
            this.threads.callOne(worker, "contend", [workers.length, turns, gap, this.lane(worker)]),
          ),
        );
        const additions = results.reduce((sum, { value }) => sum + (value ?? 0), 0);
        return Math.min(...results.map(({ ns }) => ns)) / additions;
      },
    };
  }

  private loop(
    worker: number,
    doing: string,
    entry: string,
    perTurn: number,
    usualTurns: number,
    args: (turns: number) => readonly number[],
  ): Step {
    const turns = this.turns(usualTurns);
    return {
      doing,
      run: async () => (await this.threads.callOne(worker, entry, args(turns))).ns / (perTurn * turns),
    };
  }

  private worker(cpu: number): number {
    return this.options.cpus.indexOf(cpu);
  }

  private turns(usual: number): number {
    return Math.max(2, Math.ceil((usual * (this.options.turnsPercent ?? 100)) / 100));
  }
}
