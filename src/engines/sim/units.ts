/** Virtual time: whole ticks of 1/16 ns, kept in doubles, which hold them exactly. */

export const ticksPerNs = 16;

/** Ticks of a clock that `now` reads: a microsecond. */
export const ticksPerClock = 1000 * ticksPerNs;

/** The nearest number of ticks. */
export function toTicks(ns: number): number {
  return Math.round(ns * ticksPerNs);
}

export function toNs(ticks: number): number {
  return ticks / ticksPerNs;
}
