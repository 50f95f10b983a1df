/**
 * The strategies that hybrid is made of, under one roof: what is asked of the strategy with a number goes to that one, what concerns
 * all goes to each of them once. Classes that have the same strategy have the same number, and the branches to all but the
 * first of those vanish when the program is linked.
 */

import { type bool, type i32, part, type ptr } from "refplay/machine";
import {
  boot as compoundBoot,
  callback as compoundCallback,
  destroy as compoundDestroy,
  enterKernel as compoundEnterKernel,
  enterTask as compoundEnterTask,
  get as compoundGet,
  guardBytes as compoundGuardBytes,
  holderBytes as compoundHolderBytes,
  init as compoundInit,
  leaveTask as compoundLeaveTask,
  move as compoundMove,
  publish as compoundPublish,
  put as compoundPut,
  retire as compoundRetire,
  switchOut as compoundSwitchOut,
  tryGet as compoundTryGet,
} from "refplay/strategy/compound";
import {
  boot as namespaceBoot,
  callback as namespaceCallback,
  destroy as namespaceDestroy,
  enterKernel as namespaceEnterKernel,
  enterTask as namespaceEnterTask,
  get as namespaceGet,
  guardBytes as namespaceGuardBytes,
  holderBytes as namespaceHolderBytes,
  init as namespaceInit,
  leaveTask as namespaceLeaveTask,
  move as namespaceMove,
  publish as namespacePublish,
  put as namespacePut,
  retire as namespaceRetire,
  switchOut as namespaceSwitchOut,
  tryGet as namespaceTryGet,
} from "refplay/strategy/namespace";
import {
  boot as profileBoot,
  callback as profileCallback,
  destroy as profileDestroy,
  enterKernel as profileEnterKernel,
  enterTask as profileEnterTask,
  get as profileGet,
  guardBytes as profileGuardBytes,
  holderBytes as profileHolderBytes,
  init as profileInit,
  leaveTask as profileLeaveTask,
  move as profileMove,
  publish as profilePublish,
  put as profilePut,
  retire as profileRetire,
  switchOut as profileSwitchOut,
  tryGet as profileTryGet,
} from "refplay/strategy/profile";
import {
  boot as unconfinedBoot,
  callback as unconfinedCallback,
  destroy as unconfinedDestroy,
  enterKernel as unconfinedEnterKernel,
  enterTask as unconfinedEnterTask,
  get as unconfinedGet,
  guardBytes as unconfinedGuardBytes,
  holderBytes as unconfinedHolderBytes,
  init as unconfinedInit,
  leaveTask as unconfinedLeaveTask,
  move as unconfinedMove,
  publish as unconfinedPublish,
  put as unconfinedPut,
  retire as unconfinedRetire,
  switchOut as unconfinedSwitchOut,
  tryGet as unconfinedTryGet,
} from "refplay/strategy/unconfined";

/** Numbers of the classes' strategies; the first class has 0. */
export const unconfined: i32 = part("unconfined");
export const profile: i32 = part("profile");
export const compound: i32 = part("compound");
export const namespace: i32 = part("namespace");

/** Whether a class is the first of its strategy: a number is above all before it where it is new. */
export const profileFirst: bool = profile > unconfined;
export const compoundFirst: bool = compound > unconfined && compound > profile;
export const namespaceFirst: bool = namespace > unconfined && namespace > profile && namespace > compound;
/** Whether there is more than one strategy. */
export const several: bool = profileFirst || compoundFirst || namespaceFirst;

const profileHolderLarger: bool = profileHolderBytes > unconfinedHolderBytes;
const twoHolders: i32 = profileHolderLarger ? profileHolderBytes : unconfinedHolderBytes;
const compoundHolderLarger: bool = compoundHolderBytes > twoHolders;
const threeHolders: i32 = compoundHolderLarger ? compoundHolderBytes : twoHolders;
const namespaceHolderLarger: bool = namespaceHolderBytes > threeHolders;
/** Bytes of the largest holder. */
export const largestHolder: i32 = namespaceHolderLarger ? namespaceHolderBytes : threeHolders;

const profileGuardLarger: bool = profileGuardBytes > unconfinedGuardBytes;
const twoGuards: i32 = profileGuardLarger ? profileGuardBytes : unconfinedGuardBytes;
const compoundGuardLarger: bool = compoundGuardBytes > twoGuards;
const threeGuards: i32 = compoundGuardLarger ? compoundGuardBytes : twoGuards;
const namespaceGuardLarger: bool = namespaceGuardBytes > threeGuards;
/** Bytes of the largest guard. */
export const largestGuard: i32 = namespaceGuardLarger ? namespaceGuardBytes : threeGuards;

// ---- of the strategy with number `which` ----

export function init(which: i32, cpu: i32, holder: ptr, label: ptr): void {
  if (namespaceFirst && which === namespace) namespaceInit(cpu, holder, label);
  else if (compoundFirst && which === compound) compoundInit(cpu, holder, label);
  else if (profileFirst && which === profile) profileInit(cpu, holder, label);
  else unconfinedInit(cpu, holder, label);
}

