/**
 * Random programs for simulators: groups of records, each for one or several CPUs. A group waits for nothing but what it does itself, and
 * groups come in the same order on all CPUs, so no program hangs, whatever groups are left out.
 *
 * Spin locks are never held while waiting for other than a line; nobody waits for a grace period or a mutex in a section.
 */
import type { SimJob, SimMachine } from "../../../src/engines/sim/types.ts";
import { Rng } from "../../fuzz/random.ts";
import { randomMachine } from "./random-machine.ts";
import { cellBase, SimCallback, SimCell, type SimRecord, SimStep, stageEvery, stageJob } from "./stage.ts";

/** Records by CPU. */
type Group = ReadonlyMap<number, readonly SimRecord[]>;

export interface RandomJob {
  readonly seed: string;
  readonly machine: SimMachine;
  readonly cpus: number;
  readonly groups: readonly Group[];
  readonly more: Partial<SimJob>;
}

export function jobOf({ machine, cpus, groups, more }: RandomJob): SimJob {
  const scripts = Array.from({ length: cpus }, (_, cpu) => groups.flatMap((group) => group.get(cpu) ?? []));
  return stageJob(machine, scripts, more);
}

const tickCell = 128;
const rmws = [SimStep.fetchAdd, SimStep.fetchAdd, SimStep.fetchAnd, SimStep.fetchOr, SimStep.exchange];

class Generator {
  private readonly rng: Rng;
  private readonly cpus: number;
  private readonly sharedLines: number;
  /** Bytes between cells that are given out one by one: they share lines, or do not. */
  private readonly spacing: number;
  private readonly headSpacing: number;
  private cellsGiven = 0;
  private headsGiven = 0;
  /** Heads that somebody queues: everybody may look at their cells, which are written by that alone. */
  private readonly heads: number[] = [];

  constructor(rng: Rng, cpus: number) {
    this.rng = rng;
    this.cpus = cpus;
    this.sharedLines = rng.between(1, 4);
    this.spacing = rng.pick([4, 16, 64, 256]);
    this.headSpacing = rng.pick([16, 16, 64]);
  }

  private shared(): number {
    return cellBase + this.rng.below(this.sharedLines) * 64 + this.rng.below(4) * 4;
  }

  private cell(cpu: number): number {
    if (this.rng.chance(0.7)) return this.shared();
    return cellBase + 4096 + cpu * 512 + this.rng.below(3) * 64 + this.rng.below(2) * 4;
  }

  /** A cell that nothing else uses. */
  private fresh(): number {
    return cellBase + 16_384 + this.cellsGiven++ * this.spacing;
  }

  private head(): number {
    return cellBase + 81_920 + this.headsGiven++ * this.headSpacing;
  }

  private cpu(): number {
    return this.rng.below(this.cpus);
  }

  /** Two or more CPUs. */
  private several(): number[] {
    const all = Array.from({ length: this.cpus }, (_, cpu) => cpu);
    for (let at = all.length - 1; at > 0; at--) {
      const other = this.rng.below(at + 1);
      [all[at], all[other]] = [all[other] as number, all[at] as number];
    }
    return all.slice(0, this.rng.between(Math.min(2, this.cpus), this.cpus));
  }

  private access(cpu: number): SimRecord {
    const { rng } = this;
    if (this.heads.length > 0 && rng.chance(0.1))
      return { step: SimStep.load, a: rng.pick(this.heads) + 4 * rng.below(4) };
    const a = this.cell(cpu);
    const rest = { a, b: rng.between(-2, 5), fromLast: rng.chance(0.15), indexed: rng.chance(0.1) };
    return rng.weighted<SimRecord>([
      [5, { step: SimStep.load, ...rest }],
      [1, { step: SimStep.loadAcquire, ...rest }],
      [5, { step: SimStep.store, ...rest }],
      [2, { step: SimStep.storeRelease, ...rest }],
      [5, { step: rng.pick(rmws), ...rest }],
      [1, { step: SimStep.compareExchange, ...rest, c: rng.below(3) }],
    ]);
  }

  /** What an actor may do anywhere. */
  private simple(cpu: number): SimRecord {
    const { rng } = this;
    return rng.weighted<SimRecord>([
      [14, this.access(cpu)],
      [1, { step: SimStep.fence }],
      [0.5, { step: rng.pick([SimStep.loadFence, SimStep.storeFence]) }],
      [2, { step: SimStep.spin, a: rng.below(rng.pick([3, 20, 150])) }],
      [0.5, { step: SimStep.now }],
      [0.5, { step: SimStep.mark, a: rng.pick([16, 17, 23, 23]), b: rng.below(4) }],
      [0.5, { step: SimStep.request }],
    ]);
  }

