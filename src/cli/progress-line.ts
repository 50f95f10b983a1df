/** The line of a run's progress as text: what is done, what is being done, and the time left, within the terminal's width. */

export interface ProgressState {
  /** Cells that are finished, and all. */
  readonly done: number;
  readonly total: number;
  /** 0 to 1 of the present cell. */
  readonly fraction: number;
  /** Id of the present cell, and what is being done. */
  readonly cell: string;
  readonly doing: string;
  /** Since this run began, ms, and the cells that were there then. */
  readonly elapsedMs: number;
  readonly before: number;
}

const barColumns = 16;
/** Columns in which a cell can still be recognised. */
const leastCell = 10;
/** Before that the time left is anybody's guess. */
const leastElapsedMs = 2000;

/** `████░░░░ 12/56 cells | kref@96 sim | simulating | 40 s left`; long ids are cut in the middle, where lines are narrow. */
export function progressLine(state: ProgressState, columns: number): string {
  const { cell, doing, done, fraction, total } = state;
  const share = Math.min(1, (done + fraction) / total);
  const filled = Math.round(share * barColumns);
  const bar = "█".repeat(filled) + "░".repeat(barColumns - filled);
  const left = timeLeft(state);
  const line = (name: string): string =>
    [`${bar} ${done}/${total} cells`, name, doing, ...(left === undefined ? [] : [`${left} left`])].join(
      " | ",
    );
  // The last column stays free: some terminals begin a new line behind it.
  const room = columns - 1 - line("").length;
  return line(shortened(cell, Math.max(leastCell, room))).slice(0, columns - 1);
}

/** From what this run has done so far, as if all cells took the same time; undefined where that says nothing yet. */
export function timeLeft({ before, done, elapsedMs, fraction, total }: ProgressState): string | undefined {
  const here = done + fraction - before;
  if (elapsedMs < leastElapsedMs || here <= 0) return undefined;
  const seconds = Math.max(1, Math.round((elapsedMs * (total - done - fraction)) / here / 1000));
  if (seconds < 100) return `${seconds} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

/** Both ends of an id tell cells apart: the strategy before, CPUs and engine behind. */
function shortened(text: string, columns: number): string {
  if (text.length <= columns) return text;
  const behind = Math.ceil((columns - 1) / 2);
  return `${text.slice(0, columns - 1 - behind)}…${text.slice(-behind)}`;
}
