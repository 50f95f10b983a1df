/**
 * How a task comes to another label: by its own choice (exec, aa_change_profile, stacking, hats; security/apparmor/domain.c,
 * v6.6), or because the one it has was replaced. Creds do not change, so each time it gets a new one.
 */
import { type bool, type i32, load, type ptr } from "refplay/machine";
import { PolicyError, ScriptError } from "./audit.ts";
import { Label } from "./core/label-layout.ts";
import { mergedHolder, temporary } from "./cpu-block.ts";
import { credAlloc } from "./cred.ts";
import { Cred } from "./cred-count.ts";
import { isStale, labelGetNewest } from "./label.ts";
import { vectorEntryBytes } from "./label-set/index.ts";
import { labelMerge, mergeError } from "./merge.ts";
import { nameOf, ProfileName } from "./names.ts";
import { policyResult } from "./policy-result.ts";
import { Profile } from "./profile.ts";
import { labelOfProfile } from "./profile-list.ts";
import { labelMove, labelPut, ownLabel } from "./reference.ts";
import { scriptError } from "./script-errors.ts";
import { commitCred, forgetPrevious, taskLabel } from "./task.ts";
import { Task } from "./task-layout.ts";

/**
 * Gives the task a cred with the label in `holder`, whose reference becomes the cred's (aa_replace_current_label). Without memory
 * the task keeps the label it has. Whether it worked; the holder is empty afterwards.
 */
function takeLabel(cpu: i32, task: ptr, holder: ptr): bool {
  const label: ptr = ownLabel(holder);
  const cred: ptr = credAlloc(cpu);
  if (cred === 0) {
    labelPut(cpu, holder, label);
    scriptError(cpu, ScriptError.noMemory);
    return false;
  }
  // The reference was taken before there was a cred to keep it, so it changes its holder.
  labelMove(cpu, holder, cred + Cred.label, label);
  commitCred(cpu, task, cred);
  return true;
}

/** The task gets the newest version of its label. */
export function refreshLabel(cpu: i32, task: ptr): void {
  labelGetNewest(cpu, temporary(cpu), taskLabel(task));
  takeLabel(cpu, task, temporary(cpu));
}

/** The label of the task, the newest version of it from now on: no reference is taken. */
export function currentLabel(cpu: i32, task: ptr): ptr {
  if (isStale(taskLabel(task))) refreshLabel(cpu, task);
  return taskLabel(task);
}

/**
 * exec and aa_change_profile: the label of profile `index`. Without such a profile nothing changes. (The kernel's exec also takes
 * and drops one reference while it copies the old cred; that pair is left out here.)
 */
export function changeProfile(cpu: i32, task: ptr, index: i32): void {
  if (!labelOfProfile(cpu, temporary(cpu), index)) return;
  if (takeLabel(cpu, task, temporary(cpu))) forgetPrevious(cpu, task);
}

/** aa_change_profile with AA_CHANGE_STACK: the task's own profiles and profile `index`, together. */
export function stackProfile(cpu: i32, task: ptr, index: i32): void {
  if (!labelOfProfile(cpu, temporary(cpu), index)) return;
  const own: ptr = taskLabel(task);
  const added: ptr = ownLabel(temporary(cpu));
  const merged: ptr = labelMerge(cpu, mergedHolder(cpu), own, added);
  labelPut(cpu, temporary(cpu), added);
  if (merged === 0) policyResult(cpu, mergeError(cpu));
  else if (takeLabel(cpu, task, mergedHolder(cpu))) forgetPrevious(cpu, task);
}

/**
 * aa_change_hat: the hat `index` of the task's profile, remembering the label before; with 0 back to that one's newest version. noEntry
 * where there is no such hat, noAccess where it is no hat of a profile of the task's label, or there is nothing to go back to.
 */
export function changeHat(cpu: i32, task: ptr, index: i32): void {
  if (index === 0) {
    leaveHat(cpu, task);
    return;
  }
  // First: bringing the task's label up to date needs the temporary holder, too.
  const own: ptr = currentLabel(cpu, task);
  if (!labelOfProfile(cpu, temporary(cpu), index)) return;
  const hat: ptr = ownLabel(temporary(cpu));
  if (ownLabel(task + Task.previous) !== 0 || !isHatOf(index, own)) {
    labelPut(cpu, temporary(cpu), hat);
    policyResult(cpu, PolicyError.noAccess);
    return;
  }
  labelGetNewest(cpu, task + Task.previous, own);
  if (!takeLabel(cpu, task, temporary(cpu))) forgetPrevious(cpu, task);
}

/** Whether profile `index` is a hat of one of the label's profiles. */
function isHatOf(index: i32, label: ptr): bool {
  const name: ptr = nameOf(index);
  const hat: i32 = load(name + ProfileName.hat);
  const parent: i32 = load(name + ProfileName.parent);
  if (hat === 0) return false;
  const size: i32 = load(label + Label.size);
  for (let at: i32 = 0; at < size; at += 1) {
    const profile: ptr = load(label + Label.vec + at * vectorEntryBytes);
    const its: i32 = load(profile + Profile.index);
    if (its === parent) return true;
  }
  return false;
}

function leaveHat(cpu: i32, task: ptr): void {
  const previous: ptr = ownLabel(task + Task.previous);
  if (previous === 0) {
    policyResult(cpu, PolicyError.noAccess);
    return;
  }
  policyResult(cpu, PolicyError.done);
  labelGetNewest(cpu, temporary(cpu), previous);
  if (takeLabel(cpu, task, temporary(cpu))) forgetPrevious(cpu, task);
}