  private some(cpu: number, least = 0, most = 4): SimRecord[] {
    return Array.from({ length: this.rng.between(least, most) }, () => this.simple(cpu));
  }

  private think(): SimRecord {
    return { step: SimStep.work, a: this.rng.below(this.rng.pick([5, 60, 400])) };
  }

  private plain(): Group {
    const cpu = this.cpu();
    const more = this.rng.chance(0.3) ? [this.think()] : [];
    return new Map([[cpu, [...this.some(cpu, 1, 6), ...more]]]);
  }

  /** Several CPUs at one cell, as fast as they can. */
  private burst(): Group {
    const a = this.shared();
    const step = this.rng.pick([...rmws, SimStep.load, SimStep.store]);
    const records = (cpu: number): SimRecord[] => [
      ...(this.rng.chance(0.5) ? [{ step: SimStep.spin, a: this.rng.below(40) }] : []),
      ...Array.from({ length: this.rng.between(1, 5) }, () =>
        this.rng.chance(0.8) ? { step, a, b: 1 } : this.simple(cpu),
      ),
    ];
    return new Map(this.several().map((cpu) => [cpu, records(cpu)]));
  }

  /** One CPU writes, the others wait for it. */
  private message(): Group {
    const { rng } = this;
    const [writer = 0, ...readers] = this.several();
    const flag = this.fresh();
    const data = rng.chance(0.5) ? this.fresh() : this.shared();
    const write = rng.pick([SimStep.store, SimStep.storeRelease, SimStep.exchange, SimStep.fetchAdd]);
    const wait = (): SimRecord => {
      if (rng.chance(0.3)) return { step: SimStep.awaitNotEqual, a: flag, b: 0 };
      return { step: rng.pick([SimStep.awaitEqual, SimStep.awaitAtLeast]), a: flag, b: 1 };
    };
    const first = [...this.some(writer), { step: SimStep.store, a: data, b: 7 }];
    return new Map([
      [writer, [...first, ...this.some(writer, 0, 2), { step: write, a: flag, b: 1 }]],
      ...readers.map((cpu): [number, SimRecord[]] => [
        cpu,
        [...this.some(cpu, 0, 2), wait(), { step: SimStep.load, a: data }],
      ]),
    ]);
  }

  /** Two CPUs answer each other through one cell, so that they await what their own buffer may still hold. */
  private handshake(): Group {
    const { rng } = this;
    const [one = 0, other = 0] = this.several();
    if (one === other) return this.plain();
    const flag = this.fresh();
    const sides: readonly [SimRecord[], SimRecord[]] = [[], []];
    const rounds = rng.between(1, 4);
    for (let value = 1; value <= rounds; value++) {
      const side = sides[value % 2 === 1 ? 0 : 1] as SimRecord[];
      const step = rng.pick([SimStep.store, SimStep.store, SimStep.storeRelease, SimStep.exchange]);
      side.push(...this.some(value % 2 === 1 ? one : other, 0, 1), { step, a: flag, b: value });
      (sides[value % 2] as SimRecord[]).push({ step: SimStep.awaitAtLeast, a: flag, b: value });
    }
    return new Map([
      [one, sides[0]],
      [other, sides[1]],
    ]);
  }

  /** Stores to one cell, and what the CPU itself and the others see of them meanwhile. */
  private overwrite(): Group {
    const cpu = this.cpu();
    const a = this.cell(cpu);
    const records = Array.from({ length: this.rng.between(2, 6) }, (_, b): SimRecord[] => [
      { step: SimStep.store, a, b },
      ...(this.rng.chance(0.5) ? [{ step: SimStep.load, a }] : []),
      ...this.some(cpu, 0, 1),
    ]);
    return new Map([[cpu, records.flat()]]);
  }

  private barrier(): Group {
    const cpus = this.several();
    const a = this.fresh();
    const arrive = { step: SimStep.fetchAdd, a, b: 1 };
    return new Map(cpus.map((cpu) => [cpu, [arrive, { step: SimStep.awaitAtLeast, a, b: cpus.length }]]));
  }

  private call(cell: number): SimRecord {
    const b = this.rng.pick([SimCallback.none, SimCallback.count, SimCallback.write, SimCallback.again]);
    const head = this.head();
    this.heads.push(head);
    return { step: SimStep.callRcu, a: head, b, c: cell };
  }

