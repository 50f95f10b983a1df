/**
 * Which pairs of events of the present execution could have happened the other way round, and which process has to go first for
 * that: the heart of source-DPOR (Abdulla, Aronis, Jonsson, Sagonas, "Optimal dynamic partial order reduction", POPL 2014).
 *
 * What an event waits for makes it harder than in the paper, which has no blocking. An operation that waits (an await, a grace
 * period, a callback) races with every write it could have come before, but not with one that it waited for. So the walk back
 * from it goes on past writes before which it was blocked, or before which its actor had not come to it yet, to earlier ones,
 * although these come before the later ones anyway; and it is also done for operations that still wait when the execution ends.
 */

import { Op } from "../../machine/ops.ts";
import type { EventLog } from "./clocks.ts";
import { grown } from "./grown.ts";

/** Sets of things that can happen, one bit each (`EventLog.choice`), by state of the present execution. */
export class Choices {
  /** What can happen. */
  enabled = new Int32Array(64);
  /** What has to be tried. */
  backtrack = new Int32Array(64);
  /** What need not be tried: everything that begins with it was seen. */
  sleep = new Int32Array(64);
  /** What is being tried: a number, no set. */
  present = new Int32Array(64);

  get bytes(): number {
    return this.enabled.byteLength * 4;
  }

  /** Makes room for a state. */
  reach(state: number): void {
    if (state < this.enabled.length) return;
    this.enabled = grown(this.enabled);
    this.backtrack = grown(this.backtrack);
    this.sleep = grown(this.sleep);
    this.present = grown(this.present);
  }
}

/** What an await waits for, by its operation. */
export interface Awaited {
  readonly op: Op;
  readonly cell: number;
  readonly value: number;
}

function satisfies({ op, value }: Awaited, found: number): boolean {
  if (op === Op.awaitEqual) return found === value;
  return op === Op.awaitNotEqual ? found !== value : ((found - value) | 0) >= 0;
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
    const bit = 1 << (log.choice[event] as number);
    for (let earlier = event - 1; earlier >= 0; earlier--) {
      if ((clocks[from + (process[earlier] as number)] as number) > earlier) continue;
      if (!log.conflicts(earlier, event)) continue;
      this.reverse(earlier, event, bit);
      log.join(event, earlier);
    }
  }

  /**
   * The same for one that may wait. `drained`: the last flush that it waited for, or -1; `own`: the set of what the actor could
   * do in its place; `awaited`: null where it waits for something else than a cell.
   */
  findWaiting(drained: number, own: number, awaited: Awaited | null): void {
    const { choices, cover, log } = this;
    const event = log.length;
    const { clocks, process, processes } = log;
    const from = event * processes;
    cover.set(clocks.subarray(from, from + processes));
    const arrived = Math.max(log.previous[event] as number, drained);
    for (let earlier = event - 1; earlier >= 0; earlier--) {
      const other = process[earlier] as number;
      if ((cover[other] as number) > earlier || !log.conflicts(earlier, event)) continue;
      let ready = 0;
      let enabled: boolean;
      if (arrived < earlier) {
        ready = (choices.enabled[earlier] as number) & own;
        enabled = ready !== 0;
      } else if (awaited !== null && log.cell[earlier] === awaited.cell) {
        enabled = satisfies(awaited, log.before[earlier] as number);
        if (!enabled) {
          log.join(event, earlier);
          continue;
        }
      } else enabled = false;
      this.reverse(earlier, event, ready);
      log.join(event, earlier);
      if (!enabled) continue;
      for (let q = 0; q < processes; q++) {
        cover[q] = Math.max(cover[q] as number, log.clocks[earlier * processes + q] as number);
      }
    }
  }

  /**
   * Makes sure that an order is tried in which `event` happens before `earlier`: of what does not come after `earlier`, something
   * with nothing before it must be tried in its place. `ready`: as a set, what `event` could be there if nothing kept precedes it.
   */
  reverse(earlier: number, event: number, ready: number): void {
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
      let choice = ready;
      if (kept < event) {
        if ((clocks[row + loser] as number) > earlier) continue;
        choice = 1 << (log.choice[kept] as number);
      } else if (ready === 0) break;
      let initial = true;
      for (let left = seen; left !== 0 && initial; left &= left - 1) {
        const q = 31 - Math.clz32(left & -left);
        if ((clocks[row + q] as number) > (first[q] as number)) initial = false;
      }
      seen |= bit;
      first[process[kept] as number] = kept;
      if (!initial) continue;
      if ((known & choice) === choice) return;
      if (chosen === 0 || kept === event) chosen = choice;
    }
    choices.backtrack[earlier] = (choices.backtrack[earlier] as number) | chosen;
  }
}
