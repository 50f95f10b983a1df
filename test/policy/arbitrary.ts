/** Random labels for property tests; fast-check draws them from a fixed seed, so that a failure is the same tomorrow. */
import fc from "fast-check";
import { canonicalParts, type LabelParts } from "../../src/policy/label-parts.ts";

/** Settings of every property here. */
export const settings = { seed: 1_709_240_004, numRuns: 300 } as const;

/** Names that hold what is hard: dots, blanks inside, brackets, slashes, characters beyond ASCII. */
const level = fc.stringMatching(/^[A-Za-z/é😺][A-Za-z0-9._:é😺 {}()^&-]{0,8}[A-Za-z0-9)😺]$/u);

export const namespaceLevel = fc.stringMatching(/^[a-z][a-z0-9_<>.-]{0,6}$/);

export const namespacePath = fc.array(namespaceLevel, { maxLength: 3 });

export const profileName = fc
  .tuple(level, fc.array(level, { maxLength: 2 }))
  .map(([first, more]) => [first, ...more].join("//"))
  // A slash after the separator of levels makes three, which is as good; before it, it would move the border.
  .filter((name) => !name.includes("////"));

/** Canonical parts of 1 to 12 profiles in few namespaces, so that some share one. */
export const labelParts: fc.Arbitrary<LabelParts> = fc
  .array(namespacePath, { minLength: 1, maxLength: 3 })
  .chain((paths) =>
    fc.array(fc.record({ namespace: fc.constantFrom(...paths), profile: profileName }), {
      minLength: 1,
      maxLength: 12,
    }),
  )
  .map(canonicalParts);
