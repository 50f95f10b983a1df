/**
 * Workers on one shared memory, and calls of a program's entries on them: what benchmarks and conformance tests use, and
 * what `runThreads` is built on.
 */
import { availableParallelism } from "node:os";
import { pageBytes } from "../../link/wasm/options.ts";
import { Boot } from "../../machine/memory-map.ts";
import { BacklogWatch, backlogCells } from "./backlog.ts";
import { compileOptimised, spinsPerUs } from "./compile.ts";
import { Control } from "./control.ts";
import { Crew } from "./crew.ts";
import { type MemoryPlan, planMemory, resetMemory, writeScripts } from "./layout.ts";
import type { CallResult, CpuRun, RoundPlan } from "./protocol.ts";
import type { StallPlan } from "./stalls.ts";

export type { CallResult, CpuRun, RoundPlan } from "./protocol.ts";

export interface ThreadsOptions {
  /** A linked program: bytes, or a module that `compileOptimised` made of them. */
  readonly wasm: Uint8Array | WebAssembly.Module;
  /** CPUs, 1 or more: one worker each. More than the host's processors is allowed. */
  readonly cpus: number;
  /** Bytes for the program: boot block, globals, CPU areas and heap. Below 2 GiB together with the scripts. */
  readonly memoryBytes: number;
  /** The program's constants: `cpuAreaBase`, `cpuAreaBytes`, `scriptCursor`; each may be missing in a bare program. */
  readonly constants?: ReadonlyMap<string, number>;
  /** One script for each CPU; a CPU without one has a script that is over at once. */
  readonly scripts?: readonly Int32Array[];
  /** A further worker, the CPU behind the last, for `maintain`. It counts as a CPU in the boot block. */
  readonly maintenance?: boolean;
  /** Pins each worker to a processor through koffi, where it is installed. */
  readonly pin?: boolean;
  /** Holds CPUs up in the midst of what they do; for a program that was built with `stalls`. */
  readonly stalls?: StallPlan;
  /** Milliseconds without any sign of a working worker after which it counts as hung. */
  readonly hangTimeoutMs?: number;
  /** Ends everything with a RefplayError `interrupted` when aborted. */
  readonly signal?: AbortSignal;
}

export interface Threads {
  readonly cpus: number;
  /** `cpus`, and one more with maintenance. */
  readonly workers: number;
  readonly memory: WebAssembly.Memory;
  /** The memory by cells: `cells[address / 4]`. Only while workers are idle, or through Atomics. */
  readonly cells: Int32Array;
  /** More workers than the host has processors. */
  readonly oversubscribed: boolean;
  /** What could not be had as asked for (pinning), a sentence each. */
  readonly notes: readonly string[];
  /** Slow windows that began since the machine was made; 0 for a program that tells of none. Modulo 2^32. */
  windowsBegun(): number;
  /** Begins to look at the labels that wait to be freed; undefined for a program that does not count them. */
  watchBacklog(everyMs: number): BacklogWatch | undefined;
  has(entry: string): boolean;
  /** Calls an entry on one CPU. */
  callOne(cpu: number, entry: string, args?: readonly number[]): Promise<CallResult>;
  /** Calls an entry on one CPU once for each list of arguments; times them together. */
  callMany(cpu: number, entry: string, args: readonly (readonly number[])[]): Promise<CallResult>;
  /** Calls an entry on every worker (`who`: "cpus", the default, leaves maintenance out) at the same moment. */
  callAll(
    entry: string,
    args?: readonly number[] | ((cpu: number) => readonly number[]),
    who?: "cpus" | "workers",
  ): Promise<readonly CallResult[]>;
  /** Runs every CPU's script from where it stands, all from the same moment; maintenance goes along. */
  run(options: RunOptions): Promise<readonly CpuRun[]>;
  /** Zeroes the program's memory and writes the boot block again. Only while workers are idle. */
  reset(): void;
}

export interface RunOptions {
  /** Script records between two looks at the clock, 1 or more. */
  readonly batchRecords: number;
  /** By CPU: fewer, if its own batches shall be shorter. None unless given. */
  readonly batchLimits?: readonly number[];
  /** Milliseconds, or null to run until every script ends. */
  readonly timeMs: number | null;
  /** By CPU: records after which the run is over although its script has more. None unless given; without `timeMs`. */
  readonly records?: readonly number[];
  /** Every so many batches one is timed, 0 for none. */
  readonly sampleEvery: number;
  /** CPUs whose batches are all timed, each with batches of its own. None unless given. */
  readonly rounds?: ReadonlyMap<number, RoundPlan>;
  /** Pause of a maintenance worker that found nothing to do. */
  readonly maintenancePauseMs?: number;
  /** Pauses before a maintenance worker's calls, in turn and then again, whatever else is said of them. */
  readonly maintenancePausesMs?: readonly number[];
}

/** Milliseconds; a batch takes far less, and the longest think time of a trace is some seconds. */
export const defaultHangTimeoutMs = 30_000;

/** Looks at a closed barrier before a worker sleeps: about a millisecond. */
const barrierSpins = 100_000;
const maintenancePauseMs = 1;

/**
 * Starts the workers, hands them to `body`, and stops them whatever happens.
 * @throws RefplayError `worker-died` (trap, exception, exit), `worker-hung`, `interrupted`, `memory-too-large`
 */
