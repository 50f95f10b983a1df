/** Arguments of the kernel's entry `boot`, in its order. */
import type { Workload } from "../workloads/index.ts";

export function bootArguments({ population }: Workload): number[] {
  const { profiles, tasks, descriptorsPerTask, threadsPerProcess, channels } = population;
  return [profiles, tasks, descriptorsPerTask, threadsPerProcess, channels];
}
