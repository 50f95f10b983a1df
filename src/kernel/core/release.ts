/**
 * The end of a label: what a strategy calls when the last reference is gone, once, whichever CPU it happens on.
 */
import { callRcu, exchange, type i32, load, mark, type ptr, store } from "../../machine/index.ts";
import { verify, watched } from "./areas.ts";
import { Callback } from "./callback-ids.ts";
import { ticks } from "./counters.ts";
import { violation } from "./evidence.ts";
import { Label } from "./label-layout.ts";
import { Mark, Verdict } from "./marks.ts";

/**
 * No reference to the label is left. It is taken out of the label set and freed after a grace period (aa_label_kref and
 * label_free_rcu, security/apparmor/label.c, v6.6), so readers inside a section may still look at it, and the caller may
 * release from anywhere, an RCU callback included.
 *
 * In a verify build, a second release is a `doubleFree` and goes no further; one while holders are left is a
 * `prematureRelease`.
 */
export function release(cpu: i32, label: ptr): void {
  if (verify) {
    const before: i32 = exchange(label + Label.released, 1);
    if (before !== 0) {
      violation(cpu, Verdict.doubleFree, label);
      return;
    }
    const holders: i32 = load(label + Label.holders);
    if (holders > 0) violation(cpu, Verdict.prematureRelease, label);
  }
  mark(Mark.released, label);
  if (!watched) store(label + Label.releasedAt, ticks());
  callRcu(label + Label.rcu, Callback.labelFree);
}
