/** A look inside a simulation, for tests that compare it with another one operation by operation. Times are ticks. */
import type { Op } from "../../machine/ops.ts";
import type { Distance, SimResult } from "./types.ts";

export interface SimProbe {
  /**
   * An operation takes effect: a load or an await when its value is read, an RMW when it is done, a store when the CPU does it, what
   * waits (`synchronizeRcu`, `rcuTake`) when it goes on, the others when they begin. `address` is the first operand, `result`
   * what the program is given. In program order for each actor.
   */
  onOp?(ticks: number, actor: number, op: Op, address: number, result: number): void;
  /** A store that waited in the buffer is written. */
  onWritten?(ticks: number, actor: number, address: number, value: number): void;
  /** A transfer that ends at `ticks`; told when it begins. `exclusive`: the actor has the line alone from then on, if it asked so. */
  onTransfer?(
    ticks: number,
    actor: number,
    lineAddress: number,
    distance: Distance,
    exclusive: boolean,
  ): void;
}

/** Statistics of one line, all of them and not only the hottest. */
export interface LineFacts {
  readonly address: number;
  readonly transfers: number;
  readonly transfersByDistance: readonly number[];
  readonly loads: number;
  readonly waitNs: number;
  readonly mostWaiting: number;
}

export interface Observed {
  readonly result: SimResult;
  /** Memory when the virtual time is over, before the tear-down. */
  readonly memory: Int32Array;
  readonly lines: readonly LineFacts[];
}
