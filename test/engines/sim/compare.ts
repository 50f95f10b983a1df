/** What a simulator tells beside its result, so that two can be compared operation by operation. */
import type { Distance, SimJob, SimResult } from "../../../src/engines/sim/types.ts";
import type { Op } from "../../../src/machine/ops.ts";

/** Hears of what happens in the run; times in ticks of 1/16 ns. */
export interface RunProbe {
  /** An operation is performed. Operations of one actor come in their order. `address`: operand 0. */
  onOp?(ticks: number, actor: number, op: Op, address: number, result: number): void;
  /** A store that waited in the buffer is written. */
  onWritten?(ticks: number, actor: number, address: number, value: number): void;
  /** A transfer ends. `lineAddress` in bytes; `exclusive`: the actor has it alone from now on. */
  onTransfer?(
    ticks: number,
    actor: number,
    lineAddress: number,
    distance: Distance,
    exclusive: boolean,
  ): void;
}

/** A line that moved. */
export interface LineFacts {
  readonly address: number;
  readonly transfers: number;
  readonly transfersByDistance: readonly number[];
  readonly loads: number;
  readonly waitNs: number;
  readonly mostWaiting: number;
}

export interface RunFacts {
  /** When the last actor was done, before the tear-down. */
  readonly memory: Int32Array;
  readonly lines: readonly LineFacts[];
}

/** What the model itself says of a result. */
export type ModelResult = Pick<
  SimResult,
  | "elapsedNs"
  | "cpuNs"
  | "requests"
  | "byOp"
  | "operations"
  | "rmws"
  | "strategyRmws"
  | "transfersByDistance"
  | "time"
  | "marks"
  | "gracePeriods"
>;

/** Requests done by a time, each time that there was one more. */
export interface RequestLog {
  readonly atNs: number;
  readonly requests: number;
}

export interface Observed {
  readonly result: ModelResult;
  readonly facts: RunFacts;
}

/** A simulator under test. */
export interface SimEngine {
  readonly name: string;
  observe(job: SimJob, probe?: RunProbe): Observed;
}
