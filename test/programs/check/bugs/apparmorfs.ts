/**
 * AppArmor shows the text that its profiles were loaded from (rawdata) in files. The file's inode points to the text, and the
 * file may be opened while the last profile goes, which removes its directory entry.
 *
 * The inode itself is never freed here: the file system counts it well. What matters is what it points to.
 *
 * `broken` is the kernel before one of two fixes (`Bug`).
 */
import { Boot, coreBoot, heapAlloc, heapFree, Kind, kernelGlobals, type ProgramMeta } from "refplay/kernel";
import { type i32, load, option, type ptr, store } from "refplay/machine";
import { put, tryGet } from "./count.ts";

/** Values of the option `broken`. */
enum Bug {
  fixed = 0,
  /** Before a0b7091c4de4: the inode has no count of the text, which is the profiles' alone. */
  noCount = 1,
  /** Before 8e135b8aee5a: the inode's count goes with the directory entry, not with the inode. */
  countOfEntry = 2,
}

const broken: i32 = option("broken");

/** The text. */
export enum Rawdata {
  /** The inode, who has it open, and one for all profiles. */
  count = 0,
  text = 8,
  end = 16,
}

/** Cells behind `kernelGlobals`. */
export enum Shared {
  /** Counts of the inode: one is the directory entry's. */
  inodeCount = 0,
  /** `i_private` of the inode. */
  inodePrivate = 8,
}

const inodeCount: ptr = kernelGlobals + Shared.inodeCount;
const inodePrivate: ptr = kernelGlobals + Shared.inodePrivate;

export function boot(): void {
  coreBoot();
  const cpus: i32 = load(Boot.cpus);
  const rawdata: ptr = heapAlloc(cpus - 1, Kind.rawdata, Rawdata.end);
  store(rawdata + Rawdata.count, broken === Bug.noCount ? 1 : 2);
  store(inodePrivate, rawdata);
  store(inodeCount, 1);
}

function drop(cpu: i32, rawdata: ptr): void {
  if (put(rawdata + Rawdata.count)) heapFree(cpu, rawdata);
}

/** One count of the inode less; the last evicts it. */
function inodePut(cpu: i32): void {
  if (!put(inodeCount)) return;
  if (broken === Bug.fixed) drop(cpu, load(inodePrivate));
}

/** Opens, reads and closes the file. */
export function opener(cpu: i32): void {
  // The file system finds the inode while it has a directory entry, and counts it until the file is closed.
  if (!tryGet(inodeCount)) return;
  const rawdata: ptr = load(inodePrivate);
  if (tryGet(rawdata + Rawdata.count)) {
    load(rawdata + Rawdata.text);
    drop(cpu, rawdata);
  }
  inodePut(cpu);
}

/** The last profile goes: the file loses its directory entry, and the text the profiles' count. */
export function remover(cpu: i32): void {
  const rawdata: ptr = load(inodePrivate);
  inodePut(cpu);
  if (broken === Bug.countOfEntry) drop(cpu, rawdata);
  drop(cpu, rawdata);
}

export default {
  options: {
    broken: { unit: "number", default: 0, min: 0, max: 2, doc: "Before which fix (`Bug`); 0 = after both." },
  },
} satisfies ProgramMeta;
