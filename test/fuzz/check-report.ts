/** What a program on which searches disagree is shown as: its smallest form, as source, with the seed that leads to it. */
import { litmusSource } from "../litmus/litmus-problem.ts";
import { type CheckDifference, compareSearches } from "./check-compare.ts";
import { type CheckFuzzProgram, printCheckProgram } from "./check-program.ts";
import { shrinkCheckProgram } from "./check-shrink.ts";

/** Shrinks a program that failed and describes it. */
export function checkFailureReport(program: CheckFuzzProgram, found: CheckDifference): string {
  const again = (candidate: CheckFuzzProgram): CheckDifference | null => {
    const difference = compareSearches(candidate, found.model);
    if (difference === null || difference === "skipped") return null;
    return difference.search === found.search && category(difference) === category(found) ? difference : null;
  };
  const smallest = shrinkCheckProgram(program, (candidate) => again(candidate) !== null);
  const { model, search, message } = again(smallest) ?? found;
  return [
    `seed ${program.seed}, ${model}, ${search}: ${message}`,
    litmusSource(printCheckProgram(smallest)),
    `as data: ${JSON.stringify(smallest)}`,
  ].join("\n");
}

/** Kind of a failure, which shrinking has to keep: its words without outcomes and places. */
function category({ message }: CheckDifference): string {
  return message.replace(/-?\d+(,-?\d+)*/g, "0").replace(/(0 )+0/g, "0");
}
