/** What stands below the lines of all checks: the shortest finding in full, the others in a line each, and the sum. */
import pc from "picocolors";
import type { ExplorerName } from "../checks/index.ts";
import type { ExploreResult } from "../engines/check/types.ts";
import { plural } from "../report/numbers.ts";
import { wrapped } from "../report/wrapped.ts";
import { searchCommand } from "./check-replay-command.ts";
import { type FinishedCheck, type TextOptions, terminalWidth, violationText } from "./check-text.ts";

export interface FindingsOptions extends TextOptions {
  /** Every finding in full. */
  readonly allFindings: boolean;
  /** Options that the same search needs beside what names the check, as `--explorer dpor`. */
  readonly searchWords: readonly string[];
}

function stepsOf({ report }: FinishedCheck): number {
  return report.finding?.replay.steps.length ?? 0;
}

/** The one that is read fastest: fewest steps, the first of several. */
function shortestOf(found: readonly FinishedCheck[]): FinishedCheck | undefined {
  return found.reduce<FinishedCheck | undefined>(
    (best, one) => (best === undefined || stepsOf(one) < stepsOf(best) ? one : best),
    undefined,
  );
}

/** Empty where nothing was found, no limit reached, and there is no more than one check to sum up. */
export function findingsText(finished: readonly FinishedCheck[], options: FindingsOptions): string {
  const found = finished.filter(({ report }) => report.finding !== null);
  const shortest = shortestOf(found);
  const inFull = options.allFindings ? found : shortest === undefined ? [] : [shortest];
  const others = found.filter((one) => !inFull.includes(one));
  const blocks = [
    ...inFull.map((one) => violationText(one, options)),
    ...(others.length === 0 ? [] : [othersText(others, options)]),
    ...limitHints(finished, options.explorer).map((hint) => `${fitted(hint)}\n`),
    ...(finished.length < 2 ? [] : [`${fitted(sumText(finished, found, shortest))}\n`]),
  ];
  return blocks.map((block) => `\n${block}`).join("");
}

function fitted(text: string): string {
  return wrapped(text, "  ", terminalWidth);
}

function othersText(
  others: readonly FinishedCheck[],
  { color, command, searchWords }: FindingsOptions,
): string {
  const colors = pc.createColors(color);
  const rows = others.map((one) => {
    const steps = plural(stepsOf(one), "step");
    const again = (width: number): string[] => searchCommand(command, one.item, searchWords, width);
    return { verdict: one.report.verdict, steps, again };
  });
  const verdictWidth = Math.max(...rows.map(({ verdict }) => verdict.length));
  const stepsWidth = Math.max(...rows.map(({ steps }) => steps.length));
  const title = `${plural(others.length, "more finding")}, in full with these commands or with --all-findings:`;
  const lines = rows.map(({ verdict, steps, again }) => {
    const name = `${colors.red(verdict)}${" ".repeat(verdictWidth - verdict.length)}`;
    const left = `  ${name}  ${steps.padStart(stepsWidth)}`;
    const room = terminalWidth - 6 - verdictWidth - stepsWidth;
    const [whole = ""] = again(Number.POSITIVE_INFINITY);
    return whole.length <= room
      ? `${left}  ${whole}`
      : [left, ...again(terminalWidth - 4).map((line) => `    ${line}`)].join("\n");
  });
  return `${[title, ...lines].join("\n")}\n`;
}

/** What to try where a search reached a limit; one line for each limit. */
function limitHints(finished: readonly FinishedCheck[], explorer: ExplorerName): string[] {
  const limits = new Set(finished.flatMap(({ report }) => report.result.limit ?? []));
  const other = explorer === "states" ? ", or --explorer dpor" : "";
  const hints: Partial<Record<NonNullable<ExploreResult["limit"]>, string>> = {
    memory: `Limit of memory: try a larger --memory, smaller bounds${other}.`,
    states: `Limit of states: try smaller bounds${other}.`,
    steps: `Limit of steps of an execution: try smaller bounds${explorer === "dpor" ? ", or --explorer states" : ""}.`,
    buffer: "A store buffer, callback queue or the heap was full: try smaller bounds.",
  };
  return Object.entries(hints).flatMap(([limit, hint]) =>
    limits.has(limit as keyof typeof hints) ? [hint] : [],
  );
}

/** `32 of 38 checks broke a rule; shortest: last-put-race (sc), 16 steps`. */
function sumText(
  finished: readonly FinishedCheck[],
  found: readonly FinishedCheck[],
  shortest: FinishedCheck | undefined,
): string {
  const checks = plural(finished.length, "check");
  const limited = finished.filter(
    ({ report }) => report.finding === null && report.verdict !== "pass",
  ).length;
  const unfinished = limited === 0 ? "" : `; ${limited} did not finish`;
  if (shortest === undefined)
    return `No rule is broken in ${finished.length - limited} of ${checks}${unfinished}`;
  const { item, report } = shortest;
  const several = new Set(finished.map((one) => one.item.strategy?.path)).size > 1;
  const of = several && item.strategy !== null ? `${item.strategy.name} in ` : "";
  const where = `${of}${item.program.name} (${report.model}), ${plural(stepsOf(shortest), "step")}`;
  return `${found.length} of ${checks} broke a rule${unfinished}; shortest: ${where}`;
}
