/**
 * A number that goes up and down over a run of unknown length, in bounded memory: the run is cut into equal parts, and of each part the
 * least, the most and the last value are kept. When the run is longer than all parts, two by two become one.
 */

/** Values over time: each holds until the next. */
export interface Course {
  /** Ascending. */
  readonly at: readonly number[];
  /** As long as `at`. */
  readonly values: readonly number[];
}

/** Parts of a run; each gives three points at most. A power of two. */
const parts = 64;

export class Level {
  private readonly lowAt = new Float64Array(parts);
  private readonly low = new Float64Array(parts);
  private readonly highAt = new Float64Array(parts);
  private readonly high = new Float64Array(parts);
  private readonly lastAt = new Float64Array(parts);
  private readonly last = new Float64Array(parts);
  private readonly filled = new Uint8Array(parts);
  private begun: { readonly at: number; readonly value: number } | undefined;
  private interval: number;

  /** @param interval length of a part at first */
  constructor(interval: number) {
    this.interval = interval;
  }

  /** The number is `value` from `time` (0 or more) on. Times may go back a little: such a value is the last all the same. */
  add(time: number, value: number): void {
    this.begun ??= { at: time, value };
    while (time >= this.interval * parts) this.halve();
    const part = Math.floor(time / this.interval);
    const isFirst = this.filled[part] === 0;
    if (isFirst || value < (this.low[part] as number)) {
      this.lowAt[part] = time;
      this.low[part] = value;
    }
    if (isFirst || value > (this.high[part] as number)) {
      this.highAt[part] = time;
      this.high[part] = value;
    }
    this.lastAt[part] = time;
    this.last[part] = value;
    this.filled[part] = 1;
  }

  private halve(): void {
    for (let part = 0; part < parts; part++) {
      const [early, late] = [2 * part, 2 * part + 1];
      const hasEarly = early < parts && this.filled[early] === 1;
      const hasLate = late < parts && this.filled[late] === 1;
      this.filled[part] = hasEarly || hasLate ? 1 : 0;
      if (!hasEarly && !hasLate) continue;
      const isLower = (this.low[late] as number) < (this.low[early] as number);
      const isHigher = (this.high[late] as number) > (this.high[early] as number);
      const lower = !hasEarly || (hasLate && isLower) ? late : early;
      const higher = !hasEarly || (hasLate && isHigher) ? late : early;
      const later = hasLate ? late : early;
      this.lowAt[part] = this.lowAt[lower] as number;
      this.low[part] = this.low[lower] as number;
      this.highAt[part] = this.highAt[higher] as number;
      this.high[part] = this.high[higher] as number;
      this.lastAt[part] = this.lastAt[later] as number;
      this.last[part] = this.last[later] as number;
    }
    this.interval *= 2;
  }

  /** The points up to a time, 194 at most, the first value among them; the last is told again at the end. */
  course(end: number): Course {
    const points = this.begun === undefined ? [] : [this.begun];
    for (let part = 0; part < parts; part++) {
      if (this.filled[part] === 0) continue;
      const own = [
        { at: this.lowAt[part] as number, value: this.low[part] as number },
        { at: this.highAt[part] as number, value: this.high[part] as number },
      ].sort((a, b) => a.at - b.at);
      points.push(...own, { at: this.lastAt[part] as number, value: this.last[part] as number });
    }
    const kept = points.filter(({ at, value }, index) => at <= end && value !== points[index - 1]?.value);
    const last = kept.at(-1);
    if (last !== undefined && last.at < end) kept.push({ at: end, value: last.value });
    return { at: kept.map(({ at }) => at), values: kept.map(({ value }) => value) };
  }
}
