/**
 * Scripts: what one CPU does, as data. This file holds the builder that every workload writes its records with; what a
 * whole workload is stands in workload.ts, the events in src/kernel/events.ts.
 */
import { Event, LoadFlags, PolicyMode, repeatDepth, StallIn } from "../kernel/events.ts";

/** Cells of one record. */
export const recordCells = 4;

/** Largest operand: a cell is a signed 32-bit integer and no operand is negative. */
const maxOperand = 0x7fff_ffff;

/** `MAY_*` of include/linux/fs.h (v6.6): the mask of a permission event. */
export const mayExecute = 1;
export const mayWrite = 2;
export const mayRead = 4;

/** What an operand of an event stands for; decides its range and how it is printed. */
export type OperandKind =
  | "fd"
  | "newFd"
  | "mask"
  | "task"
  | "shareCred"
  | "profile"
  | "parent"
  | "isHat"
  | "unconfined"
  | "channel"
  | "ns"
  | "cpu"
  | "count"
  | "records"
  | "namespace"
  | "parentNamespace"
  | "rank"
  | "mode"
  | "loadFlags"
  | "slot"
  | "rawdataSlot"
  | "answer"
  | "stallIn";

/** The operands of every event, in the order of the cells a, b, c. */
export const eventOperands: Readonly<Record<Event, readonly OperandKind[]>> = {
  [Event.end]: [],
  [Event.open]: ["newFd"],
  [Event.close]: ["fd"],
  [Event.permission]: ["fd", "mask"],
  [Event.send]: ["fd"],
  [Event.accept]: ["fd", "newFd"],
  [Event.socket]: ["newFd"],
  [Event.secid]: [],
  [Event.fork]: ["task", "shareCred"],
  [Event.exec]: ["profile"],
  [Event.exit]: [],
  [Event.dup]: ["fd", "newFd"],
  [Event.passFile]: ["fd", "channel"],
  [Event.receiveFile]: ["newFd", "channel"],
  [Event.changeProfile]: ["profile"],
  [Event.removeProfile]: ["profile"],
  [Event.think]: ["ns"],
  [Event.request]: [],
  [Event.post]: [],
  [Event.waitFor]: ["cpu", "count"],
  [Event.repeat]: ["count", "records"],
  [Event.switchTask]: ["task"],
  [Event.pair]: ["profile", "ns"],
  [Event.nameProfile]: ["profile", "namespace", "rank"],
  [Event.nameChild]: ["profile", "parent", "isHat"],
  [Event.createNamespace]: ["namespace", "parentNamespace", "unconfined"],
  [Event.destroyNamespace]: ["namespace"],
  [Event.loadProfile]: ["profile", "mode", "loadFlags"],
  [Event.answer]: ["answer"],
  [Event.stackProfile]: ["profile"],
  [Event.changeHat]: ["profile"],
  [Event.keepLabel]: ["slot"],
  [Event.dropLabel]: ["slot"],
  [Event.parseLabel]: ["slot"],
  [Event.lookUpLabel]: ["slot"],
  [Event.signalTask]: ["task"],
  [Event.openRawdata]: ["profile", "rawdataSlot"],
  [Event.closeRawdata]: ["rawdataSlot"],
  [Event.stall]: ["ns", "stallIn"],
};

/** The operands of an event number found in a script; `undefined` for a number that no event has. */
export function operandsOf(event: number): readonly OperandKind[] | undefined {
  return (eventOperands as Readonly<Record<number, readonly OperandKind[]>>)[event];
}

/** Largest values of operands that are no index into something. */
const largest: Partial<Record<OperandKind, number>> = {
  shareCred: 1,
  isHat: 1,
  mode: PolicyMode.user,
  stallIn: StallIn.section,
  loadFlags: LoadFlags.replace | LoadFlags.more,
};

