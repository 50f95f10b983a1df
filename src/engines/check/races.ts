/**
 * Which pairs of events of the present execution could have happened the other way round, and which process has to go first for
 * that: the heart of source-DPOR (Abdulla, Aronis, Jonsson, Sagonas, "Optimal dynamic partial order reduction", POPL 2014).
 *
 * What an event waits for makes it harder than in the paper, which has no blocking. An operation that waits (an await, a grace
 * period, a callback) races with every write it could have come before, but not with one that it waited for. So the walk back
 * from it goes on past writes before which it was blocked, or before which its actor had not come to it yet, to earlier ones,
 * although these come before the later ones anyway; and it is also done for operations that still wait when the execution ends.
 */
import type { EventLog } from "./clocks.ts";

/** Sets of processes, one bit each, by state of the present execution. */
export class Choices {
  /** What can happen. */
  enabled = new Int32Array(64);
  /** Of that, what can happen in more than one way. */
  several = new Int32Array(64);
  /** What has to be tried. */
  backtrack = new Int32Array(64);
  /** What need not be tried: everything that begins with it was seen. */
  sleep = new Int32Array(64);
  /** The process (no set) that is being tried, or -1. */
  present = new Int32Array(64);
  /** In how many ways it was tried. */
  tried = new Int32Array(64);

  get bytes(): number {
    return this.enabled.byteLength * 6;
  }

  /** Makes room for a state. */
  reach(state: number): void {
    if (state < this.enabled.length) return;
    const grow = (array: Int32Array): Int32Array<ArrayBuffer> => {
      const larger = new Int32Array(array.length * 2);
      larger.set(array);
      return larger;
    };
    this.enabled = grow(this.enabled);
    this.several = grow(this.several);
    this.backtrack = grow(this.backtrack);
    this.sleep = grow(this.sleep);
    this.present = grow(this.present);
    this.tried = grow(this.tried);
  }
}

export class Races {
  private readonly log: EventLog;
  private readonly choices: Choices;
  /** As the clock of the event that is being looked at, without what it only waited for. */
  private readonly cover: Int32Array;
  /** By process: its first event in the part of the execution that is kept. */
  private readonly first: Int32Array;

  constructor(log: EventLog, choices: Choices) {
    this.log = log;
    this.choices = choices;
    this.cover = new Int32Array(log.processes);
    this.first = new Int32Array(log.processes);
  }

  /** Finds the races of the event that is being looked at, which never waits for a value, and completes its clock. */
  find(): void {
    const { log } = this;
    const event = log.length;
    const { clocks, process, processes } = log;
    const from = event * processes;
    for (let earlier = event - 1; earlier >= 0; earlier--) {
      if ((clocks[from + (process[earlier] as number)] as number) > earlier) continue;
      if (!log.conflicts(earlier, event)) continue;
      this.reverse(earlier, event, true);
      log.join(event, earlier);
    }
  }

  /** The same for one that may wait. `drained`: the last flush it waited for, or -1. */
  findWaiting(drained: number): void {
    const { choices, cover, log } = this;
    const event = log.length;
    const { clocks, process, processes } = log;
    const from = event * processes;
    cover.set(clocks.subarray(from, from + processes));
    const self = process[event] as number;
    const arrived = Math.max(log.previous[event] as number, drained);
    for (let earlier = event - 1; earlier >= 0; earlier--) {
      const other = process[earlier] as number;
      if ((cover[other] as number) > earlier || !log.conflicts(earlier, event)) continue;
      const was = arrived < earlier && ((choices.enabled[earlier] as number) & (1 << self)) !== 0;
      this.reverse(earlier, event, was);
      log.join(event, earlier);
      if (!was) continue;
      for (let q = 0; q < processes; q++) {
        cover[q] = Math.max(cover[q] as number, log.clocks[earlier * processes + q] as number);
      }
    }
  }

  /**
   * Makes sure that an order is tried in which `event` happens before `earlier`: of what does not come after `earlier`, something
   * with nothing before it must be tried in its place. `ready`: `event` itself can happen there if nothing kept precedes it.
   */
  private reverse(earlier: number, event: number, ready: boolean): void {
    const { choices, first, log } = this;
    const { clocks, process, processes } = log;
    const known = (choices.backtrack[earlier] as number) | (choices.sleep[earlier] as number);
    const loser = process[earlier] as number;
    let seen = 0;
    let chosen = 0;
    for (let kept = earlier + 1; kept <= event; kept++) {
      const bit = 1 << (process[kept] as number);
      if ((seen & bit) !== 0) continue;
      const row = kept * processes;
      if (kept === event) {
        if (!ready) break;
      } else if ((clocks[row + loser] as number) > earlier) continue;
      let initial = true;
      for (let left = seen; left !== 0 && initial; left &= left - 1) {
        const q = 31 - Math.clz32(left & -left);
        if ((clocks[row + q] as number) > (first[q] as number)) initial = false;
      }
      seen |= bit;
      first[process[kept] as number] = kept;
      if (!initial) continue;
      if ((known & bit) !== 0) return;
      if (chosen === 0 || kept === event) chosen = bit;
    }
    choices.backtrack[earlier] = (choices.backtrack[earlier] as number) | chosen;
  }
}
