/**
 * Tunables that several kernel files need, as constants of the link: a branch on one of them costs nothing at run time.
 * They are declared (unit, range, default) by the default exports of `program.ts` and `core/options.ts`.
 */
import { type bool, type i32, layoutBytes, option } from "refplay/machine";

/** Kernel version whose hooks are modelled: 66, 67 or 611 for v6.6, v6.7, v6.11. */
export const hooksLevel: i32 = option("hooks");

/** Whether marks tell when script records begin and labels are retired and freed: for the simulator, which they cost nothing. */
export const eventMarks: bool = option("eventMarks") !== 0;

/**
 * Bytes of one holder inside an object: the strategies' own and, in verify builds, 8 more in which the kernel notes which
 * label the holder refers to, and of which generation. The first cell is the label's address, 0 where there is none.
 */
export const holderBytes: i32 = layoutBytes("holder") + 8 * option("verify");

/** Bytes of one guard of `borrow`. */
export const guardBytes: i32 = layoutBytes("guard");

/** What the option `maxLabelParts` may be at most: scratch vectors have room for twice as many profiles. */
export const mostLabelParts = 32;
