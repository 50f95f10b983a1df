/**
 * cred-local whose task stays a user when it exits: nobody will ever take its bias off.
 */

import { type StrategyMeta, taskStrategy } from "refplay/kernel";
import { type i32, type ptr, store } from "refplay/machine";
import { Own } from "../cred-local.ts";

export {
  cpuBytes,
  enterKernel,
  enterTask,
  get,
  init,
  labelBytes,
  put,
  retire,
  switchOut,
  taskBytes,
  tryGet,
} from "../cred-local.ts";

export function leaveTask(_cpu: i32, task: ptr, _label: ptr): void {
  store(taskStrategy(task) + Own.label, 0);
}

export default {
  title: "cred-local, never leaves",
  summary: "A task that exits stays a user of its label, which is leaked.",
  sources: ["strategies/cred-local.ts"],
  options: {
    bias: { unit: "references", default: 1024, min: 2, max: 65536, doc: "As with cred-local." },
    stayHome: { unit: "0/1", default: 0, min: 0, max: 1, doc: "As with cred-local." },
    foldAtSwitch: { unit: "0/1", default: 0, min: 0, max: 1, doc: "As with cred-local." },
  },
  capabilities: { releases: "lastPut", detects: [], needsMaintenance: false },
  expect: { verdict: "leak", program: "close-by-others" },
} satisfies StrategyMeta;
