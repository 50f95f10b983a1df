/**
 * The end of a label (label_free_rcu and label_destroy, security/apparmor/label.c, v6.6): a grace period after its last reference
 * went it leaves its set; where look-ups walk the set without a lock, one more passes until its memory goes.
 */
import { type bool, type i32, load, type ptr } from "refplay/machine";
import { destroy } from "refplay/strategy";
import { compoundDropParts } from "./compound.ts";
import { watched } from "./core/areas.ts";
import { Counter } from "./core/counter-names.ts";
import { count, countMost, ticks } from "./core/counters.ts";
import { heapFree } from "./core/heap.ts";
import { Label, LabelFlags } from "./core/label-layout.ts";
import { callbackHolder } from "./cpu-block.ts";
import { labelSetRemove, Member, MemberState } from "./label-set/index.ts";
import { profileFree, setOfLabel } from "./profile.ts";
import { proxyPut } from "./proxy.ts";
import { countRetiredFreed } from "./retirement.ts";

/** The last reference went a grace period ago: nobody but look-ups in the set can come to the label. */
export function labelFree(cpu: i32, label: ptr): void {
  const state: i32 = load(label + Member.state);
  // Only its maker could change that; one that never was a member may have no profiles to tell a set by.
  const gone: bool = state === MemberState.never || labelSetRemove(cpu, setOfLabel(label), label);
  if (gone) labelReclaim(cpu, label);
}

/** Nobody can come to the label any more. A profile's own label is a part of the profile, which goes with it. */
export function labelReclaim(cpu: i32, label: ptr): void {
  countReclaim(cpu, label);
  destroy(cpu, label);
  const flags: i32 = load(label + Label.flags);
  const proxy: ptr = load(label + Label.proxy);
  if ((flags & LabelFlags.profile) !== 0) profileFree(cpu, load(label + Label.vec));
  else compoundDropParts(cpu, label);
  proxyPut(cpu, callbackHolder(cpu), proxy);
  heapFree(cpu, label);
}

function countReclaim(cpu: i32, label: ptr): void {
  if (watched) return;
  const waited: i32 = ticks() - load(label + Label.releasedAt);
  count(cpu, Counter.reclaimed, 1);
  count(cpu, Counter.reclaimTicks, waited);
  countMost(cpu, Counter.longestReclaimTicks, waited);
  countRetiredFreed(cpu, label);
}
