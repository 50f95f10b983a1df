/** Makes the address space that the program begins with, and takes it down. */
import { type bool, type i32, load, type ptr, store } from "refplay/machine";
import { Boot } from "../../../machine/memory-map.ts";
import { heapFree, heapReserve } from "../../core/heap.ts";
import { anonymousFile, mappedFile } from "./file-name.ts";
import { knownBytes, lookUpBoot } from "./known-areas.ts";
import { mapleNext, mapleReset } from "./maple-read.ts";
import { mapleDestroy, mapleInit } from "./maple-store.ts";
import { readerState } from "./maps-cpu.ts";
import { MapsGlobal, textPageBytes, theMm } from "./maps-globals.ts";
import { MapsLayout } from "./maps-names.ts";
import { Mm, mmWriteLock, mmWriteUnlock } from "./mm.ts";
import { textReaderBoot } from "./text-reader.ts";
import { Vma, VmaFlags } from "./vma.ts";
import { vmaMap } from "./vma-change.ts";

/** First inode of a library: seven digits, as on a grown file system. */
const firstInode: i32 = 1_310_720;

/** An area of `libraries` for each segment; false where memory is used up. */
export function buildAreas(areas: i32, zones: i32, zonePages: i32, protectedPages: i32): bool {
  const anonymous: ptr = anonymousFile(0);
  const ranges: i32 = areas / MapsLayout.segments + zones + 1;
  const always: ptr = heapReserve(0, ranges * 8);
  if (anonymous === 0 || always === 0 || !mapleInit(0, theMm + Mm.tree)) return false;
  store(MapsGlobal.anonymous, anonymous);
  store(MapsGlobal.always, always);
  mmWriteLock(theMm);
  let fine: bool = true;
  let file: ptr = 0;
  for (let area: i32 = 0; area < areas && fine; area += 1) {
    const segment: i32 = area % MapsLayout.segments;
    const library: i32 = area / MapsLayout.segments;
    if (segment === 0) file = mappedFile(0, firstInode + library);
    const base: i32 = MapsLayout.libraries + library * MapsLayout.libraryStride;
    const start: i32 = base + segment * MapsLayout.segmentPages;
    const end: i32 = start + MapsLayout.segmentPages;
    fine =
      file !== 0 && vmaMap(0, theMm, start, end, flagsOf(segment), segment * MapsLayout.segmentPages, file);
    if (segment === 0) addAlways(base, end);
    else growAlways(end);
  }
  const both: i32 = VmaFlags.read | VmaFlags.write;
  for (let zone: i32 = 0; zone < zones && fine; zone += 1) {
    const first: i32 = MapsLayout.zones + zone * MapsLayout.zoneStride;
    fine = vmaMap(0, theMm, first, first + zonePages, both, first, 0);
  }
  for (let zone: i32 = 0; zone < zones && fine && protectedPages > 0; zone += 1) {
    const first: i32 = MapsLayout.protectedZones + zone * MapsLayout.zoneStride;
    fine = vmaMap(0, theMm, first, first + protectedPages, both, first, 0);
    addAlways(first, first + protectedPages);
  }
  mmWriteUnlock(theMm);
  return fine;
}

/** A library's header, code, constants and data. */
function flagsOf(segment: i32): i32 {
  if (segment === 1) return VmaFlags.read | VmaFlags.execute;
  return segment === 3 ? VmaFlags.read | VmaFlags.write : VmaFlags.read | (VmaFlags.shared * (segment / 2));
}

function addAlways(first: i32, end: i32): void {
  const count: i32 = load(MapsGlobal.alwaysCount);
  const ranges: ptr = load(MapsGlobal.always);
  store(ranges + count * 8, first);
  store(ranges + count * 8 + 4, end);
  store(MapsGlobal.alwaysCount, count + 1);
}

function growAlways(end: i32): void {
  const count: i32 = load(MapsGlobal.alwaysCount);
  const ranges: ptr = load(MapsGlobal.always);
  store(ranges + (count - 1) * 8 + 4, end);
}

/** Gives every CPU a page for text, and room for so many known areas and answers; false where memory is used up. */
export function buildReaders(areas: i32, addresses: i32): bool {
  const cpus: i32 = load(Boot.cpus);
  if (addresses > 0) {
    const table: ptr = heapReserve(0, addresses * 4);
    if (table === 0) return false;
    store(MapsGlobal.addresses, table);
  }
  store(MapsGlobal.addressRoom, addresses);
  for (let cpu: i32 = 0; cpu < cpus; cpu += 1) {
    const buffer: ptr = heapReserve(0, textPageBytes);
    if (buffer === 0) return false;
    textReaderBoot(cpu, buffer);
    if (addresses > 0) {
      const table: ptr = heapReserve(0, areas * knownBytes);
      const answers: ptr = heapReserve(0, addresses * 4);
      if (table === 0 || answers === 0) return false;
      lookUpBoot(cpu, table, areas, answers);
    }
  }
  return true;
}

/** Adds a page to the addresses that are looked up; false where there is no room. */
export function addAddress(page: i32): bool {
  const count: i32 = load(MapsGlobal.addressCount);
  const room: i32 = load(MapsGlobal.addressRoom);
  if (count >= room) return false;
  const table: ptr = load(MapsGlobal.addresses);
  store(table + count * 4, page);
  store(MapsGlobal.addressCount, count + 1);
  return true;
}

/** Frees all areas and the tree. Nobody reads any more. */
export function destroyAreas(cpu: i32): void {
  const root: ptr = load(theMm + Mm.tree);
  if (root === 0) return;
  const state: ptr = readerState(cpu);
  mapleReset(state);
  let vma: ptr = mapleNext(theMm + Mm.tree, state, 0);
  while (vma !== 0) {
    const end: i32 = load(vma + Vma.end);
    heapFree(cpu, vma);
    vma = mapleNext(theMm + Mm.tree, state, end);
  }
  mapleDestroy(cpu, theMm + Mm.tree);
}
