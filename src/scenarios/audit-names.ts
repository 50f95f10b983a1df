/** Counters that every procfs program has under the same numbers: broken rules and warnings. */
import { Mark, Verdict, verdictLimit, warningLimit } from "../kernel/core/marks.ts";
import { kebab } from "../names.ts";

/** Counters of an enum that begin at `first`, one for each value that has a name. */
function group(prefix: string, first: number, limit: number, nameOf: (index: number) => string | undefined) {
  return Array.from({ length: limit }, (_, index) => [nameOf(index), first + index] as const).flatMap(
    ([name, counter]): [string, number][] =>
      name === undefined || name === "none" ? [] : [[`${prefix}${kebab(name)}`, counter]],
  );
}

/** `violation:use-after-free` and so on, from `firstViolation` on; `warning:heap-exhausted` and so on, from `firstWarning` on. */
export function faultCounters(firstWarning: number, firstViolation: number): Record<string, number> {
  return Object.fromEntries([
    ...group("warning:", firstWarning, warningLimit, (index) => Mark[index]),
    ...group("violation:", firstViolation, verdictLimit, (index) => Verdict[index]),
  ]);
}
