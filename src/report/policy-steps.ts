/** Steps of a written history of policy that were refused, or that came to something else than they should have. */
import type { Cell, ResultsRecord } from "../results/schema.ts";
import { plural } from "./numbers.ts";

type Step = NonNullable<Cell["policySteps"]>[number];

interface Colors {
  red(text: string): string;
  dim(text: string): string;
}

/** Columns that a line may take. */
const width = 80;
/** The longest of the kernel's names, `ENAMETOOLONG`, and a gap. */
const verdictWidth = 14;

/** A list for each different outcome, with the cells that have it where not all do; undefined where no cell has steps. */
export function policyStepsText(results: ResultsRecord, colors: Colors): string | undefined {
  const lists = new Map<string, string[]>();
  for (const { id, policySteps } of results.cells) {
    if (policySteps === undefined) continue;
    const text = stepsText(policySteps, colors);
    lists.set(text, [...(lists.get(text) ?? []), id]);
  }
  if (lists.size === 0) return undefined;
  const parts = [...lists].map(([text, ids]) => (lists.size === 1 ? text : `${ids.join(", ")}: ${text}`));
  return parts.join("\n\n");
}

function stepsText(steps: readonly Step[], colors: Colors): string {
  const told = steps.filter(({ verdict, expected }) => verdict !== "done" || expected !== undefined);
  const refused = steps.filter(({ verdict }) => verdict !== "done").length;
  const heading = `Policy: ${plural(steps.length, "step")}, ${refused} refused`;
  return [heading, ...told.flatMap((step) => stepLines(step, colors))].join("\n");
}

function stepLines({ step, verdict, expected, why, caret }: Step, colors: Colors): string[] {
  const indent = " ".repeat(verdictWidth);
  const short = (text: string): string => {
    const most = width - verdictWidth;
    return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
  };
  const first = verdict.padEnd(verdictWidth) + short(step);
  if (expected !== undefined) return [colors.red(first), colors.red(`${indent}must be ${expected}`)];
  return [
    first,
    ...(why === undefined ? [] : [colors.dim(indent + short(why))]),
    // Below a text without anything to see a caret says nothing.
    ...(caret === undefined || caret.trim() === "^"
      ? []
      : caret.split("\n").map((line) => colors.dim(`  ${line}`.slice(0, width)))),
  ];
}
