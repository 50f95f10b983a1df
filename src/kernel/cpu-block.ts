/**
 * What the kernel around the core keeps per CPU: where the script stands, counters, and the temporary holders that a
 * kernel hook would have on its stack. Private to the CPU but for `progress`, which other CPUs wait for.
 */
import type { i32, ptr } from "refplay/machine";
import { policyErrorLimit } from "./audit.ts";
import { kernelCpu } from "./core/areas.ts";
import { guardBytes, holderBytes, mostLabelParts } from "./settings.ts";

/** Offsets in the CPU's block; lines are 64 bytes. */
export enum CpuBlock {
  /** Byte offset in the script of the next record. */
  next = 0,
  /** The task that this CPU runs, or 0. */
  task = 4,
  /** `repeat` blocks that are open. */
  depth = 8,
  /** The innermost open block: offsets of its first record and behind its last, rounds left. */
  loopStart = 12,
  loopEnd = 16,
  loopLeft = 20,
  /** Records of the batch that is being executed, and how many of the call's come after it. */
  batch = 24,
  unbegun = 28,
  /** What these three were outside each open block, outermost first; see `LoopFrame`. */
  loops = 64,
  /** Script records executed. */
  events = 128,
  /** `request` records executed. */
  requests = 132,
  /** One counter for each `ScriptError`. */
  scriptErrors = 136,
  /** Times that this CPU passed `post`. On its own line: others poll it. */
  progress = 192,
  /** Holder of a reference that a hook takes and drops again. */
  temporary = 256,
  /** Guard of the one borrow that a hook has at a time. */
  guard = temporary + holderBytes,
  /** Holders that single functions have to themselves while they run; see the functions below. */
  spare = guard + guardBytes,
  hop = spare + holderBytes,
  left = hop + holderBytes,
  right = left + holderBytes,
  scanned = right + holderBytes,
  successor = scanned + holderBytes,
  merged = successor + holderBytes,
  callback = merged + holderBytes,
  /** What the last policy event came to, and one counter for each `PolicyError`. */
  policyResult = callback + holderBytes,
  /** Why the last merge of this CPU made no label. */
  mergeError = policyResult + 4,
  policyErrors = policyResult + 8,
  /** Profiles of a set that is being loaded, the last first; the policy text that they come from; 1 if the set is refused. */
  loading = policyErrors + policyErrorLimit * 4,
  loadingText = loading + 8,
  loadingResult = loading + 16,
  /** A vector that is being put together: room for two labels of the most parts. */
  vector = loading + 24,
  end = vector + 2 * mostLabelParts * 8,
}

/** Offsets in one entry of `CpuBlock.loops`. */
export enum LoopFrame {
  start = 0,
  end = 4,
  left = 8,
}

/** Bytes of one entry of `CpuBlock.loops`. */
export const loopFrameBytes = 12;

/** This CPU's block. */
export function cpuBlock(cpu: i32): ptr {
  return kernelCpu(cpu);
}

/** The holder for a reference that lives within one hook. */
export function temporary(cpu: i32): ptr {
  return kernelCpu(cpu) + CpuBlock.temporary;
}

/** The guard for a borrow that lives within one hook. */
export function hookGuard(cpu: i32): ptr {
  return kernelCpu(cpu) + CpuBlock.guard;
}

/** Holders that are empty between two calls of the functions that use them; nobody else does. */
export function spareHolder(cpu: i32): ptr {
  return kernelCpu(cpu) + CpuBlock.spare;
}

/** For `staleToNewest`, and while a label gets its successor. */
export function hopHolder(cpu: i32): ptr {
  return kernelCpu(cpu) + CpuBlock.hop;
}

/** For the two labels of `merge`. */
export function leftHolder(cpu: i32): ptr {
  return kernelCpu(cpu) + CpuBlock.left;
}

export function rightHolder(cpu: i32): ptr {
  return kernelCpu(cpu) + CpuBlock.right;
}

/** For the label that is being made anew, and for what takes its place. */
export function scannedHolder(cpu: i32): ptr {
  return kernelCpu(cpu) + CpuBlock.scanned;
}

export function successorHolder(cpu: i32): ptr {
  return kernelCpu(cpu) + CpuBlock.successor;
}

/** For a merged label until somebody has it. */
export function mergedHolder(cpu: i32): ptr {
  return kernelCpu(cpu) + CpuBlock.merged;
}

/** For RCU callbacks, which may run in the midst of a function that sleeps. */
export function callbackHolder(cpu: i32): ptr {
  return kernelCpu(cpu) + CpuBlock.callback;
}

/** Room for a vector of twice `mostLabelParts` profiles. */
export function scratchVector(cpu: i32): ptr {
  return kernelCpu(cpu) + CpuBlock.vector;
}
