/**
 * hybrid that looks at each use which class a label is of, and sends stale ones to the strategy for unconfined: a label that becomes
 * stale between a get and its put is counted up by one strategy and down by another.
 */

import { Label, LabelClass, LabelFlags, labelClass, type StrategyMeta } from "refplay/kernel";
import { type bool, type i32, load, type ptr } from "refplay/machine";
import {
  callback as partCallback,
  destroy as partDestroy,
  enterTask as partEnterTask,
  get as partGet,
  init as partInit,
  leaveTask as partLeaveTask,
  publish as partPublish,
  put as partPut,
  retire as partRetire,
  tryGet as partTryGet,
  profile,
  unconfined,
} from "../parts/hybrid-parts.ts";

export { globalBytes, maintain } from "../parts/hybrid-maintenance.ts";
export { boot, enterKernel, switchOut } from "../parts/hybrid-parts.ts";

export const labelBytes: i32 = 0;
export const holderBytes: i32 = 0;
export const guardBytes: i32 = 0;

const callbacks: i32 = 16;

function strategyOf(label: ptr): i32 {
  const flags: i32 = load(label + Label.flags);
  if ((flags & LabelFlags.stale) !== 0) return unconfined;
  return labelClass(label) === LabelClass.profile ? profile : unconfined;
}

export function init(cpu: i32, holder: ptr, label: ptr): void {
  partInit(strategyOf(label), cpu, holder, label);
}

export function get(cpu: i32, holder: ptr, label: ptr): void {
  partGet(strategyOf(label), cpu, holder, label);
}

export function tryGet(cpu: i32, holder: ptr, label: ptr): bool {
  return partTryGet(strategyOf(label), cpu, holder, label);
}

export function put(cpu: i32, holder: ptr, label: ptr): void {
  partPut(strategyOf(label), cpu, holder, label);
}

export function publish(cpu: i32, label: ptr): void {
  partPublish(strategyOf(label), cpu, label);
}

export function retire(cpu: i32, label: ptr): void {
  partRetire(strategyOf(label), cpu, label);
}

export function enterTask(cpu: i32, task: ptr, label: ptr): void {
  partEnterTask(strategyOf(label), cpu, task, label);
}

export function leaveTask(cpu: i32, task: ptr, label: ptr): void {
  partLeaveTask(strategyOf(label), cpu, task, label);
}

export function callback(cpu: i32, id: i32, head: ptr): void {
  partCallback(id / callbacks - 1, cpu, id % callbacks, head);
}

export function destroy(cpu: i32, label: ptr): void {
  partDestroy(strategyOf(label), cpu, label);
}

export default {
  title: "hybrid, by flags that change",
  summary: "Which strategy a label belongs to is read from its flags whenever it is used.",
  sources: ["strategies/hybrid.ts"],
  options: {},
  parts: {
    unconfined: { default: "kref", doc: "As with hybrid; and for stale labels." },
    profile: { default: "rcuref", doc: "As with hybrid." },
    compound: { default: "kref", doc: "As with hybrid." },
    namespace: { default: "kref", doc: "As with hybrid." },
  },
  expect: { verdict: "premature-release", program: "secid-vs-remove" },
} satisfies StrategyMeta;
