/** Options that the label set reads, declared once: a program that has one spreads them into its own. */
import type { ProgramMeta } from "../core/contract.ts";

export const labelSetOptions = {
  labelSet: {
    unit: "number",
    default: 0,
    min: 0,
    max: 2,
    doc: "Variant of the label set: 0 rwlock, as in the kernel; 1 seqlock; 2 rcu-list.",
  },
  labelSetRetries: {
    unit: "count",
    default: 4,
    min: 0,
    max: 64,
    doc: "How often a look-up without the lock begins again before it takes the lock; not with rwlock.",
  },
} satisfies ProgramMeta["options"];
