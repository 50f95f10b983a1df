/** Figures as tables show them; the same in every locale. */

const grouped = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** `1,234,567`. */
export function whole(value: number): string {
  return grouped.format(value);
}

/** About three digits that count: `0.53`, `4.31`, `12.4`, `187`, `1,234`. */
export function figure(value: number): string {
  if (value >= 100) return whole(value);
  return value.toFixed(value >= 10 ? 1 : 2);
}

/** Half-width of the spread in percent of the median: `1.2`. */
export function percent(part: number, of: number): string {
  return of === 0 ? "-" : ((100 * part) / of).toFixed(1);
}

/** `1 cell`, `3 cells`. */
export function plural(count: number, thing: string): string {
  return `${whole(count)} ${thing}${count === 1 ? "" : "s"}`;
}
