/** Lines of progress as text: how much is done, what is being done, and the time left, within the terminal's width. */

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

export const barColumns = 16;
/** Columns in which a name can still be recognised. */
const leastName = 10;
/** Before that the time left is anybody's guess. */
const leastElapsedMs = 2000;

/** `████░░░░ 12/56 cells | kref@96 sim | simulating | 40 s left`; long ids are cut in the middle, where lines are narrow. */
export function progressLine(state: ProgressState, columns: number): string {
  const { before, cell, doing, done, elapsedMs, fraction, total } = state;
  const bar = barText(Math.min(1, (done + fraction) / total), barColumns);
  const left = timeLeft(elapsedMs, (done + fraction - before) / (total - before));
  return fittedLine([`${bar} ${done}/${total} cells`, cell, doing, left], 1, columns);
}

/** `████░░░░`. @param share 0 to 1 */
export function barText(share: number, columns: number): string {
  const filled = Math.round(share * columns);
  return "█".repeat(filled) + "░".repeat(columns - filled);
}

/** The parts that there are. */
export function joined(parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined).join(" | ");
}

/**
 * The parts that there are in one line of at most so many columns: a name among them gives way first, in its middle, and then the
 * end of the line.
 * @param name place of the part that is a name
 */
export function fittedLine(parts: readonly (string | undefined)[], name: number, columns: number): string {
  const line = (shown: string | undefined): string =>
    joined(parts.map((part, index) => (index === name ? shown : part)));
  const room = columns - line("").length;
  const text = parts[name];
  return line(text === undefined ? undefined : shortened(text, Math.max(leastName, room))).slice(0, columns);
}

/**
 * `40 s left`, from what is done of all that there is to do now, as if the rest took as long; undefined where that says nothing yet.
 * @param elapsedMs since it began
 * @param share 0 to 1
 */
export function timeLeft(elapsedMs: number, share: number): string | undefined {
  if (elapsedMs < leastElapsedMs || !(share > 0)) return undefined;
  const seconds = Math.max(1, Math.round((elapsedMs * (1 - share)) / share / 1000));
  if (seconds < 100) return `${seconds} s left`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min left` : `${(seconds / 3600).toFixed(1)} h left`;
}

/** Both ends of an id tell cells apart: the strategy before, CPUs and engine behind. */
function shortened(text: string, columns: number): string {
  if (text.length <= columns) return text;
  const behind = Math.ceil((columns - 1) / 2);
  return `${text.slice(0, columns - 1 - behind)}…${text.slice(-behind)}`;
}
