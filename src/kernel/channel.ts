/**
 * Channels: how a file gets from one task to another (SCM_RIGHTS over a local socket, where the message owns a count of the
 * file meanwhile). A ring of file addresses under a lock. The two counters only grow, so who waits for room or for a file
 * waits for a number and cannot miss it.
 */
import { awaitAtLeast, type i32, load, type ptr, store, storeRelease, u32 } from "refplay/machine";
import { heapAlloc, heapFree, zero } from "./core/heap.ts";
import { Kind } from "./core/kinds.ts";
import { rcuOffline, rcuOnline } from "./core/rcu-periods.ts";
import { spinLock, spinUnlock } from "./core/spinlock.ts";
import { filePut } from "./file.ts";
import { KernelGlobal, pointerBytes } from "./globals.ts";

/** Offsets of a channel. */
export enum Channel {
  lock = 0,
  /** Files that were ever put in. */
  sent = 8,
  /** Files that were ever taken out. */
  received = 16,
  slots = 64,
}

/** Files that a channel holds at a time; a power of two. */
export const channelSlots = 16;

const channelBytes: i32 = Channel.slots + channelSlots * pointerBytes;

/** An empty channel, or 0 where memory is exhausted. */
export function channelAlloc(cpu: i32): ptr {
  const channel: ptr = heapAlloc(cpu, Kind.channel, channelBytes);
  if (channel !== 0) zero(channel, channelBytes);
  return channel;
}

/** The channel of that index, or 0. */
export function channelOf(index: i32): ptr {
  const count: i32 = load(KernelGlobal.channelCount);
  if (u32(index) >= u32(count)) return 0;
  const table: ptr = load(KernelGlobal.channels);
  return load(table + index * pointerBytes);
}

function slotOf(channel: ptr, turn: i32): ptr {
  return channel + Channel.slots + (turn & (channelSlots - 1)) * pointerBytes;
}

/** Waits outside RCU until the counter at `counter` is at least `value`. */
function awaitCounter(counter: ptr, value: i32): void {
  rcuOffline();
  awaitAtLeast(counter, value);
  rcuOnline();
}

/** Puts a file with one count of the caller's into the channel; waits while it is full. */
export function channelSend(channel: ptr, file: ptr): void {
  while (true) {
    spinLock(channel + Channel.lock);
    const sent: i32 = load(channel + Channel.sent);
    const received: i32 = load(channel + Channel.received);
    if (sent - received < channelSlots) {
      store(slotOf(channel, sent), file);
      storeRelease(channel + Channel.sent, sent + 1);
      spinUnlock(channel + Channel.lock);
      return;
    }
    spinUnlock(channel + Channel.lock);
    awaitCounter(channel + Channel.received, sent - channelSlots + 1);
  }
}

/** Takes the oldest file out of the channel, and its count with it; waits while there is none. */
export function channelReceive(channel: ptr): ptr {
  while (true) {
    spinLock(channel + Channel.lock);
    const received: i32 = load(channel + Channel.received);
    const sent: i32 = load(channel + Channel.sent);
    if (sent - received > 0) {
      const file: ptr = load(slotOf(channel, received));
      storeRelease(channel + Channel.received, received + 1);
      spinUnlock(channel + Channel.lock);
      return file;
    }
    spinUnlock(channel + Channel.lock);
    awaitCounter(channel + Channel.sent, received + 1);
  }
}

/** Files in the channel. */
export function channelLength(channel: ptr): i32 {
  const received: i32 = load(channel + Channel.received);
  const sent: i32 = load(channel + Channel.sent);
  return sent - received;
}

/** Closes a channel: the files of messages that nobody received are put. Nobody else runs. */
export function channelFree(cpu: i32, channel: ptr): void {
  const sent: i32 = load(channel + Channel.sent);
  for (let turn: i32 = load(channel + Channel.received); sent - turn > 0; turn += 1) {
    const file: ptr = load(slotOf(channel, turn));
    filePut(cpu, 0, file);
  }
  heapFree(cpu, channel);
}
