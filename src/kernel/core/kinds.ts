/**
 * What a heap object is. The heap keeps one free list and one live counter for each kind, engines name the kind in a
 * report. The kernel of this project knows no other kinds; a bare program may use `scratch`.
 */
export enum Kind {
  none = 0,
  label = 1,
  profile = 2,
  proxy = 3,
  cred = 4,
  file = 5,
  socket = 6,
  task = 7,
  namespace = 8,
  channel = 9,
  /** A counter cell of the per-CPU allocator: one object per CPU. */
  percpuData = 10,
  /** `struct percpu_ref_data`, and what other strategies keep apart from a label. */
  labelExtra = 11,
  /** A task's descriptor table, and other arrays that live as long as the program. */
  table = 12,
  buffer = 13,
  scratch = 14,
  /** The text that a set of profiles was loaded from (struct aa_loaddata). */
  rawdata = 15,
}

/** Kinds that the heap has room for. */
export const kindLimit = 16;
