/**
 * cred-local whose task counts what it drops in itself, whatever the label: one that is not its home never hears of it.
 */

import type { StrategyMeta } from "refplay/kernel";
import { type i32, type ptr, store } from "refplay/machine";
import { count, currentTask, lower } from "../cred-local.ts";

export {
  cpuBytes,
  enterKernel,
  enterTask,
  get,
  init,
  labelBytes,
  leaveTask,
  retire,
  switchOut,
  taskBytes,
  tryGet,
} from "../cred-local.ts";

export function put(cpu: i32, holder: ptr, label: ptr): void {
  store(holder, 0);
  const own: ptr = currentTask(cpu);
  // Here the question is missing whether the label is the task's home.
  if (own !== 0) count(cpu, own, label, -1);
  else lower(cpu, label, 1);
}

export default {
  title: "cred-local, counts any label",
  summary: "Tasks count in themselves what they drop of labels that they are no users of.",
  sources: ["strategies/cred-local.ts"],
  options: {
    bias: { unit: "references", default: 1024, min: 2, max: 65536, doc: "As with cred-local." },
    stayHome: { unit: "0/1", default: 0, min: 0, max: 1, doc: "As with cred-local." },
    foldAtSwitch: { unit: "0/1", default: 0, min: 0, max: 1, doc: "As with cred-local." },
  },
  capabilities: { releases: "lastPut", detects: [], needsMaintenance: false },
  expect: { verdict: "leak", program: "close-by-others" },
} satisfies StrategyMeta;
