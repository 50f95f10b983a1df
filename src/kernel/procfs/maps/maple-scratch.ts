/**
 * What a writer of the tree works with, per CPU: two paths from the root, and lists of slots that become new nodes (struct
 * maple_big_node, and struct ma_state's position). Private to the CPU.
 */
import { type i32, load, type ptr, store } from "refplay/machine";
import { ProcCpu, procCpu } from "../cpu-block.ts";

/** Most levels of a tree: 2^31 areas fit into fewer. */
const mapleHeight: i32 = 8;

/** One node on a path. */
export enum Step {
  node = 0,
  slot = 4,
  /** First and last page of the node. */
  first = 8,
  last = 12,
  bytes = 16,
}

/** Two leaves and a sibling, and what is stored. */
const listEntries: i32 = 52;

/** Offsets behind `ProcCpu.own`. */
enum Scratch {
  /** Paths to the first and the last page that change. */
  left = 0,
  right = left + mapleHeight * 16,
  /** Siblings that are taken in, by level: 0 for none. */
  siblings = right + mapleHeight * 16,
  /** Lists: number of entries, then {last page, slot} each. */
  list = siblings + mapleHeight * 8,
  other = list + 8 + listEntries * 8,
  plan = other + 8 + listEntries * 8,
  end = plan + 24,
}

/** A change that is prepared: `fresh` is to be stored in `cell`, and old nodes go from `level` down to the leaves. */
export enum Plan {
  cell = 0,
  fresh = 4,
  level = 8,
  /** Level of the leaves. */
  height = 12,
  /** The newest of the nodes made for it; each leads to the one before where its RCU head will be. */
  made = 16,
}

/** First byte behind it in the CPU's block. */
export const mapleScratchEnd: i32 = ProcCpu.own + Scratch.end;

export function planCell(cpu: i32, field: i32): ptr {
  return procCpu(cpu) + ProcCpu.own + Scratch.plan + field;
}

export function leftStep(cpu: i32, level: i32): ptr {
  return procCpu(cpu) + ProcCpu.own + Scratch.left + level * Step.bytes;
}

export function rightStep(cpu: i32, level: i32): ptr {
  return procCpu(cpu) + ProcCpu.own + Scratch.right + level * Step.bytes;
}

export function siblingCell(cpu: i32, level: i32): ptr {
  return procCpu(cpu) + ProcCpu.own + Scratch.siblings + level * 8;
}

/** The list of a level; those above and below have the other one. */
export function slotList(cpu: i32, level: i32): ptr {
  return procCpu(cpu) + ProcCpu.own + ((level & 1) === 0 ? Scratch.list : Scratch.other);
}

export function listClear(list: ptr): void {
  store(list, 0);
}

export function listCount(list: ptr): i32 {
  return load(list);
}

export function listPivot(list: ptr, index: i32): i32 {
  return load(list + 8 + index * 8);
}

export function listSlot(list: ptr, index: i32): ptr {
  return load(list + 12 + index * 8);
}

/** Appends; two neighbours that are the same (gaps) become one. */
export function listPush(list: ptr, last: i32, slot: ptr): void {
  const count: i32 = load(list);
  if (count > 0) {
    const before: ptr = listSlot(list, count - 1);
    if (before === slot) {
      store(list + 8 + (count - 1) * 8, last);
      return;
    }
  }
  if (count === listEntries) return;
  store(list + 8 + count * 8, last);
  store(list + 12 + count * 8, slot);
  store(list, count + 1);
}
