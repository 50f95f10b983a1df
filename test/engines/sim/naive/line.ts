/** A line, and what is told of it in the end. */
import { distances } from "../../../../src/engines/sim/types.ts";
import type { Actor, Request } from "./actor.ts";

export type LineState = "nobody" | "exclusive" | "shared" | "moving";

export class Line {
  readonly number: number;
  state: LineState = "nobody";
  /** Who has it alone (`exclusive`). */
  owner: Actor | null = null;
  /** Who owned it last, of those that share it (`shared`). */
  source: Actor | null = null;
  readonly sharers = new Set<Actor>();
  /** Transfers to further sharers that are under way. */
  fetches = 0;
  readonly queue: Request[] = [];
  bypassed = false;
  readonly watchers = new Set<Actor>();

  readonly transfersByDistance: number[] = new Array(distances).fill(0);
  loads = 0;
  waitTicks = 0;
  mostWaiting = 0;

  constructor(number: number) {
    this.number = number;
  }

  /** Everybody who has it. */
  havers(): readonly Actor[] {
    return this.owner === null ? [...this.sharers] : [this.owner];
  }
}
