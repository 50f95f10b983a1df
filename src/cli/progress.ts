/** The progress of runs, benchmarks and predictions; drawn on a terminal only. */
import type { RunProgress } from "../runner/run-cells.ts";
import { drawnLine } from "./drawn-line.ts";
import { barColumns, barText, fittedLine, progressLine, timeLeft } from "./progress-line.ts";

export interface ProgressView {
  show(progress: RunProgress): void;
  close(): void;
}

/** What is being done, cells done and time left; nothing where there is no terminal. */
export function progressView(
  terminal: NodeJS.WriteStream | undefined,
  clock: () => number = () => performance.now(),
): ProgressView {
  let state: RunProgress | undefined;
  let before = 0;
  let begun = 0;
  const line = drawnLine(terminal, (columns) =>
    state === undefined
      ? ""
      : progressLine({ ...state, cell: state.cell.id, before, elapsedMs: clock() - begun }, columns),
  );
  return {
    show(progress) {
      if (state === undefined) {
        before = progress.done;
        begun = clock();
      }
      state = progress;
      line.draw();
    },
    close: line.clear,
  };
}

/** Says on a terminal what is being done while nothing can be drawn; returns how to take that away. */
export function announce(terminal: NodeJS.WriteStream | undefined, text: string): () => void {
  if (terminal === undefined) return () => {};
  terminal.write(text);
  return () => {
    terminal.cursorTo(0);
    terminal.clearLine(0);
  };
}

export interface StepsProgressView {
  /** `fraction`: 0 to 1 of everything. */
  show(doing: string, fraction: number): void;
  close(): void;
}

/** How much is done, what is being done, and the time left, of work that is one whole. */
export function stepsProgressView(
  terminal: NodeJS.WriteStream | undefined,
  clock: () => number = () => performance.now(),
): StepsProgressView {
  let state: { readonly doing: string; readonly fraction: number } | undefined;
  let begun = 0;
  const lineOf = (columns: number): string => {
    const { doing = "", fraction = 0 } = state ?? {};
    const bar = `${barText(Math.min(1, fraction), barColumns)} ${Math.floor(100 * fraction)} %`;
    return fittedLine([bar, doing, timeLeft(clock() - begun, fraction)], 1, columns);
  };
  // Drawing takes time from what is measured.
  const line = drawnLine(terminal, lineOf, 2);
  return {
    show(doing, fraction) {
      if (state === undefined) begun = clock();
      state = { doing, fraction };
      line.draw();
    },
    close: line.clear,
  };
}
