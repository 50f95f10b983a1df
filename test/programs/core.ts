/**
 * The core's parts as entries of one program, for tests in direct mode and under random schedules. Addresses that a test
 * needs are returned as integers.
 */

import {
  coreBoot,
  heapAlloc,
  heapFree,
  heapLive,
  type ProgramMeta,
  percpuAlloc,
  percpuFree,
  percpuInUse,
} from "refplay/kernel";
import type { i32, ptr } from "refplay/machine";

export function boot(): void {
  coreBoot();
}

export function alloc(cpu: i32, kind: i32, bytes: i32): ptr {
  return heapAlloc(cpu, kind, bytes);
}

export function free(cpu: i32, address: ptr): void {
  heapFree(cpu, address);
}

export function live(kind: i32): i32 {
  return heapLive(kind);
}

export function cellAlloc(bytes: i32): i32 {
  return percpuAlloc(bytes);
}

export function cellFree(offset: i32, bytes: i32): void {
  percpuFree(offset, bytes);
}

export function cellsInUse(): i32 {
  return percpuInUse();
}

export default {
  options: {
    verify: { unit: "0/1", default: 1, min: 0, max: 1, doc: "Whether the heap checks itself." },
    quarantine: {
      unit: "blocks",
      default: 4,
      min: 0,
      max: 1024,
      doc: "Freed blocks that wait before reuse.",
    },
    percpuBytes: { unit: "bytes", default: 256, min: 0, max: 65536, doc: "Per-CPU memory of each CPU." },
    labelLayout: {
      unit: "0/1",
      default: 0,
      min: 0,
      max: 1,
      doc: "Whether flags stand apart from the counter.",
    },
    rcuBacklog: {
      unit: "callbacks",
      default: 10000,
      min: 1,
      max: 1000000,
      doc: "Callbacks before a CPU waits.",
    },
  },
} satisfies ProgramMeta;
