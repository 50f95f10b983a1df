/** A machine in ticks of 1/16 ns: latencies, who stands where, how much slower thinking gets. As docs/simulator-model.md says it. */
import { Distance, type DistanceNs, type SimMachine } from "../../../../src/engines/sim/types.ts";

export const ticksPerNs = 16;

export function toTicks(ns: number): number {
  return Math.round(ns * ticksPerNs);
}

export function toNs(ticks: number): number {
  return ticks / ticksPerNs;
}

/** Where a CPU stands: numbers of the core, the L3 domain and the socket in the whole machine. */
interface Place {
  readonly core: number;
  readonly l3: number;
  readonly socket: number;
}

function placeOfCore(machine: SimMachine, core: number): Place {
  const l3 = Math.floor(core / machine.coresPerL3);
  return { core, l3, socket: Math.floor(l3 / machine.l3PerSocket) };
}

/** Where the hardware thread with that number stands. */
function placeOf(machine: SimMachine, cpu: number): Place {
  const cores = machine.coresPerL3 * machine.l3PerSocket * machine.sockets;
  return placeOfCore(
    machine,
    machine.numbering === "compact" ? Math.floor(cpu / machine.threadsPerCore) : cpu % cores,
  );
}

export class TickMachine {
  readonly hit: number;
  readonly store: number;
  readonly privateAtomic: number;
  readonly atomic: number;
  readonly fence: number;
  readonly hold: number;
  readonly mostHold: number;
  readonly gracePeriod: number;
  readonly reach: number;
  readonly bufferEntries: number;
  readonly lineBytes: number;
  private readonly machine: SimMachine;
  private readonly scripts: number;
  /** Percent of the throughput that one L3 domain gives; null where the machine tells of no loss. */
  private readonly percent: number | null;

  /** @param scripts CPUs with scripts; those behind them share the core of the last one */
  constructor(machine: SimMachine, scripts: number) {
    this.machine = machine;
    this.scripts = scripts;
    this.hit = toTicks(machine.hitNs);
    this.store = toTicks(machine.storeNs);
    this.privateAtomic = toTicks(machine.privateAtomicNs);
    this.atomic = toTicks(machine.atomicNs);
    this.fence = toTicks(machine.fenceNs);
    this.hold = toTicks(machine.holdNs);
    this.mostHold = toTicks(machine.mostHoldNs);
    this.bufferEntries = machine.storeBufferEntries;
    this.lineBytes = machine.lineBytes;
    const { smt, l3, socket, cross } = machine.idleNs;
    const possible = [
      ...(machine.threadsPerCore > 1 ? [smt] : []),
      ...(machine.coresPerL3 > 1 ? [l3] : []),
      ...(machine.l3PerSocket > 1 ? [socket] : []),
      ...(machine.sockets > 1 ? [cross] : []),
    ];
    const least = possible.length === 0 ? 0 : Math.min(...possible.map(toTicks));
    this.reach = Math.max(1, Math.floor(least / 2));
    this.gracePeriod = Math.max(this.reach, toTicks(machine.gracePeriodNs));
    const domains = new Set<number>();
    for (let cpu = 0; cpu < scripts; cpu++) domains.add(placeOf(machine, cpu).l3);
    this.percent = percentFor(machine, domains.size);
  }

  private place(cpu: number): Place {
    return placeOf(this.machine, Math.min(cpu, this.scripts - 1));
  }

  sameL3(a: number, b: number): boolean {
    return this.place(a).l3 === this.place(b).l3;
  }

  distance(a: number, b: number): Distance {
    if (a === b) return Distance.self;
    const [one, other] = [this.place(a), this.place(b)];
    if (one.core === other.core) return Distance.smt;
    if (one.l3 === other.l3) return Distance.l3;
    return one.socket === other.socket ? Distance.socket : Distance.cross;
  }

  /** From the request being made to the transfer's end, were it to begin as soon as it comes to the line. */
  latency(distance: Distance, queued: boolean): number {
    if (distance === Distance.self) return this.hit + this.reach;
    if (distance === Distance.memory) return toTicks(this.machine.memoryNs);
    const table: DistanceNs = queued ? this.machine.handOffNs : this.machine.idleNs;
    return toTicks(table[Distance[distance] as keyof DistanceNs]);
  }

  /** Ticks that `work(ns)` takes. */
  work(ns: number): number {
    const wanted = Math.max(0, ns);
    return this.percent === null ? toTicks(wanted) : Math.round((wanted * ticksPerNs * 100) / this.percent);
  }
}

/** The machine's scaling for that many L3 domains. */
function percentFor(machine: SimMachine, domains: number): number | null {
  const points = machine.scaling;
  const last = points.at(-1);
  if (last === undefined) return null;
  const above = points.findIndex((point) => point.l3Domains >= domains);
  if (above === -1) return last.percent;
  const to = points[above] as (typeof points)[number];
  const from = points[above - 1];
  if (from === undefined) return to.percent;
  const share = (domains - from.l3Domains) / (to.l3Domains - from.l3Domains);
  return from.percent + (to.percent - from.percent) * share;
}
