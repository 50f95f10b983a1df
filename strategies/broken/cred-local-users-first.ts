/**
 * cred-local whose task that leaves takes its bias off first and brings its number in next: in between the label's counter is
 * too low by what the task took and others have yet to drop.
 */

import { type StrategyMeta, taskStrategy } from "refplay/kernel";
import { type i32, load, type ptr, store } from "refplay/machine";
import { bias, lower, Own } from "../cred-local.ts";

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

export function leaveTask(cpu: i32, task: ptr, _label: ptr): void {
  const own: ptr = taskStrategy(task);
  store(own + Own.label, 0);
  const home: ptr = load(own + Own.home);
  if (home === 0) return;
  const counts: i32 = load(own + Own.counts);
  store(own + Own.home, 0);
  store(own + Own.counts, 0);
  lower(cpu, home, bias);
  lower(cpu, home, -counts);
}

export default {
  title: "cred-local, user gone before its number is in",
  summary: "A task that leaves is off the users before its references are added, in two steps.",
  sources: ["strategies/cred-local.ts"],
  options: {
    bias: { unit: "references", default: 1024, min: 2, max: 65536, doc: "As with cred-local." },
    stayHome: { unit: "0/1", default: 0, min: 0, max: 1, doc: "As with cred-local." },
    foldAtSwitch: { unit: "0/1", default: 0, min: 0, max: 1, doc: "As with cred-local." },
  },
  capabilities: { releases: "lastPut", detects: [], needsMaintenance: false },
  expect: { verdict: "premature-release", program: "close-by-others" },
} satisfies StrategyMeta;
