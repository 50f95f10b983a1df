/** Labels that were retired and not yet freed, from the kernel's marks: how many over time, and how long each waited. */
import hdr, { type Histogram } from "hdr-histogram-js";
import { type Buckets, bucketsOf } from "../histogram.ts";
import { Level } from "../level.ts";
import type { SimJob, SimRetirements } from "./types.ts";
import { ticksPerNs, toNs } from "./units.ts";

/** Ticks of a part of the course at first: 4 us, as for checkpoints. */
const firstInterval = 4096 * ticksPerNs;
/** ns: waits above it count as it. */
const longestWait = 1e12;
const nsPerMs = 1e6;

export class Retirements {
  /** Label by address, and when it was retired. */
  private readonly since = new Map<number, number>();
  private readonly level = new Level(firstInterval);
  private waits: Histogram | undefined;
  private most = 0;
  private readonly marks: { readonly retired: number; readonly freed: number } | undefined;

  constructor({ retirementMarks }: SimJob) {
    this.marks = retirementMarks;
  }

  /** A mark of the set-up; what is retired in it and not freed counts from the run's beginning. */
  before(event: number, label: number): void {
    if (event === this.marks?.retired) this.since.set(label, 0);
    else if (event === this.marks?.freed) this.since.delete(label);
  }

  /** Time 0. */
  begin(): void {
    this.note(0);
  }

  /**
   * A mark of the run; false: it is about something else.
   * @param time ticks
   * @param over whether the last script has ended: labels that go behind it have waited, but are in no course
   */
  told(event: number, label: number, time: number, over: boolean): boolean {
    const { marks } = this;
    if (marks === undefined) return false;
    if (event === marks.retired) this.since.set(label, time);
    else if (event === marks.freed) this.freed(label, time);
    else return false;
    if (!over) this.note(time);
    return true;
  }

  private note(time: number): void {
    this.most = Math.max(this.most, this.since.size);
    this.level.add(time, this.since.size);
  }

  private freed(label: number, time: number): void {
    const begun = this.since.get(label);
    if (begun === undefined) return;
    this.since.delete(label);
    this.waits ??= hdr.build({
      bitBucketSize: 32,
      numberOfSignificantValueDigits: 2,
      highestTrackableValue: longestWait,
      useWebAssembly: false,
    });
    // A CPU may run ahead of others by nanoseconds.
    this.waits.recordValue(Math.min(longestWait, Math.max(0, Math.round((time - begun) / ticksPerNs))));
  }

  /** @param elapsed ticks of the run */
  figures(elapsed: number): SimRetirements {
    const { at, values } = this.level.course(elapsed);
    const waitsMs: Buckets | null = this.waits === undefined ? null : bucketsOf(this.waits, nsPerMs);
    return {
      unreclaimed: this.most === 0 ? null : { atNs: at.map(toNs), labels: values },
      waitsMs,
    };
  }
}
