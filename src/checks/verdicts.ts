/** Marks by which portable code says that a rule was broken, and the names of kinds: the kernel's numbers as reports say them. */
import type { Verdict as VerdictName } from "../engines/reference/types.ts";
import { Kind } from "../kernel/core/kinds.ts";
import { Mark, Verdict } from "../kernel/core/marks.ts";
import { kebab } from "../names.ts";

/** Misuse that a strategy noticed and survived. On threads it is counted; a checked program must not bring it about at all. */
const warnings: ReadonlyMap<number, VerdictName> = new Map([
  [Mark.underflow, "negative-count"],
  [Mark.sumNotPositive, "negative-count"],
  [Mark.getFromZero, "premature-release"],
  [Mark.overflow, "assertion"],
  [Mark.killTwice, "assertion"],
  [Mark.reinitNotZero, "assertion"],
  [Mark.resurrectNotDying, "assertion"],
  [Mark.switchNotAllowed, "assertion"],
  [Mark.exitWhileSwitching, "assertion"],
  [Mark.heapExhausted, "limit-exceeded"],
  [Mark.percpuExhausted, "limit-exceeded"],
]);

/** The verdict that a mark stands for, or undefined where it tells of nothing wrong. */
export function verdictOfMark(event: number): VerdictName | undefined {
  if (event <= Mark.violation) return warnings.get(event);
  const name = Verdict[event - Mark.violation];
  // Both lists have the same words; a test keeps them equal.
  return name === undefined ? undefined : (kebab(name) as VerdictName);
}

const texts: ReadonlyMap<number, string> = new Map([
  [Mark.underflow, "a reference is dropped when the count is zero or below (underflow)"],
  [Mark.overflow, "a reference is taken when the count has no room for more or was given up (overflow)"],
  [Mark.getFromZero, "a reference is taken when the count is zero (getFromZero)"],
  [Mark.killTwice, "a percpu_ref is killed a second time (killTwice)"],
  [Mark.reinitNotZero, "a percpu_ref is reinitialised while references are left (reinitNotZero)"],
  [
    Mark.resurrectNotDying,
    "a percpu_ref is resurrected that is not dying or has given its counters back (resurrectNotDying)",
  ],
  [
    Mark.switchNotAllowed,
    "a percpu_ref is to go per-CPU again that was made without that permission (switchNotAllowed)",
  ],
  [
    Mark.sumNotPositive,
    "the sum of a percpu_ref's counters is not positive at the end of its switch (sumNotPositive)",
  ],
  [Mark.exitWhileSwitching, "a percpu_ref is given up while a switch is under way (exitWhileSwitching)"],
  [Mark.heapExhausted, "the heap has no room for another object (heapExhausted)"],
  [Mark.percpuExhausted, "there is no per-CPU memory left (percpuExhausted)"],
]);

/** What a mark that stands for a verdict says, as a sentence; undefined for a violation that the program itself checks. */
export function textOfMark(event: number): string | undefined {
  return texts.get(event);
}

/** Struct name by kind of object. */
export const kindNames: ReadonlyMap<number, string> = new Map(
  Object.entries(Kind).flatMap(([name, kind]) => (typeof kind === "number" ? [[kind, name] as const] : [])),
);
