/**
 * The control block: a small shared buffer of its own, outside the program's memory, over which workers meet at barriers,
 * show that they are alive, and agree when a run for a fixed time is over.
 */

/** Indices of cells shared by all; each on a line of its own. */
enum Shared {
  /** CPUs that have reached the barrier. */
  arrived = 0,
  /** Times that the barrier has opened. */
  generation = 16,
  /** CPUs that have used up their time and execute nothing. */
  parked = 32,
  /** 1: maintenance workers shall come to an end. */
  stop = 48,
}

const sharedCells = 64;
const cpuCells = 16;

/** Indices of a CPU's cells relative to its own line. */
enum PerCpu {
  heartbeat = 0,
  state = 1,
}

/** What a worker is doing, for messages about one that hangs. */
export enum WorkerState {
  idle = 0,
  running = 1,
  atBarrier = 2,
}

/** A view of the control block; every thread makes its own from the same buffer. */
export class Control {
  readonly buffer: SharedArrayBuffer;
  readonly #cells: Int32Array;
  readonly #cpus: number;
  readonly #spins: number;

  /**
   * `cpus`: workers that run scripts, the ones that park. `spins`: looks at a closed barrier before sleeping; 0 where
   * threads outnumber cores.
   */
  constructor(buffer: SharedArrayBuffer, cpus: number, spins: number) {
    this.buffer = buffer;
    this.#cells = new Int32Array(buffer);
    this.#cpus = cpus;
    this.#spins = spins;
  }

  /** A zeroed control block for that many workers. */
  static bufferFor(workers: number): SharedArrayBuffer {
    return new SharedArrayBuffer(4 * (sharedCells + workers * cpuCells));
  }

  /** Waits until `parties` workers have come here; they go on within about a microsecond of each other. */
  meet(cpu: number, parties: number): void {
    const cells = this.#cells;
    this.setState(cpu, WorkerState.atBarrier);
    const generation = Atomics.load(cells, Shared.generation);
    if (Atomics.add(cells, Shared.arrived, 1) === parties - 1) {
      Atomics.store(cells, Shared.arrived, 0);
      Atomics.add(cells, Shared.generation, 1);
      Atomics.notify(cells, Shared.generation);
    } else {
      let spins = this.#spins;
      while (Atomics.load(cells, Shared.generation) === generation) {
        if (spins > 0) spins--;
        else Atomics.wait(cells, Shared.generation, generation);
      }
    }
    this.setState(cpu, WorkerState.running);
  }

  /** Makes the block ready for another run; only while every worker is idle. */
  reset(): void {
    for (const cell of [Shared.arrived, Shared.parked, Shared.stop]) Atomics.store(this.#cells, cell, 0);
  }

  beat(cpu: number): void {
    Atomics.add(this.#cells, sharedCells + cpu * cpuCells + PerCpu.heartbeat, 1);
  }

  heartbeat(cpu: number): number {
    return Atomics.load(this.#cells, sharedCells + cpu * cpuCells + PerCpu.heartbeat);
  }

  setState(cpu: number, state: WorkerState): void {
    Atomics.store(this.#cells, sharedCells + cpu * cpuCells + PerCpu.state, state);
    this.beat(cpu);
  }

  state(cpu: number): WorkerState {
    return Atomics.load(this.#cells, sharedCells + cpu * cpuCells + PerCpu.state);
  }

  /**
   * This CPU's time is over. True: so is every other CPU's, the run is finished. False: others still execute and may wait
   * for progress of this CPU's script, so it must be ready to go on (`unpark`).
   */
  park(): boolean {
    const last = Atomics.add(this.#cells, Shared.parked, 1) === this.#cpus - 1;
    if (last) Atomics.notify(this.#cells, Shared.parked);
    return last;
  }

  /** Takes part again; false where the run has finished meanwhile. */
  unpark(): boolean {
    const cells = this.#cells;
    for (;;) {
      const parked = Atomics.load(cells, Shared.parked);
      if (parked >= this.#cpus) return false;
      if (Atomics.compareExchange(cells, Shared.parked, parked, parked - 1) === parked) return true;
    }
  }

  allParked(): boolean {
    return Atomics.load(this.#cells, Shared.parked) >= this.#cpus;
  }

  /** Sleeps about `ms` while the run is not over. */
  pauseParked(ms: number): void {
    const parked = Atomics.load(this.#cells, Shared.parked);
    if (parked < this.#cpus) Atomics.wait(this.#cells, Shared.parked, parked, ms);
  }

  /** Asks maintenance workers to end. */
  stop(): void {
    Atomics.store(this.#cells, Shared.stop, 1);
    Atomics.notify(this.#cells, Shared.stop);
  }

  /** Sleeps up to `ms`; true once `stop` was called. */
  pauseUntilStop(ms: number): boolean {
    return Atomics.wait(this.#cells, Shared.stop, 0, ms) !== "timed-out";
  }
}
