/** The threads engine: linked programs on real worker threads over real shared memory. */
export type { Backlog } from "./backlog.ts";
export { compileOptimised, hostWasmOptions } from "./compile.ts";
export { settle } from "./entries.ts";
export { whyNotPinned } from "./pin.ts";
export {
  type LatencyPlan,
  type Repetition,
  runThreads,
  type ThreadsJob,
  type ThreadsResult,
} from "./run.ts";
export type { CpuSampling, CpuTimes } from "./sampling.ts";
export type { SlowWindows } from "./slow-windows.ts";
export type { StallPlan } from "./stalls.ts";
export type { Latency, Spread } from "./statistics.ts";
export {
  type CallResult,
  type CpuRun,
  defaultHangTimeoutMs,
  type RunOptions,
  type Threads,
  type ThreadsOptions,
  withThreads,
} from "./threads.ts";
