/** What who looks addresses up knows of areas, whichever way it came by it; and where it keeps that. */
import { type i32, load, type ptr, store } from "refplay/machine";
import { procCpu } from "../cpu-block.ts";
import { changerEnd } from "./changer.ts";

/** Offsets in the CPU's block. */
export enum LookUpBlock {
  /** A table of `Known`: how many there are, and how many there is room for. */
  table = changerEnd,
  count = changerEnd + 8,
  room = changerEnd + 12,
  /** Batches until the text is read anew. */
  fresh = changerEnd + 16,
  /** A cell for each address: 0, or the number of its area in the table and 1. */
  answers = changerEnd + 24,
  end = changerEnd + 32,
}

/** Offsets in an entry: what a line of text has, and what the query answers. */
export enum Known {
  start = 0,
  end = 4,
  flags = 8,
  pageOffset = 12,
  /** Four characters in a cell, ending in one that is not full or in 0. */
  name = 16,
}

export const knownBytes: i32 = 96;
/** Characters that a name is cut to. */
export const mostNameChars: i32 = knownBytes - Known.name - 4;

/** Gives the CPU room for so many areas, and for an answer to each address. */
export function lookUpBoot(cpu: i32, table: ptr, room: i32, answers: ptr): void {
  const block: ptr = procCpu(cpu);
  store(block + LookUpBlock.table, table);
  store(block + LookUpBlock.room, room);
  store(block + LookUpBlock.answers, answers);
}

export function knownAt(cpu: i32, number: i32): ptr {
  const table: ptr = load(procCpu(cpu) + LookUpBlock.table);
  return table + number * knownBytes;
}

export function knownCount(cpu: i32): i32 {
  return load(procCpu(cpu) + LookUpBlock.count);
}

export function knownRoom(cpu: i32): i32 {
  return load(procCpu(cpu) + LookUpBlock.room);
}

export function setKnownCount(cpu: i32, count: i32): void {
  store(procCpu(cpu) + LookUpBlock.count, count);
}
