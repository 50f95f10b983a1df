/**
 * The two vocabularies of evidence. A `Mark` is an event that portable code tells the engine about; a `Verdict` is the
 * rule that was broken, in the words that every engine's report uses.
 */

/** First operand of `mark`. Numbers from `violation` on are violations: `Mark.violation + Verdict.x`. */
export enum Mark {
  none = 0,
  // Warnings, counted per CPU: misuse that a strategy noticed and survived, as the kernel's WARN does.
  /** A put that nobody owned: the count was zero or below (refcount_t: "underflow; use-after-free"). */
  underflow = 1,
  /** More references than the counter has room for. */
  overflow = 2,
  /** A get while the count was zero (refcount_t: "addition on 0; use-after-free"). */
  getFromZero = 3,
  /** percpu_ref: killed a second time. */
  killTwice = 4,
  /** percpu_ref: reinitialised while references were left. */
  reinitNotZero = 5,
  /** percpu_ref: resurrected although not dying, or after its counters were given back. */
  resurrectNotDying = 6,
  /** percpu_ref: asked to go per-CPU although made without that permission. */
  switchNotAllowed = 7,
  /** percpu_ref: the sum over all CPUs was not positive; the object is leaked. */
  sumNotPositive = 8,
  /** percpu_ref: given up while a switch was under way. */
  exitWhileSwitching = 9,
  /** No memory left for an object. */
  heapExhausted = 10,
  /** No per-CPU memory left. */
  percpuExhausted = 11,
  // Events that tests and reports look at; not counted.
  /** The last reference of a label is gone. Argument: label. */
  released = 16,
  /** A percpu_ref finished its way to atomic mode. Argument: the ref. */
  switchedToAtomic = 17,
  /** A percpu_ref counts per CPU again. Argument: the ref. */
  switchedToPercpu = 18,
  /** Watched builds: a holder has its reference to a label, or is about to drop it. Argument: label. */
  holderTaken = 19,
  holderDropped = 20,
  /** A strategy that counts in two places took or dropped a reference where nobody else writes, or where all do. Argument: label. */
  ownCount = 21,
  sharedCount = 22,
  /** Option `eventMarks`: a record of this CPU's script begins. Argument: its event. */
  scriptEvent = 23,
  /** Option `eventMarks`: a label is stale or out of reach, and one that was is freed. Argument: label. */
  retired = 24,
  retiredFreed = 25,
  violation = 32,
}

/** Warnings that have a counter of their own: marks below this. */
export const warningLimit = 16;

/** A rule that was broken. `Mark.violation + verdict` is the mark that tells of it. */
export enum Verdict {
  none = 0,
  useAfterFree = 1,
  doubleFree = 2,
  leak = 3,
  lostRelease = 4,
  prematureRelease = 5,
  negativeCount = 6,
  duplicateLabel = 7,
  lostLabel = 8,
  deadlock = 9,
  livelock = 10,
  assertion = 11,
  limitExceeded = 12,
}

/** Verdicts that there is a counter for. */
export const verdictLimit = 16;
