/**
 * percpu_ref that is killed without a reference for the kill to drop: it drops the one that the ref was made with, which a
 * holder has and will drop as well.
 */

import { percpuRefKill, RefEvent, release, type StrategyMeta } from "refplay/kernel";
import { type i32, layout, type ptr } from "refplay/machine";

export {
  callback,
  destroy,
  get,
  init,
  labelBytes,
  labelCpuBytes,
  labelExtraBytes,
  publish,
  put,
  tryGet,
} from "../percpu-ref.ts";

const ref: i32 = layout("label");
const switched: i32 = layout("callback");

export function retire(cpu: i32, label: ptr): void {
  const event: i32 = percpuRefKill(cpu, label + ref, switched);
  if ((event & RefEvent.released) !== 0) release(cpu, label);
}

export default {
  title: "percpu_ref, kill drops the owner's reference",
  summary: "The reference that the ref was made with is dropped by the kill and once more by its holder.",
  sources: ["strategies/percpu-ref.ts"],
  options: {},
  capabilities: { releases: "retire", detects: [], needsMaintenance: false },
  expect: { verdict: "premature-release", program: "last-put-race" },
} satisfies StrategyMeta;
