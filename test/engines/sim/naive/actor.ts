/** An actor, its store buffer, and what it has asked for. */

import type { Distance } from "../../../../src/engines/sim/types.ts";
import type { Op } from "../../../../src/machine/ops.ts";
import type { Line } from "./line.ts";

/** A line asked for, by an actor's own operation or for the oldest store in its buffer. */
export interface Request {
  readonly actor: Actor;
  readonly buffered: boolean;
  readonly line: Line;
  /** Byte address of the cell. */
  readonly address: number;
  readonly exclusive: boolean;
  readonly madeAt: number;
  /** Whether it had to queue. */
  queued: boolean;
  /** Set when its transfer begins; null before, and where it ends without one. */
  distance: Distance | null;
  /** Whether that was before the last script's end. */
  counted: boolean;
  /** Whether the actor will have the line alone. */
  alone: boolean;
}

export interface BufferedStore {
  readonly address: number;
  readonly value: number;
}

/** The line that a CPU was last given alone, and how long it may keep it from others. */
export interface Hold {
  readonly line: Line;
  /** End of the transfer by which it came. */
  readonly since: number;
  end: number;
}

export type Role = "script" | "softirq" | "maintenance";

/** What an actor that has no event of its own waits for. */
export type Waiting =
  | "nothing"
  | "line"
  | "emptyBuffer"
  | "roomInBuffer"
  | "watchedLine"
  | "tick"
  | "gracePeriod"
  | "callback"
  | "nextCall"
  | "ended";

export class Actor {
  readonly number: number;
  readonly role: Role;
  /** First word of its state. */
  readonly base: number;
  /** The operation that it has come to. */
  op: Op = 0 as Op;
  /** When it came to it. */
  since = 0;
  waiting: Waiting = "nothing";
  /** The request of its own operation. */
  own: Request | null = null;
  /** The request for the oldest store in its buffer. */
  buffered: Request | null = null;
  readonly buffer: BufferedStore[] = [];
  hold: Hold | null = null;
  /** Depth of read sections, and when the outermost was entered. */
  nesting = 0;
  enteredAt = 0;
  /** When a `synchronizeRcu` it has come to is over; null before. */
  synchronized = false;
  endedAt: number | null = null;

  constructor(number: number, role: Role, base: number) {
    this.number = number;
    this.role = role;
    this.base = base;
  }

  /** The newest value that the buffer holds for a cell; undefined for none. */
  forwarded(address: number): number | undefined {
    return this.buffer.findLast((store) => store.address === address)?.value;
  }
}
