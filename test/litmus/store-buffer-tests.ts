/**
 * The tests around store buffering: those in which a store may wait while a later load of the same actor is done, and what
 * stops it. Two digits are two loads, `10 * first + second`.
 */
import { herding, intel, type LitmusTest, owens } from "./litmus-test.ts";

export const storeBufferTests: readonly LitmusTest[] = [
  {
    name: "SB",
    asks: "May both miss the other's store?",
    actors: ["store(x, 1); return load(y);", "store(y, 1); return load(x);"],
    sc: ["0,1", "1,0", "1,1"],
    tsoOnly: ["0,0"],
    source: `${intel} 8.2.3.4; ${owens}`,
  },
  {
    name: "SB with release stores",
    asks: "Does a release hold back a later load?",
    actors: ["storeRelease(x, 1); return loadAcquire(y);", "storeRelease(y, 1); return loadAcquire(x);"],
    sc: ["0,1", "1,0", "1,1"],
    tsoOnly: ["0,0"],
    source: `${intel} 8.2.3.4: on x86 release and acquire are plain moves`,
  },
  {
    name: "SB+po+mb",
    asks: "Is one fence enough?",
    actors: ["store(x, 1); return load(y);", "store(y, 1); fence(); return load(x);"],
    sc: ["0,1", "1,0", "1,1"],
    tsoOnly: ["0,0"],
    source: herding,
  },
  {
    name: "SB+mbs",
    asks: "Are two fences?",
    actors: ["store(x, 1); fence(); return load(y);", "store(y, 1); fence(); return load(x);"],
    sc: ["0,1", "1,0", "1,1"],
    tsoOnly: [],
    source: `${herding}; amd5 in ${owens}`,
  },
  {
    name: "SB with weaker fences",
    asks: "Do smp_rmb and smp_wmb hold back a later load?",
    actors: [
      "store(x, 1); storeFence(); loadFence(); return load(y);",
      "store(y, 1); storeFence(); loadFence(); return load(x);",
    ],
    sc: ["0,1", "1,0", "1,1"],
    tsoOnly: ["0,0"],
    source: "Linux, Documentation/memory-barriers.txt: only smp_mb orders a store before a load",
  },
  {
    name: "SB with RMWs",
    asks: "Does a read-modify-write elsewhere drain the buffer?",
    actors: ["store(x, 1); fetchAdd(z, 1); return load(y);", "store(y, 1); fetchAdd(w, 1); return load(x);"],
    sc: ["0,1", "1,0", "1,1"],
    tsoOnly: [],
    source: `${intel} 8.2.3.9: loads and stores are not reordered with locked instructions`,
  },
  {
    name: "SB with a failing compareExchange",
    asks: "Does one that writes nothing drain it too?",
    actors: [
      "store(x, 1); compareExchange(z, 7, 1); return load(y);",
      "store(y, 1); compareExchange(w, 7, 1); return load(x);",
    ],
    sc: ["0,1", "1,0", "1,1"],
    tsoOnly: [],
    source: `${intel} 8.2.3.9: a locked cmpxchg is a locked instruction whether or not it stores`,
  },
  {
    name: "SB with exchange stores",
    asks: "Does a store by xchg wait?",
    actors: ["exchange(x, 1); return load(y);", "exchange(y, 1); return load(x);"],
    sc: ["0,1", "1,0", "1,1"],
    tsoOnly: [],
    source: `${intel} 8.2.3.9; amd10 in ${owens}`,
  },
  {
    name: "SB+rfi-pos",
    asks: "Does an actor see its own store before others do?",
    actors: [
      "store(x, 1); const first: i32 = load(x); return 10 * first + load(y);",
      "store(y, 1); const first: i32 = load(y); return 10 * first + load(x);",
    ],
    sc: ["10,11", "11,10", "11,11"],
    tsoOnly: ["10,10"],
    source: `${intel} 8.2.3.5; iwp2.4 in ${owens}`,
  },
  {
    name: "R",
    asks: "May a load pass a store that comes last?",
    actors: ["store(x, 1); store(y, 1);", "store(y, 2); return load(x);"],
    finish: ["return load(y);"],
    sc: ["0,0,1", "0,1,1", "0,1,2"],
    tsoOnly: ["0,0,2"],
    source: herding,
  },
  {
    name: "R+po+mb",
    asks: "Does a fence before the load stop it?",
    actors: ["store(x, 1); store(y, 1);", "store(y, 2); fence(); return load(x);"],
    finish: ["return load(y);"],
    sc: ["0,0,1", "0,1,1", "0,1,2"],
    tsoOnly: [],
    source: herding,
  },
  {
    name: "n6",
    asks: "May an actor read its own store early and still have it come last?",
    actors: [
      "store(x, 1); const first: i32 = load(x); return 10 * first + load(y);",
      "store(y, 2); store(x, 2);",
    ],
    finish: ["return load(x);"],
    sc: ["10,0,2", "12,0,1", "12,0,2", "22,0,2"],
    tsoOnly: ["10,0,1"],
    source: owens,
  },
  {
    name: "n5",
    asks: "May each read the other's store to one cell?",
    actors: ["store(x, 1); return load(x);", "store(x, 2); return load(x);"],
    sc: ["1,1", "1,2", "2,2"],
    tsoOnly: [],
    source: owens,
  },
];
