/**
 * percpu_ref that is killed twice when its label is retired. percpu_ref notices that: it warns, as the kernel does, and the
 * second kill does nothing, so the reference taken for it is never dropped.
 */

import { percpuRefGet, percpuRefKill, RefEvent, release, type StrategyMeta } from "refplay/kernel";
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

function kill(cpu: i32, label: ptr): void {
  percpuRefGet(cpu, label + ref);
  const event: i32 = percpuRefKill(cpu, label + ref, switched);
  if ((event & RefEvent.released) !== 0) release(cpu, label);
}

export function retire(cpu: i32, label: ptr): void {
  kill(cpu, label);
  kill(cpu, label);
}

export default {
  title: "percpu_ref, killed twice",
  summary: "Retiring a label kills its percpu_ref a second time, which is misuse of it.",
  sources: ["strategies/percpu-ref.ts"],
  options: {},
  capabilities: { releases: "retire", detects: [], needsMaintenance: false },
  expect: { verdict: "assertion", program: "hand-over" },
} satisfies StrategyMeta;
