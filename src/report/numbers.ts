/** Figures as tables show them; the same in every locale. */

const grouped = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** `1,234,567`. */
export function whole(value: number): string {
  return grouped.format(value);
}

/** About three digits that count: `0.53`, `4.31`, `12.4`, `187`, `1,234`, `123k`, `1.23M`, `1.23G`. Fewer decimals for counts. */
export function figure(value: number, decimals = 2): string {
  if (value >= 999_500_000) return `${(value / 1e9).toPrecision(3)}G`;
  if (value >= 999_500) return `${(value / 1e6).toPrecision(3)}M`;
  if (value >= 99_999.5) return `${Math.round(value / 1e3)}k`;
  if (value >= 99.95) return whole(value);
  return value.toFixed(Math.min(decimals, value >= 9.995 ? 1 : 2));
}

/** A part in percent: `1.2`. */
export function percent(part: number, of: number): string {
  return of === 0 ? "-" : ((100 * part) / of).toFixed(1);
}

/** `1 cell`, `3 cells`. */
export function plural(count: number, thing: string): string {
  return `${whole(count)} ${thing}${count === 1 ? "" : "s"}`;
}
