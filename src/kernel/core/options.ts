/**
 * Options that the core itself reads, declared once: every program has them, with these defaults unless its own default
 * export declares them otherwise.
 */
import { labelSetOptions } from "../label-set/options.ts";
import type { ProgramMeta } from "./contract.ts";

export default {
  options: {
    // Of the label set: every program with RCU callbacks has the kernel's, which take labels out of it.
    ...labelSetOptions,
    verify: {
      unit: "0/1",
      default: 0,
      min: 0,
      max: 1,
      doc: "Account for every holder, poison freed memory and check it; slower and larger, never for measuring.",
    },
    labelLayout: {
      unit: "0/1",
      default: 0,
      min: 0,
      max: 1,
      doc: "Where a label's flags lie: 0 = as in the kernel, close to the counter; 1 = two lines away from it.",
    },
    percpuBytes: {
      unit: "bytes",
      default: 32768,
      min: 64,
      max: 8388608,
      doc: "Bytes of each CPU that the per-CPU allocator hands out; a percpu_ref takes 8.",
    },
    rcuBacklog: {
      unit: "count",
      default: 10000,
      min: 1,
      max: 1000000000,
      doc: "RCU callbacks that may wait on a CPU before it waits for a grace period itself; compiled build only.",
    },
    gracePeriodUs: {
      unit: "us",
      default: 0,
      min: 0,
      max: 100000,
      doc: "Least length of a grace period: 0 = over as soon as every CPU was quiescent, some microseconds; compiled build only.",
    },
    quarantine: {
      unit: "count",
      default: 256,
      min: 0,
      max: 65536,
      doc: "Freed blocks that each CPU keeps back before they are used again; only with verify.",
    },
    watched: {
      unit: "0/1",
      default: 0,
      min: 0,
      max: 1,
      conflicts: ["verify"],
      doc: "For engines that watch every access: no memory is used twice, allocators are private bumps, holders are told by marks.",
    },
    // Of retirement, which label-free reaches and with it every program that has the kernel's RCU callbacks.
    eventMarks: {
      unit: "0/1",
      default: 0,
      min: 0,
      max: 1,
      doc: "Whether marks tell when script records begin and labels are retired and freed, for engines that time them.",
    },
    heapBytes: {
      unit: "bytes",
      default: 8192,
      min: 64,
      max: 1048576,
      doc: "Bytes of each CPU from which it allocates objects; only with watched.",
    },
  },
} satisfies ProgramMeta;
