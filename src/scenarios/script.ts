/** Writes the script of one CPU of a program scenario: records as in src/kernel/events.ts, with events that only its program knows. */
import { Event, repeatDepth } from "../kernel/events.ts";

/** Cells of one record. */
const recordCells = 4;
const maxOperand = 0x7fff_ffff;

/**
 *     const script = new ScenarioScript();
 *     script.repeat(100, () => script.add(ProcEvent.visit, pid, thinkNs));
 *     script.finish();
 */
export class ScenarioScript {
  #cells: number[] = [];
  #depth = 0;
  /** Records executed, blocks multiplied out, in each open block. */
  #executed = [0];

  /** Records that are executed, blocks multiplied out; `end` is not. */
  get executed(): number {
    return this.#executed[0] ?? 0;
  }

  /** Appends one record. RangeError (a defect of the scenario) where an operand is no integer from 0 to 2^31 - 1. */
  add(event: number, a = 0, b = 0, c = 0): void {
    for (const value of [event, a, b, c]) {
      if (!Number.isInteger(value) || value < 0 || value > maxOperand)
        throw new RangeError(`${event}: ${value} is not an integer of 0 to 2^31-1`);
    }
    this.#cells.push(event, a, b, c);
    this.#count(1);
  }

  /** This CPU's progress goes up. */
  post(): void {
    this.add(Event.post);
  }

  /** Waits until CPU `cpu` has passed `post` `count` times. */
  waitFor(cpu: number, count: number): void {
    this.add(Event.waitFor, cpu, count);
  }

  /** Appends what `body` adds as a block that is executed `count` times. */
  repeat(count: number, body: () => void): void {
    if (count === 0) return;
    if (count === 1) {
      body();
      return;
    }
    if (this.#depth === repeatDepth) throw new RangeError(`repeat blocks nest at most ${repeatDepth} deep`);
    this.add(Event.repeat, count, 0);
    const head = this.#cells.length;
    this.#depth++;
    this.#executed.push(0);
    body();
    const inside = this.#executed.pop() ?? 0;
    this.#depth--;
    const records = (this.#cells.length - head) / recordCells;
    if (records === 0) throw new RangeError("a repeat block needs a record");
    this.#cells[head - 2] = records;
    this.#count(inside * count);
  }

  /** Appends `end`; the script, four cells for each record. */
  finish(): Int32Array {
    return Int32Array.from([...this.#cells, Event.end, 0, 0, 0]);
  }

  #count(records: number): void {
    const last = this.#executed.length - 1;
    this.#executed[last] = (this.#executed[last] ?? 0) + records;
  }
}

/** The scripts, and how many records all of them execute. */
export function finished(scripts: readonly ScenarioScript[]): { scripts: Int32Array[]; records: number } {
  return {
    scripts: scripts.map((script) => script.finish()),
    records: scripts.reduce((sum, script) => sum + script.executed, 0),
  };
}
