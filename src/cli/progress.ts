/** The progress bars of runs and benchmarks; they draw on a terminal only. */
import { Presets, SingleBar } from "cli-progress";
import type { RunProgress } from "../runner/run-cells.ts";

export interface ProgressView {
  show(progress: RunProgress): void;
  close(): void;
}

/** Steps of the bar per cell. */
const stepsPerCell = 1000;

/** A bar with what is being done, cells done and time left; nothing where there is no terminal. */
export function progressView(terminal: NodeJS.WriteStream | undefined): ProgressView {
  if (terminal === undefined) return { show: () => {}, close: () => {} };
  const bar = new SingleBar(
    {
      stream: terminal,
      format: "{bar} {cells} | {cell} | {doing} | {eta_formatted} left",
      barsize: 16,
      clearOnComplete: true,
      // Ctrl-C is the run's own business: it writes what is finished.
      gracefulExit: false,
      hideCursor: null,
    },
    Presets.shades_classic,
  );
  let started = false;
  return {
    show({ cell, doing, fraction, done, total }) {
      const payload = { cells: `${done}/${total} cells`, cell: cell.id, doing };
      const value = Math.round((done + fraction) * stepsPerCell);
      if (started) bar.update(value, payload);
      else bar.start(total * stepsPerCell, value, payload);
      started = true;
    },
    close() {
      if (started) bar.stop();
    },
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
