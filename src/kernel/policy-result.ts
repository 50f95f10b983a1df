/**
 * What policy events came to. A refused event is no mistake of the script: it does nothing, the CPU keeps the error as its last
 * result, and a counter per error goes up. `Event.answer` writes the last result down for `audit`.
 */
import { type bool, type i32, load, type ptr, store, u32 } from "refplay/machine";
import { PolicyError, ScriptError } from "./audit.ts";
import { CpuBlock, cpuBlock } from "./cpu-block.ts";
import { KernelGlobal } from "./globals.ts";
import { scriptError } from "./script-errors.ts";

/** Bytes of an answer. */
const answerBytes: i32 = 4;

/** Notes what a policy event of this CPU came to, a `PolicyError`. Whether it was done. */
export function policyResult(cpu: i32, result: i32): bool {
  store(cpuBlock(cpu) + CpuBlock.policyResult, result);
  if (result === PolicyError.done) return true;
  const counter: ptr = cpuBlock(cpu) + CpuBlock.policyErrors + result * 4;
  const before: i32 = load(counter);
  store(counter, before + 1);
  return false;
}

/** Makes the CPU's last result answer number `index`. */
export function writeAnswer(cpu: i32, index: i32): void {
  const count: i32 = load(KernelGlobal.answerCount);
  if (u32(index) >= u32(count)) {
    scriptError(cpu, ScriptError.badRecord);
    return;
  }
  const answers: ptr = load(KernelGlobal.answers);
  const result: i32 = load(cpuBlock(cpu) + CpuBlock.policyResult);
  store(answers + index * answerBytes, result);
}

/** Answer number `index`, a `PolicyError`; 0 for one that there is no room for. */
export function answerOf(index: i32): i32 {
  const count: i32 = load(KernelGlobal.answerCount);
  if (u32(index) >= u32(count)) return 0;
  const answers: ptr = load(KernelGlobal.answers);
  return load(answers + index * answerBytes);
}

/** Bytes for `count` answers. */
export function answersBytes(count: i32): i32 {
  return count * answerBytes;
}
