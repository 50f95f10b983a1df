/** Times in which labels are in slow windows, from the changes of the kernel's cell; src/kernel/core/slow-windows.ts. */
import type { Checkpoint, SimSlowWindows } from "./types.ts";
import { toNs } from "./units.ts";

/** Windows that are open, in the low bits of the cell. */
const openBits = 0xffff;

export class SlowWindows {
  private open = 0;
  private began = 0;
  private since = 0;
  private readonly spans: [number, number][] = [];

  /** The cell has a new value. */
  changed(value: number, time: number): void {
    const open = value & openBits;
    if (open > this.open) this.began += open - this.open;
    if (this.open === 0 && open > 0) this.since = time;
    if (this.open > 0 && open === 0) this.spans.push([this.since, time]);
    this.open = open;
  }

  /**
   * Windows within the run. Requests inside are those between checkpoints, interpolated.
   * @param elapsed ticks of the run
   */
  figures(elapsed: number, checkpoints: readonly Checkpoint[], requests: number): SimSlowWindows | null {
    if (this.began === 0) return null;
    const spans = [...this.spans, ...(this.open > 0 ? [[this.since, elapsed] as [number, number]] : [])]
      .filter(([from]) => from < elapsed)
      .map(([from, to]) => [toNs(from), toNs(Math.min(to, elapsed))] as const);
    const points = [{ atNs: 0, requests: 0 }, ...checkpoints, { atNs: toNs(elapsed), requests }];
    const inside = spans.reduce((sum, [from, to]) => sum + doneBy(points, to) - doneBy(points, from), 0);
    const lengths = spans.map(([from, to]) => to - from);
    return {
      windows: this.began,
      openNs: lengths.reduce((sum, length) => sum + length, 0),
      longestNs: Math.max(0, ...lengths),
      insideRequests: inside,
      outsideRequests: requests - inside,
    };
  }
}

/** Requests done by a time, on the line between two checkpoints. */
function doneBy(points: readonly Checkpoint[], atNs: number): number {
  const behind = points.findIndex((point) => point.atNs >= atNs);
  const after = points[behind];
  const before = points[behind - 1];
  if (after === undefined) return points.at(-1)?.requests ?? 0;
  if (before === undefined || after.atNs === before.atNs) return after.requests;
  const share = (atNs - before.atNs) / (after.atNs - before.atNs);
  return before.requests + share * (after.requests - before.requests);
}
