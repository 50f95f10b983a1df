/** The progress line of a check; draws on a terminal only. */
import { Presets, SingleBar } from "cli-progress";
import type { ExplorerName } from "../checks/index.ts";
import type { ExploreProgress } from "../engines/check/types.ts";
import { figure } from "../report/numbers.ts";

export interface CheckProgressView {
  /** A check begins: its place in the plan, from 0, and what it is. */
  begin(index: number, what: string): void;
  show(progress: ExploreProgress): void;
  /** Clears the line, so that results can be printed. */
  end(): void;
}

const nothing: CheckProgressView = { begin: () => {}, show: () => {}, end: () => {} };

/** Longest name of a check on the line. */
const longestName = 26;

/**
 * Checks done, and of the present one: states (or executions), frontier (or depth), transitions per second, memory.
 * Nothing where there is no terminal.
 * @param clock milliseconds, for the rate
 */
export function checkProgressView(
  terminal: NodeJS.WriteStream | undefined,
  total: number,
  explorer: ExplorerName,
  clock: () => number = () => performance.now(),
): CheckProgressView {
  if (terminal === undefined) return nothing;
  let bar: SingleBar | undefined;
  let done = 0;
  let started = 0;
  return {
    begin(index, what) {
      done = index;
      started = clock();
      bar = new SingleBar(
        {
          stream: terminal,
          format: "{bar} {value}/{total} {what} {figures}",
          barsize: 8,
          clearOnComplete: true,
          gracefulExit: false,
          hideCursor: null,
          // A search is silent for some time between two portions; the line must not be redrawn more often than it changes.
          fps: 5,
        },
        Presets.shades_classic,
      );
      const name = what.length <= longestName ? what : `${what.slice(0, longestName - 1)}…`;
      bar.start(total, done, { what: name, figures: "" });
    },
    show(progress) {
      const seconds = Math.max(0.001, (clock() - started) / 1000);
      const text = figuresText(progress, seconds, explorer);
      bar?.update(done, { figures: text });
    },
    end() {
      bar?.stop();
      bar = undefined;
    },
  };
}

function figuresText(progress: ExploreProgress, seconds: number, explorer: ExplorerName): string {
  const { states, frontier, transitions, bytes } = progress;
  const rate = `${figure(transitions / seconds, 0)}/s`;
  const memory = `${figure(bytes / 2 ** 20, 0)} MiB`;
  return explorer === "states"
    ? `${figure(states, 0)} states, ${figure(frontier, 0)} open, ${rate}, ${memory}`
    : `${figure(states, 0)} runs, depth ${figure(frontier, 0)}, ${rate}, ${memory}`;
}