export async function withThreads<T>(
  options: ThreadsOptions,
  body: (threads: Threads) => Promise<T>,
): Promise<T> {
  const { cpus, constants = new Map<string, number>(), scripts = [] } = options;
  if (!Number.isInteger(cpus) || cpus < 1)
    throw new RangeError(`cpus must be an integer from 1, not ${cpus}`);
  const workers = cpus + (options.maintenance === true ? 1 : 0);
  const module = options.wasm instanceof WebAssembly.Module ? options.wasm : compileOptimised(options.wasm);
  const plan = planMemory(options.memoryBytes, workers, scripts);
  const memory = new WebAssembly.Memory({ initial: plan.pages, maximum: plan.pages, shared: true });
  const cells = new Int32Array(memory.buffer, 0, (plan.pages * pageBytes) / 4);
  writeScripts(cells, plan, scripts);
  resetMemory(cells, plan, workers, constants, true);

  const oversubscribed = workers > availableParallelism();
  const spins = oversubscribed ? 0 : barrierSpins;
  const control = new Control(Control.bufferFor(workers), cpus, spins);
  const loopsPerUs = spinsPerUs(module);
  const crew = new Crew({
    setups: Array.from({ length: workers }, (_, cpu) => ({
      module,
      memory,
      control: control.buffer,
      barrierSpins: spins,
      cpus,
      workers,
      cpu,
      fenceAddress: address(plan.fenceAddresses, cpu),
      scriptBase: address(plan.scriptBases, cpu),
      spinsPerUs: loopsPerUs,
      pin: options.pin === true,
      stalls: options.stalls ?? null,
      slowWindows: constants.get("slowWindows") ?? null,
    })),
    control,
    cells,
    constants,
    hangTimeoutMs: options.hangTimeoutMs ?? defaultHangTimeoutMs,
    signal: options.signal,
  });
  const stopClock = startClock(cells);
  try {
    const notes = await crew.ready();
    const reset = (): void => {
      resetMemory(cells, plan, workers, constants, false);
      showTime(cells);
    };
    const maintenanceIntervalMs = constants.get("strategy.maintenanceIntervalMs") ?? 0;
    const slowWindows = constants.get("slowWindows");
    const windowsBegun = (): number =>
      slowWindows === undefined ? 0 : Atomics.load(cells, slowWindows / 4 + 1) >>> 0;
    const backlog = backlogCells(constants, workers);
    const watchBacklog = (everyMs: number): BacklogWatch | undefined =>
      backlog === undefined ? undefined : new BacklogWatch(cells, backlog, everyMs);
    const fixed = { cpus, workers, memory, cells, oversubscribed, notes, reset, windowsBegun, watchBacklog };
    return await body(threadsOver(crew, { ...fixed, module, control, maintenanceIntervalMs }));
  } finally {
    stopClock();
    await crew.stop();
  }
}

function address(addresses: MemoryPlan["scriptBases"], worker: number): number {
  const found = addresses[worker];
  if (found === undefined) throw new Error(`no place for worker ${worker}`);
  return found;
}

/** Writes milliseconds into the tick cell until the returned function is called; coarse, as `now` promises. */
function startClock(cells: Int32Array): () => void {
  // At once as well: a machine that begins at 0 and then jumps would take that for a wait.
  showTime(cells);
  const timer = setInterval(() => showTime(cells), 1);
  timer.unref();
  return () => clearInterval(timer);
}

function showTime(cells: Int32Array): void {
  Atomics.store(cells, Boot.tick / 4, Math.trunc(performance.now()) | 0);
}

type Fixed = Pick<
  Threads,
  | "cpus"
  | "workers"
  | "memory"
  | "cells"
  | "oversubscribed"
  | "notes"
  | "reset"
  | "windowsBegun"
  | "watchBacklog"
>;

interface Machinery {
  readonly module: WebAssembly.Module;
  readonly control: Control;
  /** As the strategy's constant of that name says. */
  readonly maintenanceIntervalMs: number;
}

function threadsOver(crew: Crew, fixed: Fixed & Machinery): Threads {
  const { module, control, maintenanceIntervalMs, ...rest } = fixed;
  const { cpus, workers } = fixed;
  const exported = new Set(WebAssembly.Module.exports(module).map((one) => one.name));
  const callMany: Threads["callMany"] = async (cpu, entry, args) => {
    const [first, ...more] = args;
    if (first === undefined) return { value: undefined, values: [], ns: 0 };
    return crew.call(cpu, { kind: "call", entry, args: first, more, parties: 1 });
  };
  return {
    ...rest,
    has: (entry) => exported.has(entry),
    callOne: (cpu, entry, args = []) => callMany(cpu, entry, [args]),
    callMany,
    callAll: (entry, args = [], who = "cpus") => {
      const parties = who === "cpus" ? cpus : workers;
      const own = typeof args === "function" ? args : () => args;
      const calls = Array.from({ length: parties }, (_, cpu) =>
        crew.call(cpu, { kind: "call", entry, args: own(cpu), more: [], parties }),
      );
      return Promise.all(calls);
    },
    run: async ({
      maintenancePauseMs: pauseMs = maintenancePauseMs,
      maintenancePausesMs: pausesMs = [],
      batchLimits,
      batchRecords,
      records,
      rounds,
      ...options
    }) => {
      control.reset();
      const command = { kind: "run", parties: workers, ...options } as const;
      const runs = Promise.all(
        Array.from({ length: cpus }, (_, cpu) =>
          crew.run(cpu, {
            ...command,
            batchRecords: Math.min(batchRecords, batchLimits?.[cpu] ?? batchRecords),
            records: records?.[cpu] ?? null,
            rounds: rounds?.get(cpu) ?? null,
          }),
        ),
      );
      if (workers === cpus) return runs;
      const maintenance = crew.maintain(cpus, {
        kind: "maintain",
        parties: workers,
        pauseMs,
        intervalMs: maintenanceIntervalMs,
        pausesMs,
      });
      const results = await Promise.race([runs, maintenance.then(() => runs)]);
      control.stop();
      await maintenance;
      return results;
    },
  };
}
