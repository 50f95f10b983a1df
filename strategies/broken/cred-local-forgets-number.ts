/**
 * cred-local whose task that leaves takes its bias off and forgets what it counted: files that it opened and others still have
 * are not counted any more.
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
  store(own + Own.home, 0);
  store(own + Own.counts, 0);
  lower(cpu, home, bias);
}

export default {
  title: "cred-local, leaves without its number",
  summary: "A task that leaves forgets the references that it took and others are to drop.",
  sources: ["strategies/cred-local.ts"],
  options: {
    bias: { unit: "references", default: 1024, min: 2, max: 65536, doc: "As with cred-local." },
    stayHome: { unit: "0/1", default: 0, min: 0, max: 1, doc: "As with cred-local." },
    foldAtSwitch: { unit: "0/1", default: 0, min: 0, max: 1, doc: "As with cred-local." },
  },
  capabilities: { releases: "lastPut", detects: [], needsMaintenance: false },
  expect: { verdict: "premature-release", program: "close-by-others" },
} satisfies StrategyMeta;
