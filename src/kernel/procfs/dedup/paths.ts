/**
 * Paths looked up as a program that opens them would, links followed, and what they end at: d_path of that is what AppArmor holds
 * against its rules. Each has a slot, which `audit` reads.
 */
import { type i32, load, type ptr, store, u32 } from "refplay/machine";
import { heapReserve } from "../../core/heap.ts";
import { dput } from "../dcache.ts";
import { Dentry, lockrefOf } from "../dcache-layout.ts";
import { lockrefGet } from "../lockref.ts";
import { badRecord } from "../script-run.ts";
import { PathCell, PathStep, pathCells, pathSlots } from "./dedup-names.ts";
import { follow, into } from "./follow.ts";
import { DedupGlobal } from "./globals.ts";
import { whatOf } from "./structure.ts";

/** Names that a slot has room for. */
const mostNames: i32 = pathCells - PathCell.names;

/** Once, on CPU 0. */
export function bootPaths(): void {
  // Behind each slot's cells: where its look-up is.
  store(DedupGlobal.paths, heapReserve(0, pathSlots * (pathCells * 4 + 8)));
}

function cellOf(slot: i32, cell: i32): ptr {
  const paths: ptr = load(DedupGlobal.paths);
  return paths + (slot * pathCells + cell) * 4;
}

function whereOf(slot: i32): ptr {
  const paths: ptr = load(DedupGlobal.paths);
  return paths + pathSlots * pathCells * 4 + slot * 8;
}

/** One component of a path, links followed. */
export function pathName(cpu: i32, slot: i32, name: i32, step: i32): void {
  if (u32(slot) >= u32(pathSlots)) {
    badRecord(cpu);
    return;
  }
  const where: ptr = whereOf(slot);
  let at: ptr = load(where);
  if ((step & PathStep.first) !== 0) {
    at = load(DedupGlobal.proc);
    lockrefGet(cpu, lockrefOf(at));
  }
  at = follow(cpu, into(cpu, at, name));
  if ((step & PathStep.last) !== 0) {
    if (at !== 0) keep(slot, at);
    else store(cellOf(slot, PathCell.length), 0);
    if (at !== 0) dput(cpu, at);
    at = 0;
  }
  store(where, at);
}

/** d_path: the names from the dentry up to procfs' root. */
function keep(slot: i32, dentry: ptr): void {
  const proc: ptr = load(DedupGlobal.proc);
  let at: ptr = dentry;
  let length: i32 = 0;
  while (at !== proc && length < mostNames) {
    const name: i32 = load(at + Dentry.name);
    store(cellOf(slot, PathCell.names + length), name);
    length += 1;
    at = load(at + Dentry.parent);
  }
  store(cellOf(slot, PathCell.what), whatOf(dentry));
  store(cellOf(slot, PathCell.length), length);
}

/** A cell of a slot, for `audit`; `index` counts the cells of all of them. */
export function pathCell(index: i32): i32 {
  return index < pathSlots * pathCells ? load(cellOf(0, index)) : 0;
}
