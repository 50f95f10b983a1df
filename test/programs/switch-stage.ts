/**
 * Mode switches of a percpu_ref on threads, where callbacks run only at quiescent states of the CPU that queued them: two
 * CPUs that wait for each other's switches must both go on. Linked with the strategy `percpu-ref`, whose callback serves.
 */
import {
  callbacksPerOwner,
  type ProgramMeta,
  percpuRefSwitchToAtomicSync,
  percpuRefSwitchToPercpu,
  rcuOffline,
  rcuOnline,
} from "refplay/kernel";
import { type i32, type ptr, quiescent } from "refplay/machine";
import { borrowShown, replace, unborrow } from "./label-stage.ts";

export {
  boot,
  bootCpu,
  clear,
  drain,
  live,
  lookUps,
  percpuBytesInUse,
  violationCount,
  warningCount,
} from "./label-stage.ts";

/** Shows a label. */
export function begin(cpu: i32): void {
  rcuOnline();
  replace(cpu);
  rcuOffline();
}

/** Switches the shown label to and fro, `rounds` times, with a borrowed reference. */
export function switches(cpu: i32, rounds: i32): void {
  rcuOnline();
  const label: ptr = borrowShown(cpu);
  for (let round: i32 = 0; round < rounds; round += 1) {
    // The program has one strategy, whose only callback is its first, and whose ref begins the label.
    percpuRefSwitchToAtomicSync(cpu, label, callbacksPerOwner);
    percpuRefSwitchToPercpu(cpu, label, callbacksPerOwner);
    quiescent();
  }
  unborrow(cpu, label);
  rcuOffline();
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
