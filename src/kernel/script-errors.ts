/**
 * What a script can do wrong. The interpreter counts it on the CPU and goes on with the next record: a trace that was cut
 * off must not bring the machine down, and a count that is not 0 tells that its figures are of something else.
 */
import { type i32, load, type ptr, store } from "refplay/machine";
import { CpuBlock, cpuBlock } from "./cpu-block.ts";

/** Counts one script error of this CPU. */
export function scriptError(cpu: i32, kind: i32): void {
  const counter: ptr = cpuBlock(cpu) + CpuBlock.scriptErrors + kind * 4;
  const before: i32 = load(counter);
  store(counter, before + 1);
}
