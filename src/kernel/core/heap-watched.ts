/**
 * The allocators of a watched build: each CPU cuts objects off memory of its own and nothing is used a second time. So a
 * freed object stays freed, an allocation is a load and a store of a private cell, and its address does not depend on what
 * other CPUs did before, which keeps the states few that an exhaustive search must tell apart. New memory is 0.
 */
import { type i32, load, ptr, store } from "../../machine/index.ts";
import { lineBytes } from "../../machine/memory-map.ts";
import { Cpu, cpuArea, percpuBytes, watchedHeapBytes } from "./areas.ts";

/** CPUs that may allocate per-CPU memory in a watched build: each has an equal share of the offsets. */
const percpuCpus: i32 = 16;
const percpuShare: i32 = (percpuBytes / (percpuCpus * 8)) * 8;

/** `bytes` on a line of their own, or 0 where this CPU's heap is used up. */
export function cutObject(cpu: i32, bytes: i32): ptr {
  const area: ptr = cpuArea(cpu);
  const top: i32 = load(area + Cpu.heapTop);
  const next: i32 = top + ((bytes + lineBytes - 1) & (0 - lineBytes));
  if (next > watchedHeapBytes) return ptr(0);
  store(area + Cpu.heapTop, next);
  return area + Cpu.heap + top;
}

/** The offset in the CPUs' areas of `bytes` (a multiple of 8) of per-CPU memory, or 0 where this CPU's share is used up. */
export function cutPercpu(cpu: i32, bytes: i32): i32 {
  if (cpu >= percpuCpus) return 0;
  const area: ptr = cpuArea(cpu);
  const top: i32 = load(area + Cpu.percpuTop);
  if (top + bytes > percpuShare) return 0;
  store(area + Cpu.percpuTop, top + bytes);
  return Cpu.percpu + cpu * percpuShare + top;
}
