/**
 * Single operations of the machine as records of a script, for tests of engines that simulate time. A record is {step, a, b, c}: what
 * its step makes of the operands is said there. With `fromLast` the value written is what the last operation returned; with `indexed`
 * that picks one of four cells from the address on.
 */
import { cpuAreaBase, cpuAreaBytes, type ProgramMeta, spinLock, spinUnlock } from "refplay/kernel";
import {
  allocated,
  awaitAtLeast,
  awaitEqual,
  awaitNotEqual,
  callRcu,
  compareExchange,
  exchange,
  fence,
  fetchAdd,
  fetchAnd,
  fetchOr,
  freed,
  type i32,
  load,
  loadAcquire,
  loadFence,
  mark,
  now,
  ptr,
  quiescent,
  rcuReadLock,
  rcuReadUnlock,
  rcuTake,
  script,
  spin,
  store,
  storeFence,
  storeRelease,
  synchronizeRcu,
  work,
} from "refplay/machine";
import { mutexLock, mutexUnlock } from "../../src/kernel/core/mutex.ts";
import { RcuHead } from "../../src/machine/memory-map.ts";
import { SimCallback, SimCell, SimFlags, SimStep } from "./sim-steps.ts";

/** Offset in a CPU's area of the cell that counts its requests; nothing else of this program is in that line. */
export const requestCounter: i32 = cpuAreaBytes - 64;

/** Executes this CPU's script; `records` more than 0: as many of it. */
export function run(cpu: i32, records: i32): void {
  let last: i32 = 0;
  let left: i32 = records;
  for (let at: i32 = 0; ; at += 16) {
    const first: i32 = script(at);
    if (first === SimStep.end) return;
    const a: i32 = script(at + 4);
    const b: i32 = script(at + 8);
    const c: i32 = script(at + 12);
    const value: i32 = (first & SimFlags.fromLast) !== 0 ? last : b;
    const address: ptr = ptr(a + ((first & SimFlags.indexed) !== 0 ? (last & 3) * 4 : 0));
    last = perform(cpu, first & 255, address, value, c, last);
    left -= 1;
    if (left === 0) return;
  }
}

/** Returns what the operation returns, or `last` where it returns nothing. */
function perform(cpu: i32, step: i32, address: ptr, value: i32, c: i32, last: i32): i32 {
  let result: i32 = last;
  switch (step) {
    case SimStep.load:
      result = load(address);
      break;
    case SimStep.loadAcquire:
      result = loadAcquire(address);
      break;
    case SimStep.store:
      store(address, value);
      break;
    case SimStep.storeRelease:
      storeRelease(address, value);
      break;
    case SimStep.fetchAdd:
      result = fetchAdd(address, value);
      break;
    case SimStep.fetchAnd:
      result = fetchAnd(address, value);
      break;
    case SimStep.fetchOr:
      result = fetchOr(address, value);
      break;
    case SimStep.exchange:
      result = exchange(address, value);
      break;
    case SimStep.compareExchange:
      result = compareExchange(address, value, c);
      break;
    case SimStep.fence:
      fence();
      break;
    case SimStep.loadFence:
      loadFence();
      break;
    case SimStep.storeFence:
      storeFence();
      break;
    case SimStep.awaitEqual:
      awaitEqual(address, value);
      break;
    case SimStep.awaitNotEqual:
      awaitNotEqual(address, value);
      break;
    case SimStep.awaitAtLeast:
      awaitAtLeast(address, value);
      break;
    case SimStep.rcuReadLock:
      rcuReadLock();
      break;
    case SimStep.rcuReadUnlock:
      rcuReadUnlock();
      break;
    case SimStep.callRcu:
      callRcu(address, c + value);
      break;
    case SimStep.synchronizeRcu:
      synchronizeRcu();
      break;
    case SimStep.allocated:
      allocated(address, value, c);
      break;
    case SimStep.freed:
      freed(address);
      break;
    case SimStep.work:
      work(address);
      break;
    case SimStep.now:
      result = now();
      break;
    case SimStep.mark:
      mark(address, value);
      break;
    case SimStep.quiescent:
      quiescent();
      break;
    case SimStep.spin:
      spin(address);
      break;
    case SimStep.spinLock:
      spinLock(address);
      break;
    case SimStep.spinUnlock:
      spinUnlock(address);
      break;
    case SimStep.mutexLock:
      mutexLock(address);
      break;
    case SimStep.mutexUnlock:
      mutexUnlock(address);
      break;
    case SimStep.request: {
      const counter: ptr = ptr(cpuAreaBase + requestCounter + cpu * cpuAreaBytes);
      const before: i32 = load(counter);
      store(counter, before + 1);
      break;
    }
    default:
      break;
  }
  return result;
}

/** Runs callbacks until none can come any more. */
export function softirq(_cpu: i32): void {
  while (true) {
    const head: ptr = rcuTake();
    if (head === 0) return;
    const id: i32 = load(head + RcuHead.callback);
    const callback: i32 = id & 3;
    const cell: ptr = ptr(id - callback);
    switch (callback) {
      case SimCallback.count:
        fetchAdd(cell, 1);
        break;
      case SimCallback.write:
        store(cell, callback);
        break;
      case SimCallback.again:
        callRcu(head, id - callback + SimCallback.count);
        break;
      default:
        break;
    }
    fetchAdd(SimCell.callbacksDone, 1);
  }
}

/** Does one of the chores that are left; 0 where none is. */
export function maintain(_cpu: i32): i32 {
  const left: i32 = load(SimCell.chores);
  if (left <= 0) return 0;
  fetchAdd(SimCell.chores, -1);
  return 1;
}

export default { options: {} } satisfies ProgramMeta;
