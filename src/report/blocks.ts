/** Figures as block characters, for tables that can be read without them, too: a course as a sparkline, parts of a whole as a bar. */

const heights = "▁▂▃▄▅▆▇█";

/**
 * One character for each value, its height as a share of `most`; the lowest block for 0, a space where there is no value.
 * @param most what the full height stands for, above 0: the same for all rows of a table, so that they compare
 */
export function sparkline(values: readonly (number | undefined)[], most: number): string {
  return values
    .map((value) => {
      if (value === undefined || !Number.isFinite(value)) return " ";
      const step = Math.round((value / most) * heights.length) - 1;
      return heights[Math.min(heights.length - 1, Math.max(0, step))];
    })
    .join("");
}

export interface BarPart {
  /** A single character. */
  readonly fill: string;
  /** 0 or more, in the unit of `whole`. */
  readonly value: number;
}

/**
 * The parts from left to right in a bar of `columns` characters, which stands for `whole`. Each border is rounded by itself, so the
 * bar is as long as the parts together; what is missing to the whole stays blank.
 */
export function stackedBar(parts: readonly BarPart[], whole: number, columns: number): string {
  let sum = 0;
  let bar = "";
  for (const { fill, value } of parts) {
    sum += value;
    const end = Math.min(columns, Math.round((sum / whole) * columns));
    bar += fill.repeat(Math.max(0, end - bar.length));
  }
  return bar.padEnd(columns);
}
