/** The progress line of a check; draws on a terminal only. */
import type { ExplorerName } from "../checks/index.ts";
import type { ExploreProgress } from "../engines/check/types.ts";
import { figure } from "../report/numbers.ts";
import { drawnLine } from "./drawn-line.ts";
import { barText, fittedLine, joined, timeLeft } from "./progress-line.ts";

export interface CheckProgressView {
  /** A check begins: its place in the plan, from 0, and what it is. */
  begin(index: number, what: string): void;
  show(progress: ExploreProgress): void;
  /** Clears the line, so that results can be printed. */
  end(): void;
}

/** Columns of the bar, fewer than elsewhere: there is much to say. */
const barColumns = 8;
/** Columns that a check's name gets before figures do. */
const mostName = 20;

/**
 * Checks done, and of the present one: states (or executions), frontier (or depth), memory, transitions per second; the time left,
 * as if the checks to come took as long as those before. Nothing where there is no terminal.
 * @param clock milliseconds, for the rate and the time left
 */
export function checkProgressView(
  terminal: NodeJS.WriteStream | undefined,
  total: number,
  explorer: ExplorerName,
  clock: () => number = () => performance.now(),
): CheckProgressView {
  const begun = clock();
  let started = begun;
  let done = 0;
  let name = "";
  let figures: readonly string[] = [];
  const lineOf = (columns: number): string => {
    const bar = `${barText(done / total, barColumns)} ${done}/${total}`;
    const left = timeLeft(clock() - begun, done / total);
    const parts = (called: string, shown: readonly string[]): (string | undefined)[] => [
      bar,
      called,
      shown.length === 0 ? undefined : shown.join(", "),
      left,
    ];
    // The last figures say least: they go before the name is cut beyond recognition.
    const leastNamed = name.slice(0, mostName);
    let shown = figures;
    while (shown.length > 1 && joined(parts(leastNamed, shown)).length > columns) shown = shown.slice(0, -1);
    return fittedLine(parts(name, shown), 1, columns);
  };
  // A search is silent for some time between two portions; the line must not be redrawn more often than it changes.
  const line = drawnLine(terminal, lineOf, 5);
  return {
    begin(index, what) {
      done = index;
      name = what;
      figures = [];
      started = clock();
      line.draw();
    },
    show(progress) {
      const seconds = Math.max(0.001, (clock() - started) / 1000);
      figures = figuresOf(progress, seconds, explorer);
      line.draw();
    },
    end: line.clear,
  };
}

function figuresOf(progress: ExploreProgress, seconds: number, explorer: ExplorerName): string[] {
  const { states, frontier, transitions, bytes } = progress;
  const [counted, open] =
    explorer === "states"
      ? [`${figure(states, 0)} states`, `${figure(frontier, 0)} open`]
      : [`${figure(states, 0)} runs`, `depth ${figure(frontier, 0)}`];
  return [counted, open, `${figure(bytes / 2 ** 20, 0)} MiB`, `${figure(transitions / seconds, 0)}/s`];
}
