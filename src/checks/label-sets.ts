/** The variants of the label set, by the names that programs which are checked with each of them end in. */

/** Values of the option `labelSet`. */
export const variants = { rwlock: 0, seqlock: 1, "rcu-list": 2 } as const;
export type Variant = keyof typeof variants;
