/** The core's own start: what must have happened before anything is allocated, locked or queued. */
import { heapBoot } from "./heap.ts";
import { rcuBoot } from "./rcu-periods.ts";

/** Once, on CPU 0, in memory that is 0 but for the boot block. Every CPU begins offline for RCU (`rcuOnline`). */
export function coreBoot(): void {
  heapBoot();
  rcuBoot();
}
