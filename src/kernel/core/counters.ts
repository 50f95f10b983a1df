/**
 * The kernel's books about itself: one private cell per CPU and counter, so counting costs a load and a store of the CPU's
 * own line. A watched build counts nothing: there every access is a step.
 */
import { type i32, load, now, type ptr, store } from "../../machine/index.ts";
import { Boot } from "../../machine/memory-map.ts";
import { Cpu, cpuArea, watched } from "./areas.ts";
import { sumOverCpus } from "./evidence.ts";

/** Adds to a `Counter` of this CPU. */
export function count(cpu: i32, counter: i32, amount: i32): void {
  if (watched) return;
  const cell: ptr = cpuArea(cpu) + Cpu.counters + counter * 4;
  const before: i32 = load(cell);
  store(cell, before + amount);
}

/** Raises a `Counter` of this CPU that keeps the most of something. */
export function countMost(cpu: i32, counter: i32, amount: i32): void {
  if (watched) return;
  const cell: ptr = cpuArea(cpu) + Cpu.counters + counter * 4;
  const before: i32 = load(cell);
  if (amount > before) store(cell, amount);
}

/** The time in ticks, to give to `countSince`; 0 in a watched build. */
export function ticks(): i32 {
  return watched ? 0 : now();
}

/** Adds the ticks since `start` to a `Counter` of this CPU. */
export function countSince(cpu: i32, counter: i32, start: i32): void {
  if (watched) return;
  count(cpu, counter, now() - start);
}

/** Sum of a `Counter` over all CPUs. */
export function counted(counter: i32): i32 {
  return sumOverCpus(Cpu.counters + counter * 4);
}

/** The largest that a CPU has of a `Counter` that keeps the most of something. */
export function countedMost(counter: i32): i32 {
  const cpus: i32 = load(Boot.cpus);
  let most: i32 = 0;
  for (let cpu: i32 = 0; cpu < cpus; cpu += 1) {
    const part: i32 = load(cpuArea(cpu) + Cpu.counters + counter * 4);
    if (part > most) most = part;
  }
  return most;
}
