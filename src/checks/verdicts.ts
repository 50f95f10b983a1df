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

/** Struct name by kind of object. */
export const kindNames: ReadonlyMap<number, string> = new Map(
  Object.entries(Kind).flatMap(([name, kind]) => (typeof kind === "number" ? [[kind, name] as const] : [])),
);
