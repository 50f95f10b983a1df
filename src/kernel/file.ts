/**
 * Open files (struct file, fs/file_table.c). Each has a count of its own, because dup, fork and passing share it; it takes a
 * reference to the opener's label and a count of the opener's cred when it is made and drops both with its last count.
 * Files are freed at once: since v6.7 their memory is typesafe by RCU, and nobody here looks one up without its table.
 */
import { fetchAdd, type i32, load, loadAcquire, type ptr, store } from "refplay/machine";
import { heapAlloc, heapFreeKnown } from "./core/heap.ts";
import { Kind } from "./core/kinds.ts";
import { credGet, credPut } from "./cred-count.ts";
import { emptyHolder, labelGet, labelPut, ownLabel } from "./reference.ts";
import { holderBytes } from "./settings.ts";
import { socketFree } from "./socket.ts";

/**
 * Offsets of a file. The first line after struct file (v6.12, LP64); in the second the fields of AppArmor's file context,
 * which the kernel allocates apart (struct aa_file_ctx: lock, label, allowed access).
 */
export enum File {
  count = 0,
  /** The socket behind the file, or 0 (private_data). */
  socket = 32,
  cred = 56,
  contextLock = 64,
  /** Holder of the label. Other tasks that use the file may change it, under `contextLock`. */
  label = 72,
  /** Access that was found allowed, as MAY_ bits. */
  allow = label + holderBytes,
}

const fileBytes: i32 = File.allow + 8;

/**
 * A file with one count for the caller (alloc_empty_file, security_file_alloc), or 0 where memory is exhausted. `cred` and
 * `label` are those of `task`, which this CPU runs.
 */
export function fileAlloc(cpu: i32, task: ptr, cred: ptr, label: ptr, socket: ptr): ptr {
  // An atomic operation waits for all earlier stores to reach the cache, so it comes before those that fill the file.
  credGet(task, cred);
  const file: ptr = heapAlloc(cpu, Kind.file, fileBytes);
  if (file === 0) {
    credPut(task, cred);
    return 0;
  }
  store(file + File.count, 1);
  store(file + File.socket, socket);
  store(file + File.cred, cred);
  store(file + File.contextLock, 0);
  emptyHolder(file + File.label);
  store(file + File.allow, 0);
  labelGet(cpu, file + File.label, label);
  return file;
}

/** One count more, for a further descriptor or a message; the caller has one. */
export function fileGet(file: ptr): void {
  fetchAdd(file + File.count, 1);
}

/**
 * Drops one count; with the last the file goes, and its label, cred and socket are put (fput). Who has the only count needs
 * no atomic operation to drop it, for nobody can take a second one meanwhile. (The kernel does need one, because its look-ups
 * under RCU take counts of files that they have none of.)
 *
 * `task` is the one that this CPU runs, 0 where it acts for none: where it bears the file's cred it may count that itself.
 */
export function filePut(cpu: i32, task: ptr, file: ptr): void {
  const counted: i32 = loadAcquire(file + File.count);
  if (counted === 1) {
    fileFree(cpu, task, file);
    return;
  }
  const before: i32 = fetchAdd(file + File.count, -1);
  if (before === 1) fileFree(cpu, task, file);
}

function fileFree(cpu: i32, task: ptr, file: ptr): void {
  const socket: ptr = load(file + File.socket);
  if (socket !== 0) socketFree(cpu, socket);
  const cred: ptr = load(file + File.cred);
  credPut(task, cred);
  labelPut(cpu, file + File.label, ownLabel(file + File.label));
  heapFreeKnown(cpu, Kind.file, fileBytes, file);
}
