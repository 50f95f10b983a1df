/** Programs on which a search or the machine was wrong once, as small as they come. */
import type { CheckActorProgram, CheckFuzzProgram, CheckStep } from "./check-program.ts";

function actor(...steps: CheckStep[]): CheckActorProgram {
  return { steps, shown: [], copies: 1 };
}

const nothing: Omit<CheckFuzzProgram, "seed" | "actors"> = {
  callback: null,
  softirqs: 1,
  maintenance: { steps: [], rounds: 1 },
  born: [],
  final: [],
  leaks: false,
};

export const checkRegressions: readonly CheckFuzzProgram[] = [
  {
    ...nothing,
    seed: "a store to memory that becomes an object, and is freed, later",
    actors: [
      actor({ kind: "store", op: "store", place: "p + 32", value: 1 }),
      actor({ kind: "allocated", object: "p" }, { kind: "freed", object: "p" }),
    ],
  },
  {
    ...nothing,
    seed: "a load from memory that was an object, or becomes one later",
    actors: [
      actor({ kind: "allocated", object: "p" }, { kind: "freed", object: "p" }),
      actor({ kind: "load", op: "load", place: "p + 32", into: "a" }),
    ],
  },
  {
    ...nothing,
    seed: "a head queued by two, taken or not yet taken from the first",
    callback: "count",
    born: ["p"],
    actors: [
      actor({ kind: "callRcu", object: "p", callback: 1 }),
      actor({ kind: "callRcu", object: "p", callback: 1 }),
    ],
  },
];
