/** What a fidelity table consists of: cells that were published, the simulations that predict each, and how far they may be apart. */
import type { SimMachine } from "../engines/sim/types.ts";
import type { WorkloadName } from "../workloads/index.ts";

/** The kernel's program with one of the built-in strategies, under one of the workloads. */
export interface KernelLoad {
  readonly kind: "kernel";
  readonly strategy: string;
  readonly hooks: "v6.6" | "v6.7" | "v6.11";
  readonly scenario: WorkloadName;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Operations that are counted as one, by request: 100 where a request is a hundred pairs. */
  readonly perRequest: number;
}

/** What each CPU does in bench/programs/counting.ts, with its numbers there. */
export const turns = {
  idle: 0,
  atomicInc: 1,
  percpuInc: 2,
  rcuRead: 3,
  srcuRead: 4,
  ping: 5,
  pong: 6,
} as const;

/** The bare loop of a micro benchmark on every CPU. */
export interface LoopLoad {
  readonly kind: "loop";
  readonly turn: "atomicInc" | "percpuInc" | "rcuRead" | "srcuRead";
  /** Turns of each CPU, and operations in a turn: the CPU looks whether it has to stop after each. */
  readonly turnsEach: number;
  readonly batch: number;
  /**
   * CPUs begin at random within this time. It decides in which order they stand in a contended line's queue from then on; if all began
   * at once, that would be by socket.
   */
  readonly startsWithinNs: number;
}

/** Two CPUs hand a line to and fro by compare-exchange: CPU 0 and the first that is so far from it. */
export interface PingPongLoad {
  readonly kind: "ping-pong";
  readonly distance: "smt" | "l3" | "socket" | "cross";
  readonly roundTrips: number;
}

export type Load = KernelLoad | LoopLoad | PingPongLoad;

/** A machine of src/machines, with what a table's machine has instead. */
export interface MachineUse {
  readonly name: string;
  readonly changes?: Partial<SimMachine>;
}

/** One simulation. Equal specs are simulated once. */
export interface RunSpec {
  readonly machine: MachineUse;
  readonly cpus: number;
  readonly load: Load;
}

/** What is taken from a simulation. */
export interface Measured {
  /** Operations of all CPUs together, by second, while all of them run. */
  readonly perSecond: number;
  /** Length of the whole run, and operations in it. */
  readonly elapsedNs: number;
  readonly operations: number;
  readonly cpus: number;
}

/** How a cell's figure comes from its simulations. */
export type Figure =
  /** Throughput by CPU in percent of that of another run. */
  | { readonly kind: "efficiency"; readonly of: RunSpec; readonly base: RunSpec }
  /** Throughput more than that of another run, percent of that. */
  | { readonly kind: "gain"; readonly of: RunSpec; readonly base: RunSpec }
  /** Throughput of all CPUs, millions by second. */
  | { readonly kind: "millionPerSecond"; readonly of: RunSpec }
  /** Time of one operation on each CPU, ns. */
  | { readonly kind: "nsPerOperation"; readonly of: RunSpec }
  /** The same as a multiple of another run's. */
  | { readonly kind: "timesAlone"; readonly of: RunSpec; readonly base: RunSpec }
  /** Half a round trip, ns. */
  | { readonly kind: "oneWay"; readonly of: RunSpec };

/** How far a prediction may be from what was published. */
export type Bound =
  /** Points of a percentage, from the nearest published run. */
  | { readonly kind: "points"; readonly most: number }
  /** Percent of the nearest published run. */
  | { readonly kind: "percent"; readonly most: number }
  /** Ns, from the nearest published run. */
  | { readonly kind: "ns"; readonly most: number }
  /** The prediction itself is in this range. */
  | { readonly kind: "between"; readonly low: number; readonly high: number }
  /** Shown, not bounded; why is told in the table's notes. */
  | { readonly kind: "none" };

export interface Cell {
  /** As in the published file: `96C192T`, `112`. */
  readonly row: string;
  readonly column: string;
  /** One or several runs of the same condition. */
  readonly published: readonly number[];
  readonly figure: Figure;
  readonly bound: Bound;
  /** Whether a parameter was chosen so that this cell comes out. */
  readonly fitted: boolean;
}

export interface FidelityTable {
  /** Name on the command line. */
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  /** Who published it. */
  readonly source: string;
  /** Sentences: what was fitted to which cell, what is assumed, what the bounds leave out. */
  readonly notes: readonly string[];
  readonly cells: readonly Cell[];
}

export interface PredictedCell extends Cell {
  readonly predicted: number;
  /** Difference to the nearest published run: in points, percent or ns, as the bound counts it. */
  readonly error: number;
  readonly within: boolean;
}

export interface PredictedTable extends Omit<FidelityTable, "cells"> {
  readonly seed: string;
  readonly cells: readonly PredictedCell[];
}
