/**
 * cred-local whose CPU does not notice that its task has gone to another one: both count in the task, with a load and a store
 * each, so that what one of them counts may be lost.
 */

import type { StrategyMeta } from "refplay/kernel";
import type { i32, ptr } from "refplay/machine";

export {
  cpuBytes,
  enterKernel,
  enterTask,
  get,
  init,
  labelBytes,
  leaveTask,
  put,
  retire,
  taskBytes,
  tryGet,
} from "../cred-local.ts";

export function switchOut(_cpu: i32, _task: ptr, _next: ptr): void {
  // The CPU must forget the task here.
}

export default {
  title: "cred-local, task kept after the switch",
  summary: "A CPU that left a task goes on counting in it while another CPU does.",
  sources: ["strategies/cred-local.ts"],
  options: {
    bias: { unit: "references", default: 1024, min: 2, max: 65536, doc: "As with cred-local." },
    stayHome: { unit: "0/1", default: 0, min: 0, max: 1, doc: "As with cred-local." },
    foldAtSwitch: { unit: "0/1", default: 0, min: 0, max: 1, doc: "As with cred-local." },
  },
  capabilities: { releases: "lastPut", detects: [], needsMaintenance: false },
  expect: { verdict: "premature-release", program: "task-moves" },
} satisfies StrategyMeta;
