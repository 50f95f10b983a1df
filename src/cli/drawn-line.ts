/** One line that is drawn over and over on a terminal and is gone in the end: how every command shows its progress. */
import { Presets, SingleBar } from "cli-progress";

export interface DrawnLine {
  /** Draws the line as it is now, if it was not drawn a moment ago; the first time it appears. */
  draw(): void;
  /** Clears the line, so that something else can be printed; `draw` brings it back. */
  clear(): void;
}

/** Of a terminal that does not say how many it has. */
const standardColumns = 80;

/**
 * Draws nothing where there is no terminal.
 * @param lineOf the line, no longer than `columns`
 * @param perSecond times that it is drawn at most
 */
export function drawnLine(
  terminal: NodeJS.WriteStream | undefined,
  lineOf: (columns: number) => string,
  perSecond = 10,
): DrawnLine {
  if (terminal === undefined) return { draw: () => {}, clear: () => {} };
  const bar = new SingleBar(
    {
      stream: terminal,
      // The last column stays free: some terminals begin a new line behind it.
      format: () => lineOf((terminal.columns || standardColumns) - 1),
      fps: perSecond,
      clearOnComplete: true,
      // Ctrl-C is the command's own business: it tells what is finished. A second one ends the process at once, and must not leave
      // a terminal behind that does not wrap lines or has no cursor.
      gracefulExit: false,
      linewrap: true,
      hideCursor: null,
    },
    Presets.shades_classic,
  );
  let isDrawn = false;
  return {
    draw() {
      // The line knows for itself how far things are.
      if (isDrawn) bar.update(0);
      else bar.start(1, 0);
      isDrawn = true;
    },
    clear() {
      if (isDrawn) bar.stop();
      isDrawn = false;
    },
  };
}
