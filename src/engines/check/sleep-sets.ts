/**
 * Who sleeps after an event: what was tried before it and does not conflict with it (Godefroid's sleep sets). Which marks
 * something passes is known only once it was done. But whatever sleeps was done, where it was put to sleep, and since then
 * nothing happened that it depends on: what it touched there it would touch here.
 */
import type { Execution } from "./execution.ts";
import { type Transition, TransitionKind, transitionStride } from "./types.ts";

/** By choice: what marks touched, as in `Accesses.list`. */
type Marks = Map<number, Int32Array>;

function processOf(transition: Transition): number {
  const kind = transition % transitionStride;
  return 2 * Math.floor(transition / transitionStride) + (kind === TransitionKind.flush ? 1 : 0);
}

export class SleepSets {
  private readonly execution: Execution;
  /** By state: of what sleeps there or was tried there. */
  private readonly marks: (Marks | null)[] = [];

  constructor(execution: Execution) {
    this.execution = execution;
  }

  /** Who sleeps at a state and does not conflict with the event that is being looked at, which is about to happen there. */
  unmoved(state: number, choice: number): number {
    const { choices, grace, log, machine, numbers, touches } = this.execution;
    const process = log.process[log.length] as number;
    let asleep = 0;
    for (let left = (choices.sleep[state] as number) & ~(1 << choice); left !== 0; left &= left - 1) {
      const bit = left & -left;
      const transition = numbers.transitionOf(31 - Math.clz32(bit));
      if (processOf(transition) === process) continue;
      const count = touches.accessesOf(transition, grace.roleOf(transition));
      const conflicts = count > 0 && log.conflictsWith(machine.accesses.list, count);
      if (!conflicts || this.commutes(transition)) asleep |= bit;
    }
    return asleep;
  }

  /** As `EventLog.commutes`, for the event that is being looked at and what sleeps. */
  private commutes(asleep: Transition): boolean {
    const { log, machine, touches } = this.execution;
    const event = log.length;
    const actor = Math.floor(asleep / transitionStride);
    const isOwn = (log.process[event] as number) >> 1 === actor;
    const loaded = log.loaded[event] as number;
    if (loaded >= 0) return loaded === touches.overwritten(asleep) && (isOwn || log.isForwarded());
    const cell = log.cell[event] as number;
    if (cell < 0 || cell !== touches.loaded(asleep)) return false;
    return isOwn || machine.world.buffers.newestStore(actor, cell * 4) >= 0;
  }

  /** Notes the marks that what was just done at a state passed. */
  noteMarks(state: number, choice: number): void {
    const { bookAccesses, bookCount } = this.execution.machine.marks;
    if (bookCount === 0) return;
    let marks = this.marks[state];
    if (!marks) {
      marks = new Map();
      this.marks[state] = marks;
    }
    marks.set(choice, bookAccesses.slice(0, bookCount));
  }

  /**
   * Of those `unmoved` by the event that is being looked at, which has happened by now, those that do not conflict with it
   * through marks either: they sleep at the state behind it.
   */
  inherited(state: number, unmoved: number): number {
    const { log, machine, numbers } = this.execution;
    const marked = machine.marks.bookCount > 0;
    const known = this.marks[state] ?? null;
    this.marks[state + 1] = null;
    if (unmoved === 0 || (known === null && !marked)) return unmoved;
    let asleep = unmoved;
    for (let left = unmoved; left !== 0; left &= left - 1) {
      const choice = 31 - Math.clz32(left & -left);
      const marks = known?.get(choice);
      if (!marked && marks === undefined) continue;
      let count = this.keepObjects(numbers.transitionOf(choice));
      if (marks !== undefined) for (const access of marks) count = machine.accesses.add(count, access);
      if (log.conflictsWith(machine.accesses.list, count)) asleep &= ~(1 << choice);
      else if (marks !== undefined) this.inherit(state + 1, choice, marks);
    }
    return asleep;
  }

  private inherit(state: number, choice: number, marks: Int32Array): void {
    const known = this.marks[state];
    if (known) known.set(choice, marks);
    else this.marks[state] = new Map([[choice, marks]]);
  }

  /** What a transition touches but for cells, which marks have nothing to do with, into `machine.accesses.list`; how many keys. */
  private keepObjects(transition: Transition): number {
    const { grace, machine, touches } = this.execution;
    const { list } = machine.accesses;
    const count = touches.accessesOf(transition, grace.roleOf(transition));
    let kept = 0;
    for (let i = 0; i < count; i++) {
      if ((list[i] as number) >= machine.keys.objects * 2) list[kept++] = list[i] as number;
    }
    return kept;
  }
}
