/**
 * What runs when a grace period is over: the kernel's own callbacks and those of the strategy. Called from a quiescent state
 * in the compiled build and from `softirq` on stepped engines, on the CPU that queued the callback.
 */
import type { i32, ptr } from "refplay/machine";
import { callback } from "refplay/strategy";
import { Callback, callbacksPerOwner } from "./core/callback-ids.ts";
import { Label } from "./core/label-layout.ts";
import { credFree } from "./cred.ts";
import { Cred } from "./cred-count.ts";
import { labelFree, labelReclaim } from "./label-free.ts";
import { rawdataFree } from "./rawdata.ts";

/** Runs callback `id` (a `Callback`, or one of the strategy's) on the `RcuHead` at `head`. */
export function runCallback(cpu: i32, id: i32, head: ptr): void {
  if (id >= callbacksPerOwner) {
    callback(cpu, id - callbacksPerOwner, head);
  } else if (id === Callback.labelFree) {
    labelFree(cpu, head - Label.rcu);
  } else if (id === Callback.credFree) {
    credFree(cpu, head - Cred.rcu);
  } else if (id === Callback.labelReclaim) {
    labelReclaim(cpu, head - Label.rcu);
  } else if (id === Callback.rawdataFree) {
    rawdataFree(cpu, head);
  }
}
