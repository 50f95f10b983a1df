/**
 * Grace periods of the compiled build: who has seen which number. The callbacks that wait for them are in `rcu-qsbr.ts`;
 * apart, so that a program without the kernel's callbacks can still start and stop its CPUs.
 *
 * A global number, `rcuCurrent`, goes up when somebody wants a grace period. Each CPU copies it to its own `rcuSeen` at
 * its quiescent states. Grace period g is over once every CPU has seen g or more. A CPU that cannot hold a read section for
 * a while (offline: it thinks, waits, or has finished) shows a number far ahead, so that one wrapping comparison serves
 * for both.
 *
 * Why it is safe to free after that:
 * 1. An updater unlinks, then queues the callback; then comes a full barrier, and only then it reads `rcuCurrent` and moves
 *    it to g = that + 1 (or finds that another CPU just did). So whoever reads g or more there sees the unlinking as well.
 * 2. A CPU writes `rcuSeen` with `exchange`, a full barrier: reads of sections before it are done before others can see
 *    the new number, and reads of sections after it are done after it, hence see the unlinking (by 1).
 * 3. The CPU that waits reads every `rcuSeen` with acquire order, so what it does next, freeing, comes after the reads of 2.
 * A quiescent state that finds no new number writes nothing and needs no barrier: nobody can have counted it.
 * Going online is a store and a barrier before the first read (exchange again). Either the waiting CPU sees the store and
 * waits, or its look came first, and then the reads that follow the barrier see what it had unlinked before looking.
 */

import {
  awaitAtLeast,
  type bool,
  compareExchange,
  exchange,
  fence,
  type i32,
  load,
  loadAcquire,
  type ptr,
  store,
  thisCpu,
} from "../../machine/index.ts";
import { Boot } from "../../machine/memory-map.ts";
import { Cpu, cpuArea, Global, watched } from "./areas.ts";

/** What an offline CPU shows on top of the current number; no CPU stays offline for that many grace periods. */
const offlineAhead: i32 = 0x40000000;

/** Makes RCU ready. Once, on CPU 0; every CPU begins offline. */
export function rcuBoot(): void {
  if (watched) return;
  store(Global.rcuCurrent, 1);
  const cpus: i32 = load(Boot.cpus);
  for (let cpu: i32 = 0; cpu < cpus; cpu += 1) store(cpuArea(cpu) + Cpu.rcuSeen, 1 + offlineAhead);
}

/** This CPU may hold read sections from now on: it has begun to run. Watched builds leave that to the engine's RCU. */
export function rcuOnline(): void {
  if (watched) return;
  const area: ptr = cpuArea(thisCpu());
  const current: i32 = load(Global.rcuCurrent);
  exchange(area + Cpu.rcuSeen, current);
}

/** This CPU holds no read section until it goes online: before a long wait, and at the end of its work. */
export function rcuOffline(): void {
  if (watched) return;
  const area: ptr = cpuArea(thisCpu());
  const current: i32 = load(Global.rcuCurrent);
  exchange(area + Cpu.rcuSeen, current + offlineAhead);
}

/** Asks for a grace period that covers all that this CPU did before; its number. */
export function newPeriod(): i32 {
  // What was unlinked must be visible before the number is read: if another CPU then moves it first, and its number is
  // shared, a reader that has seen that number must have seen our unlinking too.
  fence();
  const before: i32 = load(Global.rcuCurrent);
  compareExchange(Global.rcuCurrent, before, before + 1);
  return before + 1;
}

/** Tells others that this CPU has seen `number`; an offline CPU shows more already. */
export function show(area: ptr, number: i32): void {
  const seen: i32 = load(area + Cpu.rcuSeen);
  if (seen - number < 0) exchange(area + Cpu.rcuSeen, number);
}

/** Whether this CPU is offline: only then its number is ahead of the global one. */
export function isOffline(area: ptr): bool {
  const seen: i32 = load(area + Cpu.rcuSeen);
  const current: i32 = load(Global.rcuCurrent);
  return seen - current > 0;
}

/** Whether every CPU has seen `target`. Goes on where the last look stopped, so a grace period costs one look per CPU. */
export function periodOver(area: ptr, target: i32): bool {
  const cpus: i32 = load(Boot.cpus);
  let cpu: i32 = load(area + Cpu.rcuCursor);
  while (cpu < cpus) {
    const seen: i32 = loadAcquire(cpuArea(cpu) + Cpu.rcuSeen);
    if (seen - target < 0) {
      store(area + Cpu.rcuCursor, cpu);
      return false;
    }
    cpu += 1;
  }
  return true;
}

/** Waits until every CPU has seen `target`. The caller is offline here, or two that wait would wait for each other. */
export function awaitPeriod(target: i32): void {
  const cpus: i32 = load(Boot.cpus);
  for (let cpu: i32 = 0; cpu < cpus; cpu += 1) awaitAtLeast(cpuArea(cpu) + Cpu.rcuSeen, target);
}
