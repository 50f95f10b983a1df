/** The machine of the examples that are worked out by hand, and what happens in a job as lines of text. */
import type { SimJob, SimMachine } from "../../../src/engines/sim/types.ts";
import { Op, opByCode } from "../../../src/machine/ops.ts";
import type { Observed, SimEngine } from "./compare.ts";
import { cellBase, type SimRecord, SimStep, stageJob } from "./stage.ts";

/**
 * CPUs 0 and 1 are one core, 0 to 3 one L3 domain, 0 to 7 one socket, 16 in all. A request needs 10 ns to its line (half of
 * 20), so a transfer that begins at once takes its latency from the request on.
 */
export const machine: SimMachine = {
  name: "example",
  threadsPerCore: 2,
  coresPerL3: 2,
  l3PerSocket: 2,
  sockets: 2,
  numbering: "compact",
  lineBytes: 64,
  hitNs: 1,
  storeNs: 1,
  privateAtomicNs: 4,
  atomicNs: 6,
  fenceNs: 5,
  memoryNs: 100,
  idleNs: { smt: 20, l3: 40, socket: 80, cross: 160 },
  handOffNs: { smt: 12, l3: 24, socket: 48, cross: 96 },
  holdNs: 10,
  mostHoldNs: 50,
  storeBufferEntries: 2,
  gracePeriodNs: 1000,
  scaling: [],
};

/** Cells on lines of their own. */
export const x = cellBase;
export const y = cellBase + 64;
export const z = cellBase + 128;

const names = new Map([
  [x, "x"],
  [y, "y"],
  [z, "z"],
]);

/** Steps in short. */
export const load = (a: number): SimRecord => ({ step: SimStep.load, a });
export const store = (a: number, b: number): SimRecord => ({ step: SimStep.store, a, b });
export const add = (a: number): SimRecord => ({ step: SimStep.fetchAdd, a, b: 1 });
export const awaitEqual = (a: number, b: number): SimRecord => ({ step: SimStep.awaitEqual, a, b });
export const awaitNot = (a: number, b: number): SimRecord => ({ step: SimStep.awaitNotEqual, a, b });
export const spin = (a: number): SimRecord => ({ step: SimStep.spin, a });
export const work = (a: number): SimRecord => ({ step: SimStep.work, a });
export const one = (step: SimStep): SimRecord => ({ step });

export interface Shown extends Observed {
  /** Operations on cells, reads and writes of the RCU operations too: "ns cpu operation cell = result", in order. */
  readonly lines: readonly string[];
}

const hidden = new Set([Op.work, Op.spin, Op.rcuTake]);

/** Runs scripts (CPU 0's first) and shows what happened. */
export function show(
  engine: SimEngine,
  scripts: readonly (readonly SimRecord[])[],
  more: Partial<SimJob> = {},
): Shown {
  const seen: { readonly ticks: number; readonly actor: number; readonly text: string }[] = [];
  const cell = (address: number): string => {
    const name = names.get(address);
    return name === undefined ? "" : ` ${name}`;
  };
  const operand = (op: Op, address: number): string =>
    opByCode(op).operands.length === 0 ? "" : cell(address);
  const observed = engine.observe(stageJob(machine, scripts, more), {
    onOp(ticks, actor, op, address, result) {
      if (hidden.has(op)) return;
      const returns = op <= Op.compareExchange && op !== Op.store && op !== Op.storeRelease;
      const value = returns || op === Op.now ? ` = ${result}` : "";
      seen.push({ ticks, actor, text: `${ticks / 16} cpu${actor} ${Op[op]}${operand(op, address)}${value}` });
    },
    onWritten(ticks, actor, address, value) {
      seen.push({ ticks, actor, text: `${ticks / 16} cpu${actor} writes${cell(address)} ${value}` });
    },
  });
  // Stable: what one actor does at one time stays in its order.
  const lines = seen.sort((a, b) => a.ticks - b.ticks || a.actor - b.actor).map(({ text }) => text);
  return { ...observed, lines };
}

/** Scripts by CPU; CPUs between have none. */
export function on(byCpu: Readonly<Record<number, readonly SimRecord[]>>): SimRecord[][] {
  const cpus = Math.max(...Object.keys(byCpu).map(Number)) + 1;
  return Array.from({ length: cpus }, (_, cpu) => [...(byCpu[cpu] ?? [])]);
}
