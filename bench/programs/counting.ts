/**
 * The micro benchmarks of published tables, for the simulator's fidelity table (src/fidelity): every CPU changes one counter, or one
 * of its own, or only reads under RCU, in a loop; or two CPUs hand a line to and fro. A bare program, without kernel and strategy.
 *
 * A script is one record, { what, turns, batch, startNs }: after `startNs`, `turns` times a batch of `batch` operations, after which the
 * CPU counts its turn and looks whether it has to stop, as perfbook's loops do (CodeSamples/count/counttorture.h: 1000 to a batch).
 */
import type { ProgramMeta } from "refplay/kernel";
import {
  compareExchange,
  fence,
  fetchAdd,
  type i32,
  load,
  type ptr,
  rcuReadLock,
  rcuReadUnlock,
  script,
  store,
  work,
} from "refplay/machine";
import { Boot } from "../../src/machine/memory-map.ts";

/** What a CPU does; `src/fidelity/loads.ts` has the same numbers. */
enum Turn {
  /** Nothing: a CPU between two that take part. */
  idle = 0,
  /** One addition to the counter of all. */
  atomicInc = 1,
  /** The same to a counter of the CPU's own, without an atomic operation. */
  percpuInc = 2,
  /** Enters and leaves an RCU read section around one load of what all read. */
  rcuRead = 3,
  /** The same with a counter each for entering and leaving, and a full barrier behind the one and before the other, as SRCU has. */
  srcuRead = 4,
  /** Takes the ball when it is there, by compare-exchange, and throws it back. */
  ping = 5,
  pong = 6,
}

enum ScriptCell {
  what = 0,
  turns = 4,
  batch = 8,
  startNs = 12,
}

/** Each on a line of its own. */
enum Shared {
  counter = 1024,
  ball = 1152,
  stop = 1280,
  index = 1408,
}

/** Offsets in a CPU's area. */
enum Own {
  turns = 0,
  counter = 64,
  entered = 128,
  left = 136,
}

export const cpuAreaBase: i32 = 2048;
export const cpuAreaBytes: i32 = 192;
export const requestCounter: i32 = Own.turns;

function areaOf(cpu: i32): ptr {
  const base: ptr = load(Boot.cpuBase);
  return base + cpu * cpuAreaBytes;
}

/** Executes the CPU's script; its end is reached in one call. */
export function run(cpu: i32, _records: i32): i32 {
  const what: i32 = script(ScriptCell.what);
  const turns: i32 = script(ScriptCell.turns);
  const batch: i32 = script(ScriptCell.batch);
  if (what === Turn.idle) return 0;
  const startNs: i32 = script(ScriptCell.startNs);
  if (startNs > 0) work(startNs);
  const area: ptr = areaOf(cpu);
  let stopped: i32 = 0;
  for (let turn: i32 = 0; turn < turns && stopped === 0; turn += 1) {
    switch (what) {
      case Turn.atomicInc:
        for (let i: i32 = 0; i < batch; i += 1) fetchAdd(Shared.counter, 1);
        break;
      case Turn.percpuInc:
        for (let i: i32 = 0; i < batch; i += 1) add(area + Own.counter);
        break;
      case Turn.rcuRead:
        for (let i: i32 = 0; i < batch; i += 1) rcuRead();
        break;
      case Turn.srcuRead:
        for (let i: i32 = 0; i < batch; i += 1) srcuRead(area);
        break;
      case Turn.ping:
        for (let i: i32 = 0; i < batch; i += 1) take(0, 1);
        break;
      default:
        for (let i: i32 = 0; i < batch; i += 1) take(1, 0);
        break;
    }
    store(area + Own.turns, turn + 1);
    stopped = load(Shared.stop);
  }
  return 0;
}

function add(counter: ptr): void {
  const before: i32 = load(counter);
  store(counter, before + 1);
}

function rcuRead(): void {
  rcuReadLock();
  load(Shared.index);
  rcuReadUnlock();
}

function srcuRead(area: ptr): void {
  load(Shared.index);
  add(area + Own.entered);
  fence();
  fence();
  add(area + Own.left);
}

/** Spins on the failing compare-exchange itself, as the published program does. */
function take(mine: i32, thrown: i32): void {
  let found: i32 = compareExchange(Shared.ball, mine, thrown);
  while (found !== mine) found = compareExchange(Shared.ball, mine, thrown);
}

export default { options: {} } satisfies ProgramMeta;
