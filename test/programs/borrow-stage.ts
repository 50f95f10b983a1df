/**
 * The label stage with several guards for each CPU and tasks that are switched out: more borrows at a time than a hook has,
 * and borrows that their task sleeps with.
 */
import { kernelCpu, type ProgramMeta } from "refplay/kernel";
import type { i32, ptr } from "refplay/machine";
import { switchOut } from "refplay/strategy";
import { labelBorrow, labelUnborrow } from "../../src/kernel/reference.ts";
import { slotHolder } from "./label-stage.ts";

export { runCallback } from "../../src/kernel/callbacks.ts";
export {
  boot,
  bootCpu,
  drop,
  hide,
  liveLabels,
  maintain,
  make,
  publishLabel,
  retireLabel,
  show,
  touch,
} from "./label-stage.ts";

/** Guards in the CPU's block, behind the stage's holders. */
function guardOf(cpu: i32, index: i32): ptr {
  return kernelCpu(cpu) + 1536 + index * 64;
}

/** Borrows what the shared slot shows, with guard `index` (0 to 6) of CPU `owner`. */
export function borrowAt(cpu: i32, owner: i32, index: i32): ptr {
  return labelBorrow(cpu, guardOf(owner, index), slotHolder());
}

/** Ends that borrow, on whichever CPU. */
export function unborrowAt(cpu: i32, owner: i32, index: i32, label: ptr): void {
  labelUnborrow(cpu, guardOf(owner, index), label);
}

/** The CPU's task is switched out in the midst of whatever it does. */
export function sleep(cpu: i32): void {
  switchOut(cpu, 0, 0);
}
export default {
  options: {
    verify: { unit: "0/1", default: 1, min: 0, max: 1, doc: "Whether heap and holders are checked." },
    quarantine: {
      unit: "blocks",
      default: 8,
      min: 0,
      max: 1024,
      doc: "Freed blocks that wait before reuse.",
    },
    percpuBytes: { unit: "bytes", default: 1024, min: 0, max: 65536, doc: "Per-CPU memory of each CPU." },
    labelLayout: {
      unit: "0/1",
      default: 0,
      min: 0,
      max: 1,
      doc: "Whether flags stand apart from the counter.",
    },
    rcuBacklog: {
      unit: "callbacks",
      default: 64,
      min: 1,
      max: 1000000,
      doc: "Callbacks before a CPU waits.",
    },
    allClasses: { unit: "0/1", default: 0, min: 0, max: 0, doc: "Labels are of one class here." },
    hooks: {
      unit: "version",
      default: 66,
      min: 66,
      max: 611,
      doc: "Kernel version of the hooks; not used here.",
    },
  },
} satisfies ProgramMeta;