/** Throws a RangeError (a defect of a workload, never a user's mistake) unless the record can be executed. */
function checkRecord(event: number, a: number, b: number, c: number): void {
  const operands = operandsOf(event);
  if (operands === undefined) throw new RangeError(`no event has number ${event}`);
  for (const [index, value] of [a, b, c].entries()) {
    if (!Number.isInteger(value) || value < 0 || value > maxOperand) {
      throw new RangeError(`${Event[event]}: operand ${index} is ${value}, not an integer of 0 to 2^31-1`);
    }
    const kind = operands[index];
    if (kind === undefined && value !== 0) {
      throw new RangeError(`${Event[event]} has no operand ${index}, but it is ${value}`);
    }
    if (kind === "mask" && (value === 0 || value > 7)) throw new RangeError(`access mask ${value}`);
    const most = kind === undefined ? undefined : largest[kind];
    if (most !== undefined && value > most) throw new RangeError(`${Event[event]}: ${kind} ${value}`);
  }
}

/**
 * Writes one CPU's script, record by record. `finish` appends `end` and hands out the cells.
 *
 *     const script = new ScriptBuilder();
 *     script.add(Event.switchTask, 0);
 *     script.repeat(1000, () => { script.add(Event.open, 3); script.add(Event.close, 3); });
 *     const cells = script.finish();
 */
export class ScriptBuilder {
  #cells = new Int32Array(256 * recordCells);
  #records = 0;
  #depth = 0;
  #finished = false;

  /** Records written so far, repeat records included, repeated ones counted once. */
  get records(): number {
    return this.#records;
  }

  /** Appends one record. RangeError where an operand does not fit; blocks are opened by `repeat` only. */
  add(event: Event, a = 0, b = 0, c = 0): void {
    if (event === Event.repeat || event === Event.end) {
      throw new RangeError(`${Event[event]} is written by the builder`);
    }
    this.#append(event, a, b, c);
  }

  /** Appends records made elsewhere (4 cells each, no repeat blocks, no `end`). */
  addAll(cells: ArrayLike<number>): void {
    if (cells.length % recordCells !== 0) throw new RangeError(`${cells.length} cells are no whole records`);
    for (let at = 0; at < cells.length; at += recordCells) {
      this.add(cells[at] as Event, cells[at + 1], cells[at + 2], cells[at + 3]);
    }
  }

  /**
   * Appends what `body` adds as a block that is executed `count` times. 0 times: nothing is written; once: no block; an
   * empty body is a defect. Blocks nest up to `repeatDepth` deep.
   */
  repeat(count: number, body: () => void): void {
    if (!Number.isInteger(count) || count < 0 || count > maxOperand) {
      throw new RangeError(`repeat count ${count}`);
    }
    if (count === 0) return;
    if (count === 1) {
      body();
      return;
    }
    if (this.#depth === repeatDepth) throw new RangeError(`repeat blocks nest at most ${repeatDepth} deep`);
    const head = this.#records;
    this.#append(Event.repeat, count, 0, 0);
    this.#depth++;
    body();
    this.#depth--;
    const bodyRecords = this.#records - head - 1;
    if (bodyRecords === 0) throw new RangeError("a repeat block needs a record");
    this.#cells[head * recordCells + 2] = bodyRecords;
  }

  /** Appends `end` and returns the script: 4 cells for each record. The builder cannot be used afterwards. */
  finish(): Int32Array {
    if (this.#depth !== 0) throw new RangeError("finish inside a repeat block");
    this.#append(Event.end, 0, 0, 0);
    this.#finished = true;
    return this.#cells.slice(0, this.#records * recordCells);
  }

  #append(event: Event, a: number, b: number, c: number): void {
    if (this.#finished) throw new RangeError("the script is finished");
    checkRecord(event, a, b, c);
    const at = this.#records * recordCells;
    if (at === this.#cells.length) {
      const larger = new Int32Array(this.#cells.length * 2);
      larger.set(this.#cells);
      this.#cells = larger;
    }
    this.#cells[at] = event;
    this.#cells[at + 1] = a;
    this.#cells[at + 2] = b;
    this.#cells[at + 3] = c;
    this.#records++;
  }
}
