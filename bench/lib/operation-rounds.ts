/** Rounds of stepped operations: how long they take, and what they allocate. */
import { GCProfiler } from "node:v8";
import { median } from "simple-statistics";

/** Operations of one round and how long they took. */
export interface Round {
  readonly operations: number;
  readonly ns: number;
}

/** @param operations a counter that `body` moves on */
export function timed(operations: () => number, body: () => void): Round {
  const before = operations();
  const start = process.hrtime.bigint();
  body();
  const ns = Number(process.hrtime.bigint() - start);
  return { operations: operations() - before, ns };
}

/** Bytes of heap that a round of that size allocates, those that collections took back in between included. */
function allocatedIn(round: (size: number) => Round, size: number): Round & { bytes: number } {
  const profiler = new GCProfiler();
  profiler.start();
  let used = process.memoryUsage().heapUsed;
  const done = round(size);
  const usedAtEnd = process.memoryUsage().heapUsed;
  let bytes = 0;
  for (const { beforeGC, afterGC } of profiler.stop()?.statistics ?? []) {
    bytes += beforeGC.heapStatistics.usedHeapSize - used;
    used = afterGC.heapStatistics.usedHeapSize;
  }
  return { ...done, bytes: bytes + usedAtEnd - used };
}

/** Bytes of heap per operation: what a long round allocates more than a short one, so that a call's own do not count. */
export function bytesPerOperation(round: (size: number) => Round, size: number): number {
  // The heap is the process's, so a timer or a finished compilation may show in one of them.
  const found = Array.from({ length: 5 }, () => {
    const short = allocatedIn(round, size / 8);
    const long = allocatedIn(round, size * 4);
    return (long.bytes - short.bytes) / (long.operations - short.operations);
  });
  return Math.max(0, median(found));
}
