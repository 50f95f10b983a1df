/** PROCMAP_QUERY as it came in v6.11: one area, under the lock of the address space. */
import { type bool, type i32, load, type ptr, store } from "refplay/machine";
import { nameBytesOf, nameOf } from "./file-name.ts";
import { Known, knownAt } from "./known-areas.ts";
import { mapleNext, mapleReset } from "./maple-read.ts";
import { readerState } from "./maps-cpu.ts";
import { theMm } from "./maps-globals.ts";
import { Mm } from "./mm.ts";
import { downRead, upRead } from "./rwsem.ts";
import { Vma } from "./vma.ts";

/** Asks for the area that covers the page or is the next one above, and writes it to that place of the table; whether there is one. */
export function queryArea(cpu: i32, page: i32, number: i32): bool {
  const entry: ptr = knownAt(cpu, number);
  const state: ptr = readerState(cpu);
  downRead(theMm + Mm.lock);
  mapleReset(state);
  const vma: ptr = mapleNext(theMm + Mm.tree, state, page);
  if (vma !== 0) {
    store(entry + Known.start, load(vma + Vma.start));
    store(entry + Known.end, load(vma + Vma.end));
    store(entry + Known.flags, load(vma + Vma.flags));
    const file: ptr = load(vma + Vma.file);
    const pageOffset: i32 = load(vma + Vma.pageOffset);
    // Memory without a file has none to tell of, in the text as here.
    store(entry + Known.pageOffset, file === 0 ? 0 : pageOffset);
    copyName(file, entry + Known.name);
  }
  upRead(theMm + Mm.lock);
  return vma !== 0;
}

function copyName(file: ptr, to: ptr): void {
  if (file === 0) {
    store(to, 0);
    return;
  }
  const bytes: i32 = nameBytesOf(file);
  const from: ptr = nameOf(file);
  for (let at: i32 = 0; at < bytes; at += 4) store(to + at, load(from + at));
  if ((bytes & 3) === 0) store(to + bytes, 0);
}
