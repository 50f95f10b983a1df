/**
 * hybrid that sends a callback to the strategy next to the one it belongs to: it forgets that the first numbers are its own. The
 * percpu_ref whose grace period is over never hears of it.
 */

import type { StrategyMeta } from "refplay/kernel";
import type { i32, ptr } from "refplay/machine";
import { callback as partCallback } from "../parts/hybrid-parts.ts";

export {
  boot,
  borrow,
  cpuBytes,
  destroy,
  enterKernel,
  enterTask,
  get,
  guardBytes,
  holderBytes,
  init,
  labelBytes,
  leaveTask,
  maintain,
  move,
  namespaceClass,
  publish,
  put,
  retire,
  swap,
  switchOut,
  tryGet,
  unborrow,
} from "../hybrid.ts";

const callbacks: i32 = 16;

export function callback(cpu: i32, id: i32, head: ptr): void {
  partCallback(id / callbacks, cpu, id % callbacks, head);
}

export default {
  title: "hybrid, callback to the wrong strategy",
  summary: "The end of a grace period is told to another strategy than the one that waits for it.",
  sources: ["strategies/hybrid.ts"],
  options: {},
  parts: {
    unconfined: { default: "percpu-ref", doc: "As with hybrid." },
    profile: { default: "kref", doc: "As with hybrid." },
    compound: { default: "kref", doc: "As with hybrid." },
    namespace: { default: "percpu-ref", doc: "As with hybrid." },
  },
  expect: { verdict: "leak", program: "secid-vs-remove" },
} satisfies StrategyMeta;
