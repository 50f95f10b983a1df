/** The policy text and its two counts as entries of a program, one call at a time, and whole lives for random schedules. */
import { Callback, coreBoot, heapLive, Kind, kernelGlobals, type ProgramMeta, RcuHead } from "refplay/kernel";
import {
  type bool,
  exchange,
  type i32,
  load,
  type ptr,
  rcuReadLock,
  rcuReadUnlock,
  rcuTake,
} from "refplay/machine";
import {
  Rawdata,
  rawdataAlloc,
  rawdataFree,
  rawdataProfileGet,
  rawdataProfilePut,
  rawdataPut,
  rawdataTryGet,
} from "../../src/kernel/rawdata.ts";

/** Where openers find the text. */
const shown: ptr = kernelGlobals;

export function boot(): void {
  coreBoot();
}

export function alloc(cpu: i32): ptr {
  return rawdataAlloc(cpu);
}

export function profileGet(rawdata: ptr): void {
  rawdataProfileGet(rawdata);
}

export function profilePut(cpu: i32, rawdata: ptr): void {
  rawdataProfilePut(cpu, rawdata);
}

export function tryGet(rawdata: ptr): bool {
  rcuReadLock();
  const got: bool = rawdataTryGet(rawdata);
  rcuReadUnlock();
  return got;
}

export function put(cpu: i32, rawdata: ptr): void {
  rawdataPut(cpu, rawdata);
}

export function countOf(rawdata: ptr): i32 {
  return load(rawdata + Rawdata.count);
}

export function profilesOf(rawdata: ptr): i32 {
  return load(rawdata + Rawdata.pcount);
}

export function live(): i32 {
  return heapLive(Kind.rawdata);
}

/** Opens what is shown, reads it and closes it, `rounds` times. How often there was one to open. */
export function opener(cpu: i32, rounds: i32): i32 {
  let opened: i32 = 0;
  for (let round: i32 = 0; round < rounds; round += 1) {
    rcuReadLock();
    const rawdata: ptr = load(shown);
    const got: bool = rawdata !== 0 && rawdataTryGet(rawdata);
    rcuReadUnlock();
    if (got) {
      load(rawdata + Rawdata.text);
      opened += 1;
      rawdataPut(cpu, rawdata);
    }
  }
  return opened;
}

/** Shows a new text instead of the last one, which two profiles then drop, `rounds` times; in the end nothing is shown. */
export function loader(cpu: i32, rounds: i32): void {
  for (let round: i32 = 0; round <= rounds; round += 1) {
    let fresh: ptr = 0;
    if (round < rounds) {
      fresh = rawdataAlloc(cpu);
      rawdataProfileGet(fresh);
    }
    const old: ptr = exchange(shown, fresh);
    if (old !== 0) {
      rawdataProfilePut(cpu, old);
      rawdataProfilePut(cpu, old);
    }
  }
}

/** Runs RCU callbacks until none can come any more. */
export function softirq(cpu: i32): void {
  let head: ptr = rcuTake();
  while (head !== 0) {
    const id: i32 = load(head + RcuHead.callback);
    if (id === Callback.rawdataFree) rawdataFree(cpu, head);
    head = rcuTake();
  }
}

export default { options: {} } satisfies ProgramMeta;