  private section(): Group {
    const cpu = this.cpu();
    const inner = (): SimRecord[] => {
      const calls = this.rng.chance(0.3) ? [this.call(this.shared())] : [];
      const long = this.rng.chance(0.3) ? [{ step: SimStep.spin, a: this.rng.below(3000) }] : [];
      return [...this.some(cpu), ...calls, ...long];
    };
    const nested = this.rng.chance(0.3)
      ? [{ step: SimStep.rcuReadLock }, ...inner(), { step: SimStep.rcuReadUnlock }]
      : [];
    const records = [...inner(), ...nested, ...this.some(cpu, 0, 2)];
    return new Map([[cpu, [{ step: SimStep.rcuReadLock }, ...records, { step: SimStep.rcuReadUnlock }]]]);
  }

  private later(): Group {
    const { rng } = this;
    const cpu = this.cpu();
    if (rng.chance(0.4)) return new Map([[cpu, [{ step: SimStep.synchronizeRcu }, ...this.some(cpu, 0, 1)]]]);
    const call = this.call(rng.chance(0.5) ? this.shared() : this.fresh());
    if (rng.chance(0.6)) return new Map([[cpu, [...this.some(cpu, 0, 1), call]]]);
    const counted = { ...call, b: rng.pick([SimCallback.count, SimCallback.again]), c: this.fresh() };
    const wait = { step: SimStep.awaitAtLeast, a: counted.c, b: 1 };
    const queued = [counted, ...this.some(cpu)];
    const other = this.cpu();
    if (other === cpu) return new Map([[cpu, [...queued, wait]]]);
    return new Map([
      [cpu, queued],
      [other, [wait]],
    ]);
  }

  private locked(): Group {
    const { rng } = this;
    const mutex = rng.chance(0.4);
    const a = rng.chance(0.7) ? cellBase + 2048 + (mutex ? 64 : 0) + rng.below(2) * 4 : this.fresh();
    const protectedCell = this.shared();
    const records = (cpu: number): SimRecord[] => [
      ...this.some(cpu, 0, 1),
      { step: mutex ? SimStep.mutexLock : SimStep.spinLock, a },
      { step: SimStep.load, a: protectedCell },
      { step: SimStep.store, a: protectedCell, fromLast: true },
      ...this.some(cpu, 0, 2),
      ...(mutex && rng.chance(0.1) ? [{ step: SimStep.synchronizeRcu }] : []),
      { step: mutex ? SimStep.mutexUnlock : SimStep.spinUnlock, a },
    ];
    return new Map(this.several().map((cpu) => [cpu, records(cpu)]));
  }

  private time(): Group {
    const cpu = this.cpu();
    const record = this.rng.pick<SimRecord>([
      { step: SimStep.awaitAtLeast, a: tickCell, b: this.rng.between(-1, 4) },
      { step: SimStep.awaitNotEqual, a: tickCell, b: this.rng.below(3) },
      { step: SimStep.quiescent },
      { step: SimStep.now },
      { step: SimStep.load, a: SimCell.callbacksDone },
      { step: SimStep.store, a: SimCell.chores, b: this.rng.below(4) },
      // So long that `maintain` gets its turn.
      { step: SimStep.spin, a: this.rng.below(2_500_000) },
      this.think(),
    ]);
    return new Map([[cpu, [record]]]);
  }

  group(): Group {
    const make = this.rng.weighted<() => Group>([
      [8, () => this.plain()],
      [4, () => this.burst()],
      [3, () => this.message()],
      [2, () => this.handshake()],
      [2, () => this.overwrite()],
      [1, () => this.barrier()],
      [2, () => this.section()],
      [2, () => this.later()],
      [3, () => this.locked()],
      [1, () => this.time()],
    ]);
    return make();
  }
}

function maintenance(rng: Rng): Partial<SimJob> {
  if (rng.chance(0.6)) return {};
  if (rng.chance(0.5)) return { maintenance: true, program: stageEvery(rng.below(2)) };
  let at = 0;
  const times = Array.from({ length: rng.between(0, 8) }, () => {
    at += rng.below(400) + rng.below(16) / 16;
    return at;
  });
  return { maintenance: true, maintenanceAtNs: times };
}

export function randomJob(seed: string): RandomJob {
  const rng = new Rng(seed);
  const cpus = rng.weighted([
    [1, 1],
    [4, rng.between(2, 3)],
    [4, rng.between(3, 6)],
    [1, rng.between(7, 12)],
  ]);
  const machine = randomMachine(rng, cpus);
  const generator = new Generator(rng, cpus);
  const groups = Array.from({ length: rng.between(3, rng.pick([8, 20, 40])) }, () => generator.group());
  return { seed, machine, cpus, groups, more: maintenance(rng) };
}
