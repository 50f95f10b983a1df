/**
 * Slow windows as a CPU sees them: between two batches of its script it looks whether a label is in one
 * (`src/kernel/core/slow-windows.ts`). A batch inside a window, all of it, counts as inside; one during which no window was open
 * as outside; one that a window began or ended in as mixed, and in neither.
 */

/** Of the cell's bits, how many windows are open. */
const openMask = 0xffff;

/** What one CPU saw in one run. Times in ns. */
export interface CpuWindows {
  readonly insideBatches: number;
  readonly insideNs: number;
  readonly outsideBatches: number;
  readonly outsideNs: number;
  readonly mixedBatches: number;
  readonly mixedNs: number;
  /** Time with a window open: the inside batches' and of the mixed ones half where just one end was in a window. */
  readonly openNs: number;
  /** Longest time that windows were open without a break, as far as looks between batches show. */
  readonly longestNs: number;
}

export class WindowWatch {
  private readonly cells: Int32Array;
  private readonly cell: number;
  private lastNs = 0;
  private lastSeen = 0;
  private openSince = -1;
  private longestNs = 0;
  private openNs = 0;
  private readonly batches = { inside: 0, outside: 0, mixed: 0 };
  private readonly ns = { inside: 0, outside: 0, mixed: 0 };

  /** @param address byte address of the cell in the program's memory */
  constructor(memory: ArrayBufferLike, address: number) {
    this.cells = new Int32Array(memory);
    this.cell = address / 4;
  }

  /** The run begins. */
  begin(nowNs: number): void {
    this.look(nowNs, Atomics.load(this.cells, this.cell));
  }

  /** A batch that began at the last look is over. */
  batch(nowNs: number): void {
    const seen = Atomics.load(this.cells, this.cell);
    const passed = nowNs - this.lastNs;
    const wasOpen = (this.lastSeen & openMask) !== 0;
    const isOpen = (seen & openMask) !== 0;
    const place = seen !== this.lastSeen ? "mixed" : isOpen ? "inside" : "outside";
    this.batches[place]++;
    this.ns[place] += passed;
    this.openNs += (passed * (Number(wasOpen) + Number(isOpen))) / 2;
    this.look(nowNs, seen);
  }

  take(): CpuWindows {
    const { batches, ns, openNs, longestNs } = this;
    return {
      insideBatches: batches.inside,
      insideNs: ns.inside,
      outsideBatches: batches.outside,
      outsideNs: ns.outside,
      mixedBatches: batches.mixed,
      mixedNs: ns.mixed,
      openNs,
      longestNs,
    };
  }

  private look(nowNs: number, seen: number): void {
    const isOpen = (seen & openMask) !== 0;
    if (isOpen && this.openSince < 0) this.openSince = nowNs;
    if (this.openSince >= 0) this.longestNs = Math.max(this.longestNs, nowNs - this.openSince);
    if (!isOpen) this.openSince = -1;
    this.lastNs = nowNs;
    this.lastSeen = seen;
  }
}

/** Slow windows of all measured runs together. */
export interface SlowWindows {
  /** Windows that began, one for each label and time. */
  readonly windows: number;
  /** Part of the CPUs' time in which one or more were open, 0 to 1. */
  readonly share: number;
  readonly longestNs: number;
  /** Batches in a second and CPU inside and outside, as parts of those overall; null where there was no such batch. */
  readonly insideSpeed: number | null;
  readonly outsideSpeed: number | null;
}

/** What all CPUs saw in all runs, in which `windows` began; null where none was ever open. */
export function slowWindowsOf(windows: number, seen: readonly CpuWindows[]): SlowWindows | null {
  const sum = (of: (cpu: CpuWindows) => number): number => seen.reduce((total, cpu) => total + of(cpu), 0);
  const openNs = sum((cpu) => cpu.openNs);
  if (windows === 0 && openNs === 0) return null;
  const allNs = sum((cpu) => cpu.insideNs + cpu.outsideNs + cpu.mixedNs);
  const overall = sum((cpu) => cpu.insideBatches + cpu.outsideBatches + cpu.mixedBatches) / allNs;
  const speed = (batches: number, ns: number) => (batches === 0 || ns === 0 ? null : batches / ns / overall);
  return {
    windows,
    share: allNs === 0 ? 0 : openNs / allNs,
    longestNs: Math.max(0, ...seen.map((cpu) => cpu.longestNs)),
    insideSpeed: speed(
      sum((cpu) => cpu.insideBatches),
      sum((cpu) => cpu.insideNs),
    ),
    outsideSpeed: speed(
      sum((cpu) => cpu.outsideBatches),
      sum((cpu) => cpu.outsideNs),
    ),
  };
}
