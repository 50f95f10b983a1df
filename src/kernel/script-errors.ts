/**
 * What a script can do wrong. The interpreter counts it on the CPU and goes on with the next record: a trace that was cut
 * off must not bring the machine down, and a count that is not 0 tells that its figures are of something else.
 */
import { type i32, load, type ptr, store } from "refplay/machine";
import { CpuBlock, cpuBlock } from "./cpu-block.ts";

/** Kinds of script error; each has a counter per CPU. */
export enum ScriptError {
  /** A descriptor that is not open, or that is open where a free one is needed, or outside the table, or no socket. */
  badDescriptor = 0,
  /** No task runs, or the task named is unknown, dead, or runs on another CPU. */
  badTask = 1,
  /** No profile of that index, or `unconfined`, which cannot be removed, or one that is removed already. */
  badProfile = 2,
  badChannel = 3,
  /** Unknown event, CPU that does not exist, `repeat` nested too deep. */
  badRecord = 4,
  /** The heap had no room for an object; the event did nothing. */
  noMemory = 5,
}

/** Kinds that there is a counter for. */
export const scriptErrorLimit = 8;

/** Counts one script error of this CPU. */
export function scriptError(cpu: i32, kind: i32): void {
  const counter: ptr = cpuBlock(cpu) + CpuBlock.scriptErrors + kind * 4;
  const before: i32 = load(counter);
  store(counter, before + 1);
}
