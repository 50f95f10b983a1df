/** What cells on the simulator have beside what all have: how time was spent, which lines moved, and which code moved them. */
import { z } from "zod";
import { histogramNs } from "./distribution-schema.ts";

const count = z.int().nonnegative();
const amount = z.number().nonnegative();

/** How far a line came: `smt` another thread of the core, `cross` another socket, `memory` no cache had it. */
const byDistance = { self: amount, smt: amount, l3: amount, socket: amount, cross: amount, memory: amount };

/** Line transfers per request of the run, by distance and all together. */
export const transfersPerRequest = z.object({ ...byDistance, all: amount });

/** Where the CPUs with scripts spent the run, percent of all their time. */
export const timeSplitPct = z.object({
  /** Outside the code under test. */
  think: amount,
  /** What the machine's scaling table adds to that. */
  slowdown: amount,
  /** Hits and atomic operations. */
  own: amount,
  /** Waiting for lines. */
  lines: amount,
  /** Waiting for a cell to change: locks. */
  locks: amount,
  gracePeriods: amount,
  /** Held up where the script says so. */
  spin: amount,
  /** Finished, or not begun, while others ran. */
  rest: amount,
});

/** One of the lines for which CPUs waited longest, in the median run; hottest first. */
const hotLine = z.object({
  /** `label(unconfined).refs`; `0x1a40` where nothing is known of the cell that was asked for most. */
  symbol: z.string(),
  transfers: count,
  transfersPerRequest: amount,
  /** Counts. */
  byDistance: z.object(byDistance),
  /** Transfers for reading; the others are for writing. */
  loads: count,
  /** From request to the transfer's end. */
  meanWaitNs: amount,
  /** Most CPUs that waited at a time. */
  mostWaiting: count,
  /** The code that made the line move, most transfers first. */
  code: z.array(
    z.object({
      function: z.string(),
      file: z.string(),
      line: count,
      /** The machine operation: `fetchAdd`. */
      operation: z.string(),
      transfers: count,
    }),
  ),
});
export const hottestLines = z.array(hotLine);

/** Who had the hottest line, one entry of each list for each transfer, from a quarter of the median run on. */
export const ownership = z.object({
  symbol: z.string(),
  /** Since the run's beginning: when the CPU got the line. */
  atNs: z.array(amount),
  cpus: z.array(count),
  /** From how far, names with spaces between: `self`, `smt`, `l3`, `socket`, `cross`, `memory`. */
  distances: z.string(),
});

/** Time of script events of one kind, in the median run. */
export const latencies = z.array(
  z.object({
    /** `open`, `close`, `send`. */
    event: z.string(),
    count,
    meanNs: amount,
    p50Ns: amount,
    p90Ns: amount,
    p99Ns: amount,
    maxNs: amount,
    /** All of them. */
    histogram: histogramNs.optional(),
  }),
);

/** Requests done over time in the median run; lists of the same length. */
export const checkpoints = z.object({ atNs: z.array(amount), requests: z.array(count) });

/** The steady part of the median run, of which the rate is. */
export const rateWindow = z.object({ startNs: amount, endNs: amount, requests: count });

/** Grace periods that ended in the median run. */
export const gracePeriodTimes = z.object({ meanMs: amount, longestMs: amount });
