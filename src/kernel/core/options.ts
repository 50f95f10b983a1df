/**
 * Options that the core itself reads, declared once: every program that the linker finds this file for has them, with
 * these defaults unless its own default export declares them otherwise.
 */
import type { ProgramMeta } from "./contract.ts";

export default {
  options: {
    watched: {
      unit: "0/1",
      default: 0,
      min: 0,
      max: 1,
      conflicts: ["verify"],
      doc: "For engines that watch every access: no memory is used twice, allocators are private bumps, holders are told by marks.",
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
