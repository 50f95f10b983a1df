/** The progress bars of runs and benchmarks; they draw on a terminal only. */
import { Presets, SingleBar } from "cli-progress";
import type { RunProgress } from "../runner/run-cells.ts";
import { progressLine } from "./progress-line.ts";

export interface ProgressView {
  show(progress: RunProgress): void;
  close(): void;
}

/** Steps of the bar per cell. */
const stepsPerCell = 1000;
/** Of a terminal that does not say how many it has. */
const standardColumns = 80;

/** A bar with what is being done, cells done and time left; nothing where there is no terminal. */
export function progressView(terminal: NodeJS.WriteStream | undefined): ProgressView {
  if (terminal === undefined) return { show: () => {}, close: () => {} };
  let state: RunProgress | undefined;
  let before = 0;
  let begun = 0;
  const bar = new SingleBar(
    {
      stream: terminal,
      format: () =>
        state === undefined
          ? ""
          : progressLine(
              { ...state, cell: state.cell.id, before, elapsedMs: performance.now() - begun },
              terminal.columns || standardColumns,
            ),
      clearOnComplete: true,
      // Ctrl-C is the run's own business: it writes what is finished. A second one ends the process at once, and must not leave
      // a terminal behind that does not wrap lines.
      gracefulExit: false,
      linewrap: true,
      hideCursor: null,
    },
    Presets.shades_classic,
  );
  return {
    show(progress) {
      const first = state === undefined;
      state = progress;
      const value = Math.round((progress.done + progress.fraction) * stepsPerCell);
      if (!first) return bar.update(value);
      before = progress.done;
      begun = performance.now();
      bar.start(progress.total * stepsPerCell, value);
    },
    close() {
      if (state !== undefined) bar.stop();
    },
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

export interface BenchProgressView {
  /** `fraction`: 0 to 1. */
  show(doing: string, fraction: number): void;
  close(): void;
}

/** A bar with what is being done. */
export function benchProgressView(terminal: NodeJS.WriteStream | undefined): BenchProgressView {
  if (terminal === undefined) return { show: () => {}, close: () => {} };
  const bar = new SingleBar(
    {
      stream: terminal,
      format: "{bar} {percentage} % | {doing}",
      barsize: 16,
      clearOnComplete: true,
      gracefulExit: false,
      hideCursor: null,
      // Drawing takes time from what is measured.
      fps: 2,
    },
    Presets.shades_classic,
  );
  bar.start(stepsPerCell, 0, { doing: "" });
  return {
    show: (doing, fraction) => bar.update(Math.round(fraction * stepsPerCell), { doing }),
    close: () => bar.stop(),
  };
}
