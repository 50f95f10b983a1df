/**
 * The simulator against the least that any event-driven simulator does: a bare loop over a binary heap of Float64 keys, one for each
 * CPU, in which the first is replaced again and again. Linked programs at full depth (interpreter, hooks, strategy), 192 CPUs that
 * open and close without thinking: on one contended counter, and on counters of their own.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { median } from "simple-statistics";
import { kernelIr, openClosePopulation, openCloseScript } from "../../src/bench/kernel-side.ts";
import { type Figures, figuresOf } from "../../src/bench/rounds.ts";
import { type Prepared, prepare } from "../../src/engines/sim/prepare.ts";
import type { SimMachine } from "../../src/engines/sim/types.ts";
import { buildStepped } from "../../src/link/stepped/index.ts";
import { Op } from "../../src/machine/ops.ts";
import { builtinMachine } from "../../src/machines/builtin.ts";
import { compileMachine } from "../../src/machines/compile.ts";
import { bytesPerOperation, type Round, timed } from "./operation-rounds.ts";

const cpus = 192;
const operationsPerRound = 400_000;
/** Mark that begins a script record, src/kernel/core/marks.ts. */
const scriptEvent = 23;

export interface SimulatorResult {
  readonly strategy: string;
  /** Million operations a second: median round. */
  readonly operations: number;
  readonly operationNs: Figures;
  readonly heap: number;
  readonly heapNs: Figures;
  /** Median over rounds of the simulator's rate by the heap's in the same round. */
  readonly ratio: number;
  readonly bytes: number;
  readonly target: number;
}

export interface SimulatorMemory {
  readonly cpus: number;
  readonly mebibytes: number;
  readonly target: number;
}

/** Issue 6. */
const targets = { kref: 0.4, "percpu-ref": 0.8 } as const;
const mostMebibytes = 150;

export function machineNamed(name: string): SimMachine {
  const description = builtinMachine(name);
  if (description === undefined) throw new Error(`no machine is called ${name}`);
  return compileMachine(description);
}

/** A simulation of endless opens and closes; each run of its engine does `operations` and goes on from where it stood. */
export function endless(strategy: string, machine: SimMachine, count: number, operations: number): Prepared {
  const program = buildStepped(kernelIr(strategy, 66));
  return prepare({
    program,
    machine,
    cpus: count,
    scripts: Array.from({ length: count }, (_, cpu) => openCloseScript(cpu)),
    memoryBytes: (32 + Math.ceil(count / 8)) * 2 ** 20,
    boot: openClosePopulation(count),
    warmRecords: Array.from({ length: count }, () => 20),
    eventMark: scriptEvent,
    opLimit: operations,
  });
}

/** Operations on memory that were done: marks, sections, objects and the like do not count. */
function operationsOf(prepared: Prepared): number {
  let sum = 0;
  for (const [op, count] of prepared.operations.byOp.entries()) {
    const isAccess = op >= Op.load && op <= Op.compareExchange;
    if (isAccess || (op >= Op.awaitEqual && op <= Op.awaitAtLeast)) sum += count;
  }
  return sum;
}

/**
 * The loop that everything is measured against; the advance of a key is of a simulation's kind: short, and never the same. Infinite
 * keys behind the last save it the test for the end, and each key is read once.
 */
class BareHeap {
  private readonly keys = new Float64Array(2 * cpus + 2).fill(Number.POSITIVE_INFINITY);
  private random = 1;

  constructor() {
    for (let cpu = 0; cpu < cpus; cpu++) this.keys[cpu] = cpu;
  }

  round(count: number): Round {
    const { keys } = this;
    let { random } = this;
    const start = process.hrtime.bigint();
    for (let i = 0; i < count; i++) {
      random = (Math.imul(random, 1103515245) + 12345) & 0x7fffffff;
      const key = (keys[0] as number) + 1024 * (1 + (random >>> 21));
      let at = 0;
      for (;;) {
        let child = 2 * at + 1;
        let least = keys[child] as number;
        const right = keys[child + 1] as number;
        if (right < least) {
          child++;
          least = right;
        }
        if (least >= key) break;
        keys[at] = least;
        at = child;
      }
      keys[at] = key;
    }
    const ns = Number(process.hrtime.bigint() - start);
    this.random = random;
    return { operations: count, ns };
  }
}

export function measureSimulator(rounds: number): SimulatorResult[] {
  const machine = machineNamed("epyc-9654");
  return Object.entries(targets).map(([strategy, target]) => {
    const prepared = endless(strategy, machine, cpus, operationsPerRound);
    const bare = new BareHeap();
    const simulated = (): Round =>
      timed(
        () => operationsOf(prepared),
        () => prepared.engine.run(),
      );
    for (let warmup = 0; warmup < 8; warmup++) {
      simulated();
      bare.round(operationsPerRound);
    }
    const [ours, theirs, ratios]: [number[], number[], number[]] = [[], [], []];
    for (let round = 0; round < rounds; round++) {
      const first = bare.round(operationsPerRound);
      const run = simulated();
      const last = bare.round(operationsPerRound);
      const heapNs = (first.ns + last.ns) / (first.operations + last.operations);
      ours.push(run.ns / run.operations);
      theirs.push(heapNs);
      ratios.push(heapNs / (run.ns / run.operations));
    }
    const [operationNs, heapNs] = [figuresOf(ours), figuresOf(theirs)];
    return {
      strategy,
      operations: 1000 / operationNs.medianNs,
      operationNs,
      heap: 1000 / heapNs.medianNs,
      heapNs,
      ratio: median(ratios),
      bytes: bytesPerOperation((size) => repeated(simulated, size), operationsPerRound),
      target,
    };
  });
}

/** Rounds until that many operations are done. */
function repeated(round: () => Round, operations: number): Round {
  let done = { operations: 0, ns: 0 };
  while (done.operations < operations) {
    const { operations: more, ns } = round();
    done = { operations: done.operations + more, ns: done.ns + ns };
  }
  return done;
}

/** Memory of a process that simulates 1,024 CPUs, beyond what it took before. */
export function measureSimulatorMemory(): SimulatorMemory {
  const child = fileURLToPath(new URL("simulator-memory-child.ts", import.meta.url));
  const { stdout, stderr } = spawnSync(process.execPath, ["--import", "tsx", child], { encoding: "utf8" });
  const mebibytes = Number(stdout);
  if (stdout === "" || !Number.isFinite(mebibytes)) throw new Error(`no figure of memory: ${stderr}`);
  return { cpus: 1024, mebibytes, target: mostMebibytes };
}
