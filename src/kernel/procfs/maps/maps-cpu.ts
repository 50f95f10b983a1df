/** What readers and writers of an address space keep per CPU, behind the tree's scratch. Private to the CPU. */
import type { i32, ptr } from "refplay/machine";
import { procCpu } from "../cpu-block.ts";
import { mapleStateBytes } from "./maple-read.ts";
import { mapleScratchEnd } from "./maple-scratch.ts";

/** Offsets in the CPU's block. */
export enum MapsCpu {
  /** Iterators of a writer and of a reader. */
  writer = mapleScratchEnd,
  reader = writer + mapleStateBytes,
  /** A reader's own, see `reader-layout.ts`. */
  own = reader + mapleStateBytes,
}

export function writerState(cpu: i32): ptr {
  return procCpu(cpu) + MapsCpu.writer;
}

export function readerState(cpu: i32): ptr {
  return procCpu(cpu) + MapsCpu.reader;
}
