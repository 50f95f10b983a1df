/**
 * The policy text that a set of profiles was loaded from (struct aa_loaddata, security/apparmor/include/policy_unpack.h). The
 * profiles of the set share it, and so does who opens the file in which the kernel shows it.
 *
 * It has two counts, since commits a0b7091c4de4 ("fix race on rawdata dereference") and 8e135b8aee5a ("fix race between
 * freeing data and fs accessing it"). `count` decides about the memory and is for inodes and for who has the text open;
 * `pcount` is for profiles, all of which have one count together, dropped with the last `pcount`. One count could not do both:
 * an inode that has one would keep the text, and thereby itself, for ever; an inode that has none reaches a text that the last
 * profile has taken along.
 *
 * An opener comes from a profile or an inode without a count of its own. That pointer is good inside an RCU read section only,
 * and what it leads to may have lost its last count already: so a grace period before the memory goes, and a get that
 * fails at 0.
 */
import {
  type bool,
  callRcu,
  compareExchange,
  fetchAdd,
  type i32,
  load,
  type ptr,
  store,
} from "refplay/machine";
import { verify } from "./core/areas.ts";
import { Callback } from "./core/callback-ids.ts";
import { violation } from "./core/evidence.ts";
import { heapAlloc, heapFreeKnown } from "./core/heap.ts";
import { Kind } from "./core/kinds.ts";
import { Verdict } from "./core/marks.ts";

/** Offsets, after struct aa_loaddata: both counts on one line. The kernel frees from a work item, here it is an RCU head. */
export enum Rawdata {
  /** Inodes, openers, and one for all profiles. */
  count = 0,
  /** Profiles. */
  pcount = 8,
  rcu = 32,
  /** Stands for the text, an allocation of its own in the kernel. */
  text = 48,
}

const rawdataBytes: i32 = Rawdata.text + 8;

/** A text with one `pcount`, the caller's, which stands for one count; 0 where memory is used up. */
export function rawdataAlloc(cpu: i32): ptr {
  const rawdata: ptr = heapAlloc(cpu, Kind.rawdata, rawdataBytes);
  if (rawdata === 0) return 0;
  store(rawdata + Rawdata.count, 1);
  store(rawdata + Rawdata.pcount, 1);
  store(rawdata + Rawdata.text, 0);
  return rawdata;
}

/** One more profile has the text; the caller has a `pcount` (aa_get_profile_loaddata). */
export function rawdataProfileGet(rawdata: ptr): void {
  fetchAdd(rawdata + Rawdata.pcount, 1);
}

/** A profile drops the text; the last one drops the count of all of them (aa_put_profile_loaddata). */
export function rawdataProfilePut(cpu: i32, rawdata: ptr): void {
  const before: i32 = fetchAdd(rawdata + Rawdata.pcount, -1);
  if (verify && before <= 0) violation(cpu, Verdict.negativeCount, rawdata);
  if (before === 1) rawdataPut(cpu, rawdata);
}

/** One more count, unless there is none left; inside an RCU read section or with a count. Whether it was taken. */
export function rawdataTryGet(rawdata: ptr): bool {
  let count: i32 = load(rawdata + Rawdata.count);
  while (count !== 0) {
    const before: i32 = compareExchange(rawdata + Rawdata.count, count, count + 1);
    if (before === count) return true;
    count = before;
  }
  return false;
}

/** Drops a count; after the last the text goes, a grace period later (aa_put_i_loaddata). */
export function rawdataPut(cpu: i32, rawdata: ptr): void {
  const before: i32 = fetchAdd(rawdata + Rawdata.count, -1);
  if (verify && before <= 0) violation(cpu, Verdict.negativeCount, rawdata);
  if (before === 1) callRcu(rawdata + Rawdata.rcu, Callback.rawdataFree);
}

/** Callback `rawdataFree`: the grace period after the last put is over. `head` is the text's `Rawdata.rcu`. */
export function rawdataFree(cpu: i32, head: ptr): void {
  heapFreeKnown(cpu, Kind.rawdata, rawdataBytes, head - Rawdata.rcu);
}