export function get(which: i32, cpu: i32, holder: ptr, label: ptr): void {
  if (namespaceFirst && which === namespace) namespaceGet(cpu, holder, label);
  else if (compoundFirst && which === compound) compoundGet(cpu, holder, label);
  else if (profileFirst && which === profile) profileGet(cpu, holder, label);
  else unconfinedGet(cpu, holder, label);
}

export function tryGet(which: i32, cpu: i32, holder: ptr, label: ptr): bool {
  if (namespaceFirst && which === namespace) return namespaceTryGet(cpu, holder, label);
  if (compoundFirst && which === compound) return compoundTryGet(cpu, holder, label);
  if (profileFirst && which === profile) return profileTryGet(cpu, holder, label);
  return unconfinedTryGet(cpu, holder, label);
}

export function put(which: i32, cpu: i32, holder: ptr, label: ptr): void {
  if (namespaceFirst && which === namespace) namespacePut(cpu, holder, label);
  else if (compoundFirst && which === compound) compoundPut(cpu, holder, label);
  else if (profileFirst && which === profile) profilePut(cpu, holder, label);
  else unconfinedPut(cpu, holder, label);
}

export function move(which: i32, cpu: i32, from: ptr, to: ptr, label: ptr): void {
  if (namespaceFirst && which === namespace) namespaceMove(cpu, from, to, label);
  else if (compoundFirst && which === compound) compoundMove(cpu, from, to, label);
  else if (profileFirst && which === profile) profileMove(cpu, from, to, label);
  else unconfinedMove(cpu, from, to, label);
}

export function publish(which: i32, cpu: i32, label: ptr): void {
  if (namespaceFirst && which === namespace) namespacePublish(cpu, label);
  else if (compoundFirst && which === compound) compoundPublish(cpu, label);
  else if (profileFirst && which === profile) profilePublish(cpu, label);
  else unconfinedPublish(cpu, label);
}

export function retire(which: i32, cpu: i32, label: ptr): void {
  if (namespaceFirst && which === namespace) namespaceRetire(cpu, label);
  else if (compoundFirst && which === compound) compoundRetire(cpu, label);
  else if (profileFirst && which === profile) profileRetire(cpu, label);
  else unconfinedRetire(cpu, label);
}

export function enterTask(which: i32, cpu: i32, task: ptr, label: ptr): void {
  if (namespaceFirst && which === namespace) namespaceEnterTask(cpu, task, label);
  else if (compoundFirst && which === compound) compoundEnterTask(cpu, task, label);
  else if (profileFirst && which === profile) profileEnterTask(cpu, task, label);
  else unconfinedEnterTask(cpu, task, label);
}

export function leaveTask(which: i32, cpu: i32, task: ptr, label: ptr): void {
  if (namespaceFirst && which === namespace) namespaceLeaveTask(cpu, task, label);
  else if (compoundFirst && which === compound) compoundLeaveTask(cpu, task, label);
  else if (profileFirst && which === profile) profileLeaveTask(cpu, task, label);
  else unconfinedLeaveTask(cpu, task, label);
}

export function callback(which: i32, cpu: i32, id: i32, head: ptr): void {
  if (namespaceFirst && which === namespace) namespaceCallback(cpu, id, head);
  else if (compoundFirst && which === compound) compoundCallback(cpu, id, head);
  else if (profileFirst && which === profile) profileCallback(cpu, id, head);
  else unconfinedCallback(cpu, id, head);
}

export function destroy(which: i32, cpu: i32, label: ptr): void {
  if (namespaceFirst && which === namespace) namespaceDestroy(cpu, label);
  else if (compoundFirst && which === compound) compoundDestroy(cpu, label);
  else if (profileFirst && which === profile) profileDestroy(cpu, label);
  else unconfinedDestroy(cpu, label);
}

// ---- of all ----

export function boot(cpu: i32): void {
  unconfinedBoot(cpu);
  if (profileFirst) profileBoot(cpu);
  if (compoundFirst) compoundBoot(cpu);
  if (namespaceFirst) namespaceBoot(cpu);
}

export function switchOut(cpu: i32, task: ptr, next: ptr): void {
  unconfinedSwitchOut(cpu, task, next);
  if (profileFirst) profileSwitchOut(cpu, task, next);
  if (compoundFirst) compoundSwitchOut(cpu, task, next);
  if (namespaceFirst) namespaceSwitchOut(cpu, task, next);
}

export function enterKernel(cpu: i32, task: ptr): void {
  unconfinedEnterKernel(cpu, task);
  if (profileFirst) profileEnterKernel(cpu, task);
  if (compoundFirst) compoundEnterKernel(cpu, task);
  if (namespaceFirst) namespaceEnterKernel(cpu, task);
}
