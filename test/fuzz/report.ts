/**
 * What a failing seed is shown as: the smallest program that still fails, what was expected of it and what came out.
 */

import { compare, type Difference, type Shape, showEntry, showOutcome } from "./compare.ts";
import type { Run } from "./interpreter.ts";
import { showProgram } from "./print.ts";
import type { FuzzProgram } from "./program.ts";
import { shrink } from "./shrink.ts";

/** Shrinks a failing program and describes it. */
export async function failureReport(
  program: FuzzProgram,
  found: Difference,
  shapes: readonly Shape[],
): Promise<string> {
  const guilty = shapes.filter((shape) => shape.name === found.shape);
  const again = async (candidate: FuzzProgram): Promise<Difference | null> => {
    try {
      const difference = await compare(candidate, guilty);
      if (difference === null || difference === "skipped" || difference.shape !== found.shape) return null;
      return category(difference) === category(found) ? difference : null;
    } catch {
      // A candidate that is no program at all, for example with a local that nobody declares.
      return null;
    }
  };
  const smallest = await shrink(program, async (candidate) => (await again(candidate)) !== null);
  const difference = (await again(smallest)) ?? found;
  return [
    `seed ${program.seed}, ${difference.shape}: ${difference.message}`,
    showProgram(smallest),
    ...(difference.expected === null ? [] : [`expected: ${showRun(difference.expected)}`]),
    ...(difference.actual === null ? [] : [`found:    ${showRun(difference.actual)}`]),
  ].join("\n");
}

/** Kind of a failure, which shrinking has to keep: a refusal's own words, or a wrong result of any sort. */
function category(difference: Difference): string {
  if (difference.actual !== null) return "wrong result";
  return difference.message.replace(/\d+/g, "0").split("\n").slice(0, 2).join("\n");
}

function showRun(run: Run): string {
  return [...run.trace.map(showEntry), showOutcome(run.outcome)].join("; ");
}
