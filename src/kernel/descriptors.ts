/**
 * Descriptor tables: an array of file addresses, 8 bytes apart as in the kernel. No locks: a table belongs to one task, and a
 * task runs on one CPU at a time. A slot that is not 0 owns one count of its file.
 */
import { type bool, type i32, load, type ptr, store, u32 } from "refplay/machine";
import { fileGet, filePut } from "./file.ts";
import { KernelGlobal, pointerBytes } from "./globals.ts";

/** Bytes of one table of `count` descriptors: whole lines, so that tasks on two CPUs share none. */
export function tableBytes(count: i32): i32 {
  return (count * pointerBytes + 63) & -64;
}

/** The file at descriptor `fd` of a table of `count`, or 0 where none is open or `fd` is outside. */
export function fileAt(table: ptr, count: i32, fd: i32): ptr {
  if (u32(fd) >= u32(count)) return 0;
  return load(table + fd * pointerBytes);
}

/** Whether `fd` is inside the table and free. */
export function isFree(table: ptr, count: i32, fd: i32): bool {
  if (u32(fd) >= u32(count)) return false;
  const file: ptr = load(table + fd * pointerBytes);
  return file === 0;
}

/** Puts a file, with one count of the caller's, at a descriptor (fd_install). */
export function install(table: ptr, fd: i32, file: ptr): void {
  store(table + fd * pointerBytes, file);
}

/** All of `from`'s descriptors are open in the empty table `to` as well (dup_fd). */
export function copyDescriptors(from: ptr, to: ptr): void {
  const count: i32 = load(KernelGlobal.descriptorsPerTask);
  for (let fd: i32 = 0; fd < count; fd += 1) {
    const file: ptr = load(from + fd * pointerBytes);
    if (file === 0) continue;
    fileGet(file);
    store(to + fd * pointerBytes, file);
  }
}

/** Closes every open descriptor of `task`, whose table that is (close_files). */
export function closeAll(cpu: i32, task: ptr, table: ptr): void {
  const count: i32 = load(KernelGlobal.descriptorsPerTask);
  for (let fd: i32 = 0; fd < count; fd += 1) {
    const file: ptr = load(table + fd * pointerBytes);
    if (file === 0) continue;
    store(table + fd * pointerBytes, 0);
    filePut(cpu, task, file);
  }
}

/** Open descriptors of a table. */
export function openCount(table: ptr): i32 {
  const count: i32 = load(KernelGlobal.descriptorsPerTask);
  let open: i32 = 0;
  for (let fd: i32 = 0; fd < count; fd += 1) {
    const file: ptr = load(table + fd * pointerBytes);
    if (file !== 0) open += 1;
  }
  return open;
}
