/**
 * Layout and constants of percpu_ref (include/linux/percpu-refcount.h, v6.6): 16 bytes inside the object, the rest on
 * lines of its own, so that the object's line is only read while the count is per CPU.
 */
import type { i32 } from "../../machine/index.ts";

/** Offsets of `struct percpu_ref`. */
export enum PercpuRef {
  /** Offset of the counters in the CPUs' areas, a multiple of 8, with the bits of `RefMode`; what every get and put reads. */
  word = 0,
  data = 8,
}

export const percpuRefBytes: i32 = 16;

/** Low bits of `PercpuRef.word`. */
export enum RefMode {
  percpu = 0,
  /** Gets and puts go to `RefData.count`. */
  atomic = 1,
  /** Killed: `percpuRefTryGetLive` fails. Never without `atomic`. */
  dead = 2,
  mask = 3,
}

/** How far the count that is kept after exit is shifted. */
export const modeBits: i32 = 2;

/** Offsets of `struct percpu_ref_data`. */
export enum RefData {
  count = 0,
  /** `Confirm`: whether a switch to atomic mode is under way, and for whom. */
  confirm = 16,
  /** Bits of `RefDataFlags`; written under the switch lock or before the ref is known. */
  flags = 24,
  rcu = 32,
  /** The ref this belongs to. */
  ref = 48,
  /** Callback id of the switch under way. */
  callback = 56,
}

export const refDataBytes: i32 = 64;

export enum RefDataFlags {
  /** Stays atomic until asked to go per-CPU, even over a reinit. */
  forceAtomic = 1,
  /** May go per-CPU (again), be reinitialised and resurrected. */
  allowReinit = 2,
  /** The sum was wrong once: nobody knows how many references there are, so it is never released. */
  leaked = 4,
}

/** Arguments of `percpuRefInit`, to be combined: PERCPU_REF_INIT_ATOMIC and so on, with their values. */
export enum RefInit {
  percpu = 0,
  /** Starts atomic, and may go per-CPU later. */
  atomic = 1,
  /** Starts dead and with no reference; implies `atomic`. Meant for `percpuRefReinit`. */
  dead = 2,
  allowReinit = 4,
}

/** Values of `RefData.confirm`. */
export enum Confirm {
  /** No switch is under way. */
  idle = 0,
  /** One is, and nobody waits to hear of it. */
  silent = 1,
  /** One is, and its end is to be told: `RefEvent.confirmed`. */
  wanted = 2,
}

/** What a call brought about, to be combined. The kernel calls a function pointer here; the caller does it instead. */
export enum RefEvent {
  none = 0,
  /** The last reference is gone: release the object. */
  released = 1,
  /** The switch to atomic mode that was asked for with `confirm` is over for every CPU. */
  confirmed = 2,
}

/**
 * What the atomic count is ahead by while gets and puts go to the per-CPU counters, so that puts in the course of a switch
 * cannot reach 0: the top bit (the kernel's is 2^63 of 64).
 */
export const percpuBias: i32 = -0x80000000;
