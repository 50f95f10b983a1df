/** The read-write semaphore, the sequence counter and areas' own locks: one step at a time, and under many schedules. */
import { describe, expect, it } from "vitest";
import { procProgram, procRun } from "./support.ts";

const program = procProgram("test/programs/maps-locks.ts", {}, "src/kernel/procfs/maps/callbacks.ts");
const manySeeds = Array.from({ length: 200 }, (_, seed) => seed + 1);
const seeds = manySeeds.slice(0, 40);

/** Cells of the program. */
const cell = { first: 256, second: 320, inside: 384, most: 448 } as const;

type Call = readonly [entry: string, ...args: number[]];

/** What the calls return, one after the other, on a fresh machine. */
function steps(...calls: readonly Call[]): readonly number[] {
  const { after, verdicts } = procRun(program, 1, [["boot"]], [["readWithout", 0]], calls);
  expect(verdicts.filter((verdict) => verdict !== "leak")).toEqual([]);
  return after;
}

describe("the read-write semaphore", () => {
  it("lets readers in together", () => {
    expect(steps(["enterAsReader"], ["enterAsReader"], ["semCount"]).slice(0, 2)).toEqual([1, 1]);
  });

  it("keeps readers out while a writer is inside, and is free when all have left", () => {
    expect(
      steps(
        ["enterAsWriter"],
        ["enterAsReader"],
        ["leaveAsWriter"],
        ["enterAsReader"],
        ["leaveAsReader"],
        ["semCount"],
      ),
    ).toEqual([0, 0, 0, 1, 0, 0]);
  });

  it("has one writer or any readers inside, loses nothing and lets everybody in, in any order", () => {
    let most = 0;
    let tried = 0;
    for (const seed of seeds) {
      const { after, returned, verdicts } = procRun(
        program,
        seed,
        [["boot"]],
        [
          ["writeUnderSem", 3],
          ["writeUnderSem", 3],
          ["readUnderSem", 4],
          ["readUnderSem", 4],
          ["tryUnderSem", 4],
        ],
        [["value", cell.first], ["value", cell.second], ["semCount"], ["value", cell.most]],
      );
      expect(verdicts, `seed ${seed}`).toEqual([]);
      expect(after.slice(0, 3), `seed ${seed}`).toEqual([6, 6, 0]);
      most = Math.max(most, after[3] ?? 0);
      tried += returned[4] ?? 0;
    }
    // Readers were inside together, and a try came in vain now and then.
    expect(most).toBeGreaterThan(1);
    expect(tried).toBeGreaterThan(0);
    expect(tried).toBeLessThan(4 * seeds.length);
  });
});

describe("the sequence counter", () => {
  it("is odd while somebody writes, and moves on with every change", () => {
    expect(
      steps(["sequenceNumber"], ["beginToWrite"], ["sequenceNumber"], ["endWriting"], ["sequenceNumber"]),
    ).toEqual([0, 0, 1, 0, 2]);
  });

  it("tells a look to be worthless from when a writer began, however many there were", () => {
    expect(
      steps(
        ["mustRetry", 0],
        ["beginToWrite"],
        ["mustRetry", 0],
        ["endWriting"],
        ["mustRetry", 0],
        ["mustRetry", 2],
      ),
    ).toEqual([0, 0, 1, 0, 1, 0]);
  });

  it("lets no look count that saw half of a change, in any order", () => {
    let good = 0;
    let differed = 0;
    for (const seed of seeds) {
      const { after, returned, verdicts } = procRun(
        program,
        seed,
        [["boot"]],
        [
          ["writeInSequence", 4],
          ["writeInSequence", 4],
          ["readInSequence", 8],
          ["readInSequence", 8],
          ["readWithout", 8],
        ],
        [["value", cell.first], ["value", cell.second], ["sequenceNumber"]],
      );
      expect(verdicts, `seed ${seed}`).toEqual([]);
      expect(after, `seed ${seed}`).toEqual([8, 8, 16]);
      good += (returned[2] ?? 0) + (returned[3] ?? 0);
      differed += returned[4] ?? 0;
    }
    // Some looks counted and some did not; without the counter some saw half of a change.
    expect(good).toBeGreaterThan(0);
    expect(good).toBeLessThan(16 * seeds.length);
    expect(differed).toBeGreaterThan(0);
  });
});

describe("the number of an address space", () => {
  it("has moved from when the write lock is taken, not only when it is given back", () => {
    expect(
      steps(
        ["lookAtSpace"],
        ["spaceChanged", 0],
        ["lockSpace"],
        ["spaceChanged", 0],
        ["lookAtSpace"],
        // Who begins to look while a writer is inside must look again, too.
        ["spaceChanged", 1],
        ["unlockSpace"],
        ["spaceChanged", 0],
        ["spaceChanged", 2],
      ),
    ).toEqual([0, 0, 0, 1, 1, 1, 0, 1, 0]);
  });
});

describe("an area's own lock", () => {
  const [gone, busy, taken] = [-1, 0, 1];

  it("is taken by readers together, each of them a reference", () => {
    expect(
      steps(["makeArea"], ["startRead"], ["startRead"], ["areaRefs"], ["endRead"], ["endRead"], ["areaRefs"]),
    ).toEqual([0, taken, taken, 3, 0, 0, 1]);
  });

  it("is refused from when a writer took it until the address space is unlocked", () => {
    expect(
      steps(
        ["makeArea"],
        ["lockSpace"],
        // The writer has other areas so far.
        ["startRead"],
        ["endRead"],
        ["startWrite"],
        ["startRead"],
        ["areaRefs"],
        ["unlockSpace"],
        ["startRead"],
      ),
    ).toEqual([0, 0, taken, 0, 0, busy, 1, 0, taken]);
  });

  it("tells that an area is gone that was taken out of the tree", () => {
    expect(
      steps(["makeArea"], ["lockSpace"], ["startWrite"], ["detach"], ["unlockSpace"], ["startRead"]),
    ).toEqual([0, 0, 0, 0, 0, gone]);
  });

  it("keeps the writer out while readers are inside, and the other way round, in any order", () => {
    let got = 0;
    for (const seed of seeds) {
      const { after, returned, verdicts } = procRun(
        program,
        seed,
        [["boot"], ["makeArea"]],
        [
          ["writeInArea", 3],
          ["writeInArea", 3],
          ["readInArea", 5],
          ["readInArea", 5],
        ],
        [["value", cell.first], ["value", cell.second], ["areaRefs"], ["freeArea"]],
      );
      expect(verdicts, `seed ${seed}`).toEqual([]);
      expect(after.slice(0, 3), `seed ${seed}`).toEqual([6, 6, 1]);
      got += (returned[2] ?? 0) + (returned[3] ?? 0);
    }
    expect(got).toBeGreaterThan(0);
    expect(got).toBeLessThan(10 * seeds.length);
  });

  it("is nobody's any more once the area is out of the tree, in any order", () => {
    let got = 0;
    // A reader that comes too late is rare: between two steps of the writer, having looked before both.
    for (const seed of manySeeds) {
      const { after, returned, verdicts } = procRun(
        program,
        seed,
        [["boot"], ["makeArea"]],
        [["takeAway"], ["readUntilGone", 6], ["readUntilGone", 6]],
        [["areaRefs"], ["startRead"], ["freeArea"]],
      );
      expect(verdicts, `seed ${seed}`).toEqual([]);
      expect(after.slice(0, 2), `seed ${seed}`).toEqual([0, gone]);
      got += (returned[1] ?? 0) + (returned[2] ?? 0);
    }
    expect(got).toBeGreaterThan(0);
  });
});
