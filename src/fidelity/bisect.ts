/** Looks for a parameter with which a figure comes out. */

/** Where between `low` and `high` a function that only grows or only falls comes nearest to `target`; to `step`. */
export function bisect(
  figure: (value: number) => number,
  target: number,
  range: { readonly low: number; readonly high: number; readonly step: number },
): { readonly value: number; readonly figure: number } {
  let low = Math.round(range.low / range.step);
  let high = Math.round(range.high / range.step);
  const at = (index: number): number => figure(index * range.step);
  let [lowFigure, highFigure] = [at(low), at(high)];
  const grows = highFigure >= lowFigure;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    const value = at(middle);
    if (value < target === grows) [low, lowFigure] = [middle, value];
    else [high, highFigure] = [middle, value];
  }
  const lowIsNearer = Math.abs(lowFigure - target) < Math.abs(highFigure - target);
  return lowIsNearer
    ? { value: low * range.step, figure: lowFigure }
    : { value: high * range.step, figure: highFigure };
}
