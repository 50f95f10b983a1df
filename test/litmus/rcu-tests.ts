/**
 * Tests of grace periods: a section that began before one is over before it ends, and then all its stores have reached
 * memory; and a section is no fence. Two digits are two loads, `10 * first + second`.
 */
import { frightening, type LitmusTest } from "./litmus-test.ts";

export const rcuTests: readonly LitmusTest[] = [
  {
    name: "RCU-MP",
    asks: "Does a section that saw what came after a grace period see what came before it?",
    actors: [
      "store(x, 1); synchronizeRcu(); store(y, 1);",
      "rcuReadLock(); const first: i32 = load(y); const second: i32 = load(x); rcuReadUnlock(); return 10 * first + second;",
    ],
    sc: ["0,0", "0,1", "0,11"],
    tsoOnly: [],
    source: frightening,
  },
  {
    name: "RCU-deferred-free",
    asks: "May a section that missed what came before a grace period see what came after it?",
    actors: [
      "store(x, 1); synchronizeRcu(); store(y, 1);",
      "rcuReadLock(); const first: i32 = load(x); const second: i32 = load(y); rcuReadUnlock(); return 10 * first + second;",
    ],
    sc: ["0,0", "0,10", "0,11"],
    tsoOnly: [],
    source: frightening,
  },
  {
    name: "RCU-deferred-free without a section",
    asks: "Is it the section that forbids it?",
    actors: [
      "store(x, 1); synchronizeRcu(); store(y, 1);",
      "const first: i32 = load(x); const second: i32 = load(y); return 10 * first + second;",
    ],
    sc: ["0,0", "0,1", "0,10", "0,11"],
    tsoOnly: [],
    source: frightening,
  },
  {
    name: "RCU-deferred-free with callRcu",
    asks: "Does a callback wait for the section too?",
    actors: [
      "store(x, 1); callRcu(p, 1);",
      "rcuReadLock(); const first: i32 = load(x); const second: i32 = load(y); rcuReadUnlock(); return 10 * first + second;",
    ],
    callback: "store(y, 1);",
    sc: ["0,0", "0,10", "0,11"],
    tsoOnly: [],
    source: `${frightening}; Linux, Documentation/RCU/Design/Requirements: call_rcu`,
  },
  {
    name: "RCU+sync+read",
    asks: "Have a section's stores reached memory when the grace period is over?",
    actors: [
      "rcuReadLock(); store(x, 1); store(y, 1); rcuReadUnlock();",
      "const first: i32 = load(x); synchronizeRcu(); return 10 * first + load(y);",
    ],
    sc: ["0,0", "0,1", "0,11"],
    tsoOnly: [],
    source: "Linux, tools/memory-model/litmus-tests, RCU+sync+read.litmus",
  },
  {
    name: "SB with sections",
    asks: "Are the ends of a section fences?",
    actors: [
      "rcuReadLock(); store(x, 1); rcuReadUnlock(); return load(y);",
      "rcuReadLock(); store(y, 1); rcuReadUnlock(); return load(x);",
    ],
    sc: ["0,1", "1,0", "1,1"],
    tsoOnly: ["0,0"],
    source: "Linux, Documentation/RCU/Design/Requirements: readers need not be ordered",
  },
  {
    name: "SB with grace periods",
    asks: "Is waiting for a grace period a fence?",
    actors: [
      "store(x, 1); synchronizeRcu(); return load(y);",
      "store(y, 1); synchronizeRcu(); return load(x);",
    ],
    sc: ["0,1", "1,0", "1,1"],
    tsoOnly: [],
    source: "Linux, kernel/rcu/tree.c, synchronize_rcu: a full barrier",
  },
];
