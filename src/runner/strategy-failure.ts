/** What a user is told whose strategy hangs or faults, with the line that the reference engine saw it at. */
import type { Violation } from "../engines/reference/index.ts";
import { RefplayError } from "../errors.ts";

/**
 * The error for a violation after which measuring makes no sense.
 * @param during when it happened, in words: "while labels are made"
 */
export function strategyFailure(violation: Violation, strategy: string, during: string): RefplayError {
  const innermost = violation.chain.at(-1);
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
  const what = `${violation.verdict}: ${violation.detail}`;
  return new RefplayError("strategy-fails", `strategy ${strategy} fails ${during}${inside}: ${what}`, {
    ...where,
    hint: "try the function with a unit test in direct mode; docs/strategy-contract.md says what it must do",
  });
}

/** Whether the program could not go on: on threads it would hang or trap, where nobody can say at which line. */
export function isStuck(violation: Violation): boolean {
  return ["limit-exceeded", "deadlock", "livelock", "assertion"].includes(violation.verdict);
}
