/**
 * percpu_ref that forgets to ask, when a switch is over, whether the switch's own reference was the last: a label whose holders
 * were all gone before that is never released.
 */

import { percpuRefSwitched, type StrategyMeta } from "refplay/kernel";
import type { i32, ptr } from "refplay/machine";

export {
  destroy,
  get,
  init,
  labelBytes,
  labelCpuBytes,
  labelExtraBytes,
  publish,
  put,
  retire,
  tryGet,
} from "../percpu-ref.ts";

export function callback(cpu: i32, _id: i32, head: ptr): void {
  percpuRefSwitched(cpu, head);
}

export default {
  title: "percpu_ref, release at the end of a switch forgotten",
  summary: "Labels whose last holder leaves during the switch to atomic mode are leaked.",
  sources: ["strategies/percpu-ref.ts"],
  options: {},
  capabilities: { releases: "retire", detects: [], needsMaintenance: false },
  expect: { verdict: "leak", program: "hand-over" },
} satisfies StrategyMeta;
