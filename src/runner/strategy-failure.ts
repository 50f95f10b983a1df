/** What a user is told whose strategy hangs or faults, with the line that the reference engine saw it at. */
import type { Violation } from "../engines/reference/index.ts";
import { RefplayError } from "../errors.ts";

/** What the kernel's books of holders find; the engine only knows that the program's own check failed. */
const ruleTexts: Partial<Record<Violation["verdict"], string>> = {
  "premature-release": "a label was released while holders still had it",
  "negative-count": "a label had fewer holders than references were dropped",
  "lost-release": "a label without holders was not released",
};

/**
 * The error for a violation after which measuring makes no sense.
 * @param during when it happened, in words: "while labels are made"
 */
export function strategyFailure(violation: Violation, strategy: string, during: string): RefplayError {
  // The strategy's own line where it is on the chain: the kernel's check below it is only where the rule was noticed.
  const innermost = violation.chain.findLast((frame) => frame.instance !== null) ?? violation.chain.at(-1);
  const { file, line, column } = innermost ?? {};
  const where =
    file === undefined || line === undefined || column === undefined
      ? {}
      : { location: { file, line, column } };
  const inside = innermost === undefined ? "" : ` in \`${innermost.function}\``;
  if (violation.verdict === "limit-exceeded") {
    return new RefplayError(
      "strategy-hangs",
      `strategy ${strategy} does not come to an end ${during}${inside}`,
      {
        ...where,
        hint: "end the loop, or wait for a cell with `awaitEqual`, `awaitNotEqual` or `awaitAtLeast`",
      },
    );
  }
  const what = `${violation.verdict}: ${ruleTexts[violation.verdict] ?? violation.detail}`;
  return new RefplayError("strategy-fails", `strategy ${strategy} fails ${during}${inside}: ${what}`, {
    ...where,
    hint: "`refplay check <its file>` tries small programs in all orders, and tells the order of what it finds",
  });
}

/** Whether the program could not go on: on threads it would hang or trap, where nobody can say at which line. */
export function isStuck(violation: Violation): boolean {
  return ["limit-exceeded", "deadlock", "livelock", "assertion"].includes(violation.verdict);
}
