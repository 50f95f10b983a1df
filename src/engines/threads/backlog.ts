/**
 * How many labels are retired and not yet freed while a run is on. The main thread, which has nothing else to do then, looks at
 * the CPUs' counters; that costs a CPU one transfer of its own line every few milliseconds at most.
 */
import { Level } from "../level.ts";

/** Labels that wait, over a run; each number holds until the next look. */
export interface Backlog {
  /** Since the run's beginning, ascending. */
  readonly atNs: readonly number[];
  /** As long as `atNs`. */
  readonly labels: readonly number[];
}

/** Looks in a run of known length. */
const looks = 200;
/** Pause between looks in a run of unknown length, ms. */
const unknownEveryMs = 5;

/** Pause between two looks in a run of `timeMs`, or of a length that nobody knows. */
export function lookEveryMs(timeMs: number | null): number {
  return timeMs === null ? unknownEveryMs : Math.max(1, timeMs / looks);
}

/** Cells (indices in the memory) of the CPUs' counters. */
export interface BacklogCells {
  /** By CPU: labels that it retired; the next cell counts those that it freed. */
  readonly retired: readonly number[];
}

/** Where a program keeps the counters, by its constants; undefined for one that has none. */
export function backlogCells(
  constants: ReadonlyMap<string, number>,
  workers: number,
): BacklogCells | undefined {
  const counters = constants.get("retirementCounters");
  const base = constants.get("cpuAreaBase");
  const stride = constants.get("cpuAreaBytes");
  if (counters === undefined || base === undefined || stride === undefined) return undefined;
  return { retired: Array.from({ length: workers }, (_, cpu) => (base + cpu * stride + counters) / 4) };
}

/** Looks from now on until `stop`. */
export class BacklogWatch {
  private readonly begunNs = nowNs();
  private readonly level: Level;
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly memory: Int32Array,
    private readonly cells: BacklogCells,
    everyMs: number,
  ) {
    this.level = new Level(everyMs * 1e6);
    this.look();
    this.timer = setInterval(() => this.look(), everyMs);
    this.timer.unref();
  }

  private look(): void {
    let waiting = 0;
    for (const cell of this.cells.retired)
      waiting += Atomics.load(this.memory, cell) - Atomics.load(this.memory, cell + 1);
    // A label that one CPU retired and another freed while this looked may be counted as freed only.
    this.level.add(nowNs() - this.begunNs, Math.max(0, waiting | 0));
  }

  /**
   * Ends the looks.
   * @param startNs of the run, on the clock of `process.hrtime`, and its length
   * @returns undefined where no look found a label
   */
  stop(startNs: number, elapsedNs: number): Backlog | undefined {
    clearInterval(this.timer);
    const lead = startNs - this.begunNs;
    const { at, values } = this.level.course(lead + elapsedNs);
    if (values.every((waiting) => waiting === 0)) return undefined;
    // What was seen before the start was so at the start.
    const first = Math.max(
      0,
      at.findLastIndex((time) => time <= lead),
    );
    return {
      atNs: at.slice(first).map((time) => Math.max(0, Math.round(time - lead))),
      labels: values.slice(first),
    };
  }

  /** Ends the looks of a run that failed. */
  abandon(): void {
    clearInterval(this.timer);
  }
}

function nowNs(): number {
  return Number(process.hrtime.bigint());
}
