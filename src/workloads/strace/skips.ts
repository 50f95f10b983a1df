/** What an import left out, grouped by reason with the first line numbers, so that the note stays readable for any trace. */

/** One reason and where it applied. */
export interface SkipGroup {
  readonly reason: string;
  readonly count: number;
  /** The first lines, counted from 1; at most `linesPerGroup`. */
  readonly lines: readonly number[];
}

/** Line numbers kept for each reason. */
export const linesPerGroup = 5;

/** Reasons told apart; the rest is counted together. */
const maxGroups = 40;

/** Collects what was skipped. */
export class SkipLog {
  readonly #groups = new Map<string, { count: number; lines: number[] }>();

  /** Notes one skipped line or call. */
  add(reason: string, line: number): void {
    let key = reason;
    if (!this.#groups.has(key) && this.#groups.size >= maxGroups) key = "other reasons";
    const group = this.#groups.get(key) ?? { count: 0, lines: [] };
    this.#groups.set(key, group);
    group.count++;
    if (group.lines.length < linesPerGroup) group.lines.push(line);
  }

  /** All groups in the order in which they were first met. */
  groups(): SkipGroup[] {
    return Array.from(this.#groups, ([reason, group]) => ({ reason, ...group }));
  }
}

/** A group as a sentence: `3 x call not known: futex (lines 4, 9, 12)`. */
export function formatSkip(group: SkipGroup): string {
  const more = group.count > group.lines.length ? ", ..." : "";
  const word = group.count === 1 ? "line" : "lines";
  return `${group.count} x ${group.reason} (${word} ${group.lines.join(", ")}${more})`;
}
