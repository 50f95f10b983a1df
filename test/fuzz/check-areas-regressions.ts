/** Programs on which a search was wrong once, as small as they come. */
import type { MemoryModel } from "../../src/engines/check/types.ts";
import type { AreaProgram } from "./check-areas.ts";

interface AreaRegression {
  readonly program: AreaProgram;
  readonly model: MemoryModel;
  /** States that it may have. */
  readonly limit?: number;
}

const nothing: Omit<AreaProgram, "seed"> = {
  member: [],
  copies: 0,
  others: [],
  boot: [],
  callback: [],
  softirqs: 0,
  maintenance: [],
  leaks: false,
};

const born = ["allocated(p, 1, 64);", "allocated(q, 1, 64);"];
const noteOrder = "store(z, load(z) * 8 + ((i32(head) >> 6) & 7) + 1);";

function counting(cell: string): string[] {
  return Array.from({ length: 12 }, (_, index) => `store(${cell}, ${index + 1});`);
}

export const areaRegressions: readonly AreaRegression[] = [
  {
    model: "tso",
    program: {
      ...nothing,
      seed: "the actor that takes callbacks has queued one itself, which nobody has seen yet",
      others: [
        ["callRcu(p, 2);", "callRcu(q, 1);", "fetchAdd(w, 1);"],
        ["awaitEqual(y, 1);", "rcuReadLock();", "rcuReadUnlock();"],
      ],
      boot: born,
      callback: [
        ["if (load(head + 8) === 2) {", ["fetchAdd(x, load(w));", "callRcu(head, 1);", "continue;"], "}"],
        "fetchAdd(y, 1);",
        noteOrder,
      ],
      softirqs: 1,
    },
  },
  {
    model: "tso",
    program: {
      ...nothing,
      seed: "a callback is taken while another one of an interchangeable actor is in its buffer",
      copies: 3,
      member: [
        "a = fetchAdd(w, 1);",
        ["if (a === 0) {", ["callRcu(p, 1);", "fetchAdd(y, 1);"], "}"],
        ["if (a === 1) {", ["a = load(y) + 10;", "callRcu(q, 1);"], "}"],
      ],
      boot: born,
      callback: [noteOrder],
      softirqs: 1,
    },
  },
  {
    model: "sc",
    program: {
      ...nothing,
      seed: "objects in the areas of interchangeable actors",
      copies: 2,
      member: ["allocated(own + 16, 1, 16);", "a = fetchAdd(x, 1);", "freed(own + 16);"],
    },
  },
  {
    model: "sc",
    limit: 100_000,
    program: {
      ...nothing,
      seed: "a decision relies on what the pass has learned to be wrong before",
      others: [
        [...counting("x"), ...counting("y"), "fetchAdd(w, 1);"],
        [
          ...["c = load(x);", "c = c * 16 + load(x);", "c = c * 16 + load(x);", "c = c * 16 + load(x);"],
          "b = load(y);",
          ["if (c === 0x369b) {", ["if (b === 0) b = load(w);", "else if (b === 12) a = 30 + load(w);"], "}"],
        ],
      ],
    },
  },
  {
    model: "sc",
    limit: 100_000,
    program: {
      ...nothing,
      seed: "a wait that is over for good once a private store was made early",
      others: [[...counting("x"), "store(y, 0);"]],
      boot: ["store(y, 1);", "store(z, 1);"],
      maintenance: [
        "c = load(x);",
        ...Array.from({ length: 3 }, () => "c = c * 16 + load(x);"),
        "b = c === 0x369c ? i32(y) : i32(z);",
        "awaitNotEqual(ptr(b), 0);",
        "store(w, b);",
      ],
    },
  },
  {
    model: "sc",
    program: {
      ...nothing,
      seed: "softirq actors that take a callback each, which one after the other would also do",
      copies: 2,
      member: [["if (fetchAdd(w, 1) === 0) {", ["callRcu(p, 1);"], "} else callRcu(q, 1);"]],
      boot: born,
      callback: [noteOrder, "freed(head);"],
      softirqs: 2,
    },
  },
];
