/** What happened to each line that moved between CPUs, for the table of hot lines and the timeline. */
import { Distance, distances, type HotLine, type LineCode, type TimelineEntry } from "./types.ts";
import { toNs } from "./units.ts";

/** Integers of a line: transfers by distance, of loads, most waiters at a time, requests by cell. */
enum Stat {
  byDistance = 0,
  loads = byDistance + distances,
  mostWaiting = loads + 1,
  cells = mostWaiting + 1,
}

/** An open-addressed table of counts by (line, program counter). */
class CodeCounts {
  private keys = new Float64Array(1024).fill(-1);
  private counts = new Float64Array(1024);
  private used = 0;

  add(key: number): void {
    const at = this.find(key);
    if (this.keys[at] === -1) {
      this.keys[at] = key;
      this.used++;
    }
    this.counts[at] = (this.counts[at] as number) + 1;
    if (this.used * 2 > this.keys.length) this.grow();
  }

  private find(key: number): number {
    const mask = this.keys.length - 1;
    let at = Math.imul(key ^ (key / 4096), 0x9e3779b1) & mask;
    while (this.keys[at] !== -1 && this.keys[at] !== key) at = (at + 1) & mask;
    return at;
  }

  private grow(): void {
    const { keys, counts } = this;
    this.keys = new Float64Array(keys.length * 2).fill(-1);
    this.counts = new Float64Array(keys.length * 2);
    keys.forEach((key, at) => {
      if (key === -1) return;
      const to = this.find(key);
      this.keys[to] = key;
      this.counts[to] = counts[at] as number;
    });
  }

  *entries(): Generator<readonly [number, number]> {
    for (const [at, key] of this.keys.entries()) if (key !== -1) yield [key, this.counts[at] as number];
  }
}

export class LineStatistics {
  /** By line: its place in the statistics + 1, 0 where it never moved. */
  private readonly slots: Int32Array;
  private stats: Int32Array;
  private waits = new Float64Array(256);
  private lineOf = new Int32Array(256);
  private used = 0;
  private readonly stride: number;
  private readonly shift: number;
  private readonly code = new CodeCounts();
  private readonly timelineAt: Float64Array;
  private readonly timelineWhat: Int32Array;
  private timelineCount = 0;
  /** Whether the timeline is being written. */
  recording = false;
  readonly byDistance = new Float64Array(distances);
  /** Program counters are below this. */
  private readonly pcs: number;

  constructor(memoryBytes: number, lineBytes: number, pcs: number, timelineEntries: number) {
    this.shift = Math.log2(lineBytes);
    this.slots = new Int32Array(Math.ceil(memoryBytes / lineBytes));
    this.stride = Stat.cells + lineBytes / 4;
    this.stats = new Int32Array(256 * this.stride);
    this.pcs = pcs;
    this.timelineAt = new Float64Array(timelineEntries);
    this.timelineWhat = new Int32Array(timelineEntries * 3);
  }

  private slotOf(line: number): number {
    const known = this.slots[line] as number;
    if (known > 0) return known - 1;
    const slot = this.used++;
    if (slot === this.waits.length) {
      const larger = <T extends Int32Array | Float64Array>(old: T, made: T): T => {
        made.set(old);
        return made;
      };
      this.waits = larger(this.waits, new Float64Array(slot * 2));
      this.lineOf = larger(this.lineOf, new Int32Array(slot * 2));
      this.stats = larger(this.stats, new Int32Array(slot * 2 * this.stride));
    }
    this.slots[line] = slot + 1;
    this.lineOf[slot] = line;
    return slot;
  }

  /** A line that another CPU had moves; from memory, or to the only CPU that has it, is counted in the sums alone. */
  transfer(
    address: number,
    pc: number,
    distance: Distance,
    alone: boolean,
    waitTicks: number,
    endTicks: number,
    actor: number,
  ): void {
    this.byDistance[distance] = (this.byDistance[distance] as number) + 1;
    if (distance === Distance.memory || distance === Distance.self) return;
    const slot = this.slotOf(address >>> this.shift);
    const at = slot * this.stride;
    this.count(at + Stat.byDistance + distance);
    if (!alone) this.count(at + Stat.loads);
    this.count(at + Stat.cells + ((address & ((1 << this.shift) - 1)) >> 2));
    this.waits[slot] = (this.waits[slot] as number) + waitTicks;
    this.code.add(slot * this.pcs + pc);
    if (!this.recording || this.timelineCount >= this.timelineAt.length) return;
    const entry = this.timelineCount++;
    this.timelineAt[entry] = endTicks;
    this.timelineWhat[entry * 3] = address;
    this.timelineWhat[entry * 3 + 1] = actor;
    this.timelineWhat[entry * 3 + 2] = distance * 2 + (alone ? 1 : 0);
  }

  queued(line: number, waiting: number): void {
    const at = this.slotOf(line) * this.stride + Stat.mostWaiting;
    if (waiting > (this.stats[at] as number)) this.stats[at] = waiting;
  }

  private count(at: number): void {
    this.stats[at] = (this.stats[at] as number) + 1;
  }

  /** Lines that moved most, most first; all of them for a `limit` that is large enough. */
  hottest(limit: number, objectAt: (address: number) => HotLine["object"]): HotLine[] {
    const totals = Array.from({ length: this.used }, (_, slot) => ({ slot, transfers: this.total(slot) }));
    const hot = totals
      .filter(({ transfers }) => transfers > 0)
      .sort((a, b) => b.transfers - a.transfers || this.line(a.slot) - this.line(b.slot))
      .slice(0, limit);
    const code = new Map<number, LineCode[]>(hot.map(({ slot }) => [slot, []]));
    for (const [key, transfers] of this.code.entries()) {
      const slot = Math.floor(key / this.pcs);
      code.get(slot)?.push({ pc: key - slot * this.pcs, transfers });
    }
    return hot.map(({ slot, transfers }) => {
      const at = slot * this.stride;
      const cells = this.stats.subarray(at + Stat.cells, at + this.stride);
      const address = this.line(slot) * 2 ** this.shift;
      const cell = address + 4 * cells.indexOf(Math.max(...cells));
      const object = objectAt(cell);
      return {
        address,
        cell,
        ...(object === undefined ? {} : { object }),
        transfers,
        transfersByDistance: [...this.stats.subarray(at, at + distances)],
        loads: this.stats[at + Stat.loads] as number,
        waitNs: toNs(this.waits[slot] as number),
        mostWaiting: this.stats[at + Stat.mostWaiting] as number,
        code: (code.get(slot) ?? []).sort((a, b) => b.transfers - a.transfers || a.pc - b.pc),
      };
    });
  }

  private total(slot: number): number {
    let sum = 0;
    for (let distance = 0; distance < distances; distance++)
      sum += this.stats[slot * this.stride + distance] as number;
    return sum;
  }

  private line(slot: number): number {
    return this.lineOf[slot] as number;
  }

  timeline(): TimelineEntry[] {
    const entries = Array.from({ length: this.timelineCount }, (_, entry) => {
      const what = this.timelineWhat[entry * 3 + 2] as number;
      return {
        atNs: toNs(this.timelineAt[entry] as number),
        address: this.timelineWhat[entry * 3] as number,
        cpu: this.timelineWhat[entry * 3 + 1] as number,
        distance: what >> 1,
        exclusive: (what & 1) === 1,
      };
    });
    return entries.sort((a, b) => a.atNs - b.atNs || a.address - b.address || a.cpu - b.cpu);
  }
}
