/**
 * An epoll instance points to the files that it watches and has no count of them. The last put of a file takes it off all
 * instances, under each one's mutex, before it frees it. So who has the mutex may touch the file, but its count may be 0 already.
 *
 * `broken` 1: the kernel before 4efaa5acf0a1, which lets a driver's poll function take a count then.
 */
import {
  Boot,
  coreBoot,
  heapAlloc,
  heapFree,
  Kind,
  kernelGlobals,
  type ProgramMeta,
  spinLock,
  spinUnlock,
} from "refplay/kernel";
import { type i32, load, option, type ptr, store } from "refplay/machine";
import { get, put, tryGet } from "./count.ts";

const broken: i32 = option("broken");

/** The file. */
export enum File {
  count = 0,
  data = 8,
  end = 16,
}

/** Cells behind `kernelGlobals`: the epoll instance. */
export enum Shared {
  mutex = 0,
  /** The file that it watches, or 0. */
  watched = 8,
}

const mutex: ptr = kernelGlobals + Shared.mutex;
const watched: ptr = kernelGlobals + Shared.watched;

export function boot(): void {
  coreBoot();
  const cpus: i32 = load(Boot.cpus);
  const file: ptr = heapAlloc(cpus - 1, Kind.file, File.end);
  store(file + File.count, 1);
  store(watched, file);
}

/** Drops a count; the last takes the file off the instance and frees it. */
function drop(cpu: i32, file: ptr): void {
  if (!put(file + File.count)) return;
  spinLock(mutex);
  store(watched, 0);
  spinUnlock(mutex);
  heapFree(cpu, file);
}

/** Asks the file whether it is ready; its driver keeps it until that has happened. */
export function poller(cpu: i32): void {
  spinLock(mutex);
  const file: ptr = load(watched);
  if (file === 0 || (broken === 0 && !tryGet(file + File.count))) {
    spinUnlock(mutex);
    return;
  }
  get(file + File.count);
  spinUnlock(mutex);
  if (broken === 0) drop(cpu, file);
  load(file + File.data);
  drop(cpu, file);
}

/** Closes the file. */
export function closer(cpu: i32): void {
  drop(cpu, load(watched));
}

export default {
  options: {
    broken: { unit: "number", default: 0, min: 0, max: 1, doc: "1: before the fix." },
  },
} satisfies ProgramMeta;
