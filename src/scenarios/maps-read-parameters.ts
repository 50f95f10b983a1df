/** Parameters of `maps-read`: the load, and times of what is not modelled, with where each comes from. */
import { z } from "zod";

/*
 * Times that are not modelled. One is fitted; the others were measured on this project's machine under the published test's load
 * (mapper.c and its scripts, github.com/paulmckrcu/proc-mmap_sem-test) with bench/maps-times.c. The page tells the figures, and what
 * comes out with half and twice of each.
 */

/** Time of an mmap or munmap beside that, chosen so that the mean with `vma-lock` is the published 6 us. The one fitted parameter. */
const fittedUnlockedNs = 4000;

/** Of 2,877 + 808 ns for a pair of calls half, less 112 ns of the call itself and about 0.5 us that the model takes. */
const measuredLockedNs = 1200;

/** 8.7 us for a read of 82 lines without names, less the call itself, on the 34 lines that a page of the model has. */
const measuredLineNs = 250;

/** 3.8 us of a `cat` for each page of the text that it reads, and the system call. */
const measuredPauseUs = 4;

/** A sleep of 10 us, and the 50 us by which timers of ordinary processes are late (PR_SET_TIMERSLACK). */
const publishedThinkUs = 60;

export const parameters = z.strictObject({
  monitors: z
    .int()
    .min(1)
    .max(64)
    .default(2)
    .describe("CPUs that read the text all the time; the others make changes"),
  changes: z
    .int()
    .min(2)
    .max(100_000_000)
    .default(2000)
    .describe("changes over all CPUs that make some: each pair unmaps a page of 4 KB and maps it again"),
  zoneMiB: z.int().min(1).max(512).default(128).describe("memory of which each of them unmaps pages, MiB"),
  protects: z
    .int()
    .min(0)
    .max(1000)
    .default(0)
    .describe(
      "changes of permissions behind each such pair, in a zone of its own whose pages are always mapped",
    ),
  protectedPages: z.int().min(2).max(4096).default(256).describe("pages of that zone"),
  thinkUs: z
    .number()
    .min(0)
    .max(1_000_000)
    .default(publishedThinkUs)
    .describe("time outside the kernel between two changes, us; the published test sleeps there"),
  areas: z
    .int()
    .min(4)
    .max(4000)
    .default(340)
    .describe("areas that stay as they are, of libraries: about 34 fill a page of text"),
  lowPriority: z.int().min(0).max(64).default(1).describe("how many of the monitors have a low priority"),
  otherFile: z
    .int()
    .min(0)
    .max(64)
    .default(1)
    .describe("how many of the monitors read the separate file, where there is one"),
  pauseUs: z
    .number()
    .min(0)
    .max(1_000_000)
    .default(measuredPauseUs)
    .describe(
      "time of a monitor outside the lock for each read: copying out, open and close, its own start, us; measured",
    ),
  lineNs: z
    .int()
    .min(0)
    .max(100_000)
    .default(measuredLineNs)
    .describe("time that a line of text takes beside what is modelled, ns; measured"),
  lockedNs: z
    .int()
    .min(0)
    .max(1_000_000)
    .default(measuredLockedNs)
    .describe("time of a change with the write lock, beside what is modelled, ns; measured"),
  unlockedNs: z
    .int()
    .min(0)
    .max(1_000_000)
    .default(fittedUnlockedNs)
    .describe("time of a change before it takes the lock, ns; fitted, see the page"),
  heldUpLines: z
    .int()
    .min(0)
    .max(1_000_000_000)
    .default(40_000)
    .describe("a monitor is held up (interrupt, other task) once in so many lines; 0 = never; assumed"),
  heldUpUs: z.number().min(1).max(100_000).default(300).describe("and for how long on average, us; assumed"),
  readerRetries: z
    .int()
    .min(0)
    .max(1000)
    .default(3)
    .describe("looks without a lock that a monitor begins again before it waits for the lock"),
});
export type MapsReadParameters = z.infer<typeof parameters>;
