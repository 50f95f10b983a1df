/** A machine in the engine's terms: latencies in ticks, and where each actor stands. */
import { coreOf, l3Of, scalingPercent, socketOf } from "./topology.ts";
import { Distance, type DistanceNs, distances, type SimMachine } from "./types.ts";
import { toTicks } from "./units.ts";

export interface Costs {
  readonly hit: number;
  readonly store: number;
  readonly privateAtomic: number;
  readonly atomic: number;
  readonly fence: number;
  readonly hold: number;
  readonly mostHold: number;
  /** Time that a request needs to come to its line. */
  readonly reach: number;
  /** By `Distance`, from a transfer's beginning to its end: the latency without `reach`, at least a tick. */
  readonly idle: Int32Array;
  /** The same for requests that had to queue. */
  readonly handOff: Int32Array;
  readonly storeBufferEntries: number;
  readonly gracePeriod: number;
  /** Think time is multiplied by 100 and divided by this. */
  readonly scalingPercent: number;
}

/** By actor: core, L3 domain and socket. */
export interface Places {
  readonly core: Int32Array;
  readonly l3: Int32Array;
  readonly socket: Int32Array;
}

/** Distances that two CPUs of the machine can have. */
function ownDistances(machine: SimMachine): (keyof DistanceNs)[] {
  const found: (keyof DistanceNs)[] = [];
  if (machine.threadsPerCore > 1) found.push("smt");
  if (machine.coresPerL3 > 1) found.push("l3");
  if (machine.l3PerSocket > 1) found.push("socket");
  if (machine.sockets > 1) found.push("cross");
  return found;
}

/** @param cpus with scripts: they decide how far think time is stretched */
export function costsOf(machine: SimMachine, cpus: number): Costs {
  const nearest = Math.min(...ownDistances(machine).map((distance) => toTicks(machine.idleNs[distance])));
  // On a machine of one CPU the background actors still need an order of events.
  const reach = Number.isFinite(nearest) ? Math.max(1, Math.floor(nearest / 2)) : 1;
  const hit = toTicks(machine.hitNs);
  const table = (ns: DistanceNs): Int32Array => {
    const ends = new Int32Array(distances);
    ends[Distance.self] = Math.max(1, hit);
    for (const distance of ["smt", "l3", "socket", "cross"] as const)
      ends[Distance[distance]] = Math.max(1, toTicks(ns[distance]) - reach);
    ends[Distance.memory] = Math.max(1, toTicks(machine.memoryNs) - reach);
    return ends;
  };
  return {
    hit,
    store: toTicks(machine.storeNs),
    privateAtomic: toTicks(machine.privateAtomicNs),
    atomic: toTicks(machine.atomicNs),
    fence: toTicks(machine.fenceNs),
    hold: toTicks(machine.holdNs),
    mostHold: toTicks(machine.mostHoldNs),
    reach,
    idle: table(machine.idleNs),
    handOff: table(machine.handOffNs),
    storeBufferEntries: machine.storeBufferEntries,
    // Less could end before those who run ahead are looked at.
    gracePeriod: Math.max(reach, toTicks(machine.gracePeriodNs)),
    scalingPercent: scalingPercent(machine, cpus),
  };
}

/** Where actors stand: scripts on their CPUs, those in the background on the core of the last script's. */
export function placesOf(machine: SimMachine, cpus: number, actors: number): Places {
  const of = (place: (machine: SimMachine, cpu: number) => number): Int32Array =>
    Int32Array.from({ length: actors }, (_, actor) => place(machine, Math.min(actor, cpus - 1)));
  return { core: of(coreOf), l3: of(l3Of), socket: of(socketOf) };
}
