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

/** An open-addressed table of counts by line (its slot) and program counter. */
class CodeCounts {
  /** Slot + 1 (0: nothing here), program counter, count. */
  private entries = new Int32Array(3 * 1024);
  private used = 0;

  add(slot: number, pc: number): void {
    const at = this.find(slot, pc);
    const { entries } = this;
    if (entries[at] === 0) {
      entries[at] = slot + 1;
      entries[at + 1] = pc;
      this.used++;
    }
    entries[at + 2] = (entries[at + 2] as number) + 1;
    if (this.used * 6 > entries.length) this.grow();
  }

  private find(slot: number, pc: number): number {
    const { entries } = this;
    const mask = entries.length / 3 - 1;
    let place = (Math.imul(slot, 0x9e3779b1) ^ Math.imul(pc, 0x85ebca6b)) >>> 8;
    for (;;) {
      const at = 3 * (place & mask);
      if (entries[at] === 0 || (entries[at] === slot + 1 && entries[at + 1] === pc)) return at;
      place++;
    }
  }

  private grow(): void {
    const old = this.entries;
    this.entries = new Int32Array(old.length * 2);
    for (let at = 0; at < old.length; at += 3) {
      if (old[at] === 0) continue;
      const to = this.find((old[at] as number) - 1, old[at + 1] as number);
      this.entries.set(old.subarray(at, at + 3), to);
    }
  }

  *all(): Generator<readonly [slot: number, code: LineCode]> {
    const { entries } = this;
    for (let at = 0; at < entries.length; at += 3) {
      if (entries[at] === 0) continue;
      const [slot, pc, transfers] = entries.subarray(at, at + 3) as unknown as [number, number, number];
      yield [slot - 1, { pc, transfers }];
    }
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

  constructor(memoryBytes: number, lineBytes: number, timelineEntries: number) {
    this.shift = Math.log2(lineBytes);
    this.slots = new Int32Array(Math.ceil(memoryBytes / lineBytes));
    this.stride = Stat.cells + lineBytes / 4;
    this.stats = new Int32Array(256 * this.stride);
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
  transfer(address: number, pc: number, distance: Distance, alone: boolean, waitTicks: number): void {
    this.byDistance[distance] = (this.byDistance[distance] as number) + 1;
    if (distance === Distance.memory || distance === Distance.self) return;
    const slot = this.slotOf(address >>> this.shift);
    const at = slot * this.stride;
    this.count(at + Stat.byDistance + distance);
    if (!alone) this.count(at + Stat.loads);
    this.count(at + Stat.cells + ((address & ((1 << this.shift) - 1)) >> 2));
    this.waits[slot] = (this.waits[slot] as number) + waitTicks;
    this.code.add(slot, pc);
  }

  /** Begins the timeline, or goes on with it while there is room. */
  record(): void {
    this.recording = this.timelineCount < this.timelineAt.length;
  }

  /** The same for the timeline, while there is room in it. */
  note(address: number, distance: Distance, alone: boolean, endTicks: number, actor: number): void {
    if (distance === Distance.memory || distance === Distance.self) return;
    const entry = this.timelineCount++;
    this.timelineAt[entry] = endTicks;
    this.timelineWhat[entry * 3] = address;
    this.timelineWhat[entry * 3 + 1] = actor;
    this.timelineWhat[entry * 3 + 2] = distance * 2 + (alone ? 1 : 0);
    if (this.timelineCount === this.timelineAt.length) this.recording = false;
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
    for (const [slot, place] of this.code.all()) code.get(slot)?.push(place);
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
