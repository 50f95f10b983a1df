/**
 * Where `percpu-dynamic` keeps what: eight bytes in each label, a line of samples for each CPU, and a record for each label that
 * counts per CPU. What this is for and why it is right is told in `../percpu-dynamic.ts`.
 */

import { lineBytes, strategyCpu, strategyGlobals } from "refplay/kernel";
import { type i32, layout, option, type ptr } from "refplay/machine";

/** Offsets of the strategy's cells in a label: the eight bytes in which kref has its counter and a gap. */
export enum Own {
  /** References; ahead by `bias` while `word` names counters. Where kref has its counter. */
  refs = layout("label"),
  /** Offset of the label's counters in the CPUs' areas (a multiple of 8), and `sharedBit`; just that bit where it has none. */
  word = refs + 4,
}
export const labelBytes: i32 = 8;

/** In `Own.word`: gets and puts change `Own.refs`. */
export const sharedBit: i32 = 1;

/** The top bit, as with percpu_ref: puts in the course of a switch cannot bring `Own.refs` to 0. */
export const bias: i32 = -0x80000000;
/** REFCOUNT_MAX and REFCOUNT_SATURATED of include/linux/refcount.h. */
export const maximum: i32 = 0x7fffffff;
export const saturated: i32 = -0x40000000;

/** Offsets in a label's counters on one CPU. They only grow, and wrap: what counts is the difference of the sums. */
export enum Cell {
  gets = 0,
  puts = 4,
}
export const cellBytes: i32 = 8;

/** Every so manieth get of a CPU that changes `Own.refs` is a sample. */
export const sampleEvery: i32 = option("sampleEvery");
/** Labels that a CPU can have samples of in one period. */
export const sampleLimit: i32 = option("samples");

/** A CPU's area. */
export enum Samples {
  /** Gets until the next sample. */
  left = 0,
  first = 8,
}
/** A sample: a label, to which it is a reference, and how often it was met in this period. */
export enum Sample {
  label = 0,
  hits = 4,
  end = 8,
}
export const cpuBytes: i32 = Samples.first + sampleLimit * Sample.end;

/** A label that `maintain` knows; it has a reference to it. */
export enum Record {
  label = 0,
  next = 8,
  /** `RecordState`. */
  state = 16,
  /** Gets in the last period: counted, or where it has no counters yet, samples times `sampleEvery`. */
  rate = 20,
  /** What its counters had of gets at the end of that period. */
  gets = 24,
  end = 32,
}
export const recordBytes: i32 = Record.end;

export enum RecordState {
  /** Sampled in this period. */
  met = 0,
  /** To get counters in this period. */
  chosen = 1,
  /** Counts per CPU. */
  hot = 2,
  /** To lose its counters in this period: no get or put may begin to use them. */
  cooling = 3,
}

/** Offsets in the strategy's globals. Only `maintain` comes here. */
export enum Shared {
  /** Held by who does the maintenance. */
  busy = 0,
  /** First record. */
  records = 8,
  end = lineBytes,
}
export const globalBytes: i32 = Shared.end;

export const globals: ptr = strategyGlobals + layout("global");
const area: i32 = layout("cpu");

export function samplesOf(cpu: i32): ptr {
  return strategyCpu(cpu) + area;
}

export function sampleOf(cpu: i32, index: i32): ptr {
  return strategyCpu(cpu) + area + Samples.first + index * Sample.end;
}
