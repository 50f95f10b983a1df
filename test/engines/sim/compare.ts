/** What a simulator tells beside its result, so that two can be compared operation by operation. */
import {
  type SimJob,
  type Observed as SimObserved,
  type SimProbe,
  type SimResult,
  simulateObserved,
} from "../../../src/engines/sim/index.ts";

/** What is told of lines and memory when the virtual time is over. */
export type RunFacts = Pick<SimObserved, "memory" | "lines">;

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
  observe(job: SimJob, probe?: SimProbe): Observed;
}

/** The one that is shipped. */
export const fastEngine: SimEngine = {
  name: "fast",
  observe(job, probe) {
    const { result, memory, lines } = simulateObserved(job, probe);
    return { result, facts: { memory, lines } };
  },
};
