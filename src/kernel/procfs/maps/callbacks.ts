/** What runs when a grace period of an address space's program is over; for the linker, in place of the kernel's callbacks. */
import type { i32, ptr } from "refplay/machine";
import { MapsCallback } from "./kinds.ts";
import { mapleNodeFree } from "./maple-store.ts";
import { vmaFreeNow } from "./vma.ts";

/** Runs callback `id` on the `RcuHead` at `head`. */
export function runCallback(cpu: i32, id: i32, head: ptr): void {
  if (id === MapsCallback.vmaFree) vmaFreeNow(cpu, head);
  else if (id === MapsCallback.mapleFree) mapleNodeFree(cpu, head);
}
