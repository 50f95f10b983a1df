/**
 * Tests of what total store order keeps: loads in order, stores in order, loads before later stores, and one order of
 * stores for everybody. Two digits are two loads, `10 * first + second`.
 */
import { herding, intel, type LitmusTest, owens } from "./litmus-test.ts";

const twoLoadsOfXThenY = "const first: i32 = load(x); return 10 * first + load(y);";
const twoLoadsOfYThenX = "const first: i32 = load(y); return 10 * first + load(x);";

/** What two actors that make two loads each may return together, but for one combination. */
function allPairsBut(forbidden: string): string[] {
  const values = ["0", "1", "10", "11"];
  return values
    .flatMap((first) => values.map((second) => `0,0,${first},${second}`))
    .filter((outcome) => outcome !== forbidden)
    .sort();
}

export const orderTests: readonly LitmusTest[] = [
  {
    name: "MP",
    asks: "Does who sees the flag see the data?",
    actors: ["store(x, 1); store(y, 1);", twoLoadsOfYThenX],
    sc: ["0,0", "0,1", "0,11"],
    tsoOnly: [],
    source: `${intel} 8.2.3.2`,
  },
  {
    name: "MP with await",
    asks: "Does who waited for the flag see the data?",
    actors: ["store(x, 1); store(y, 1);", "awaitEqual(y, 1); return load(x);"],
    sc: ["0,1"],
    tsoOnly: [],
    source: "Linux, Documentation/memory-barriers.txt: smp_cond_load_acquire",
  },
  {
    name: "MP with await for a counter",
    asks: "May who awaits at least 1 go on at each of the values?",
    actors: ["store(y, 1); store(x, 1); store(y, 2);", "awaitAtLeast(y, 1); return load(x);"],
    sc: ["0,0", "0,1"],
    tsoOnly: [],
    source: "MP with await, and a flag that changes twice",
  },
  {
    name: "SB with awaits of the own store",
    asks: "Is waiting for one's own store a fence?",
    actors: [
      "store(x, 1); awaitEqual(x, 1); return load(y);",
      "store(y, 1); awaitNotEqual(y, 0); return load(x);",
    ],
    sc: ["0,1", "1,0", "1,1"],
    tsoOnly: ["0,0"],
    source: `SB+rfi-pos (${intel} 8.2.3.5) with awaits for its first loads: they are loads`,
  },
  {
    name: "LB",
    asks: "May both see a store that comes after the other's load?",
    actors: [
      "const seen: i32 = load(x); store(y, 1); return seen;",
      "const seen: i32 = load(y); store(x, 1); return seen;",
    ],
    sc: ["0,0", "0,1", "1,0"],
    tsoOnly: [],
    source: `${intel} 8.2.3.3`,
  },
  {
    name: "S",
    asks: "May a store that comes after a load be overtaken by one before what it saw?",
    actors: ["store(x, 2); store(y, 1);", "const seen: i32 = load(y); store(x, 1); return seen;"],
    finish: ["return load(x);"],
    sc: ["0,0,1", "0,0,2", "0,1,1"],
    tsoOnly: [],
    source: herding,
  },
  {
    name: "2+2W",
    asks: "May the first stores of both come last?",
    actors: ["store(x, 1); store(y, 2);", "store(y, 1); store(x, 2);"],
    finish: ["return load(x);", "return load(y);"],
    sc: ["0,0,1,2", "0,0,2,1", "0,0,2,2"],
    tsoOnly: [],
    source: herding,
  },
  {
    name: "IRIW",
    asks: "May two readers see two stores in different orders?",
    actors: ["store(x, 1);", "store(y, 1);", twoLoadsOfXThenY, twoLoadsOfYThenX],
    sc: allPairsBut("0,0,10,10"),
    tsoOnly: [],
    source: `${intel} 8.2.3.7; ${owens}`,
  },
  {
    name: "WRC",
    asks: "Does what one saw and passed on hold for a third?",
    actors: ["store(x, 1);", "const seen: i32 = load(x); store(y, 1); return seen;", twoLoadsOfYThenX],
    sc: ["0,0,0", "0,0,1", "0,0,10", "0,0,11", "0,1,0", "0,1,1", "0,1,11"],
    tsoOnly: [],
    source: `${intel} 8.2.3.6; ${herding}`,
  },
];
