/** What a reader of /proc/PID/maps counts as torn, twice or a false gap, held against the text that it has written. */
import { describe, expect, it } from "vitest";
import { MapsCounter, MapsLayout } from "../../../src/kernel/procfs/maps/maps-names.ts";
import { procProgram, procRun } from "./support.ts";

/** `ReadMode` of src/kernel/procfs/maps/reader.ts. */
const mode = { locked: 0, validated: 1, torn: 2, perArea: 3 } as const;

interface Judged {
  readonly torn: number;
  readonly twice: number;
  readonly falseGaps: number;
}

/** Judges lines as the docs say it, in one go and by looking at single pages. */
function judge(lines: readonly (readonly [number, number])[], always: ReadonlySet<number>): Judged {
  let [torn, twice, falseGaps, told] = [0, 0, 0, 0];
  const isFalse = (from: number, to: number): boolean =>
    [...always].some((page) => page >= from && page < to);
  for (const [start, end] of lines) {
    if (end <= start || end <= told) torn++;
    else {
      if (start < told) twice++;
      if (isFalse(told, start)) falseGaps++;
      told = end;
    }
  }
  if (isFalse(told, Number.POSITIVE_INFINITY)) falseGaps++;
  return { torn, twice, falseGaps };
}

const program = procProgram("test/programs/maps-judge.ts", {}, "src/kernel/procfs/maps/callbacks.ts");

/** Pages that the program's writer never unmaps: four areas of a library, and those whose permissions it changes. */
const always = new Set([
  ...Array.from({ length: 4 * MapsLayout.segmentPages }, (_, page) => MapsLayout.libraries + page),
  ...Array.from({ length: 24 }, (_, page) => MapsLayout.protectedZones + page),
]);

const counters = [MapsCounter.torn, MapsCounter.twice, MapsCounter.falseGaps] as const;
const readers = [1, 2] as const;

/** Start and end of each line of a text: pages above the address that page 0 is printed as. */
function linesOf(memory: Int32Array, address: number, bytes: number): (readonly [number, number])[] {
  const text = Buffer.from(memory.buffer, memory.byteOffset + address, bytes).toString("latin1");
  const page = (digits: string): number => Number((BigInt(`0x${digits}`) - 0x7000_0000_0000n) >> 12n);
  return text
    .trimEnd()
    .split("\n")
    .map((line) => {
      const [, start = "", end = ""] = /^([0-9a-f]+)-([0-9a-f]+) /.exec(line) ?? [];
      return [page(start), page(end)] as const;
    });
}

/** Two texts beside a writer: what their readers counted, and what the texts say. */
function judgedRun(
  seed: number,
  readMode: number,
): { counted: Judged; texts: Judged; verdicts: readonly string[] } {
  const { after, memory, returned, verdicts } = procRun(
    program,
    seed,
    [["boot", seed]],
    [["writer", 40], ...readers.map(() => ["reader", readMode, 16] as const)],
    [
      ...counters.map((counter) => ["counted", counter] as const),
      ...readers.map((reader) => ["textOf", reader] as const),
      ["dismantle"],
    ],
  );
  const [torn = 0, twice = 0, falseGaps = 0, ...addresses] = after;
  const judged = readers.map((reader, index) => {
    const lines = linesOf(memory, addresses[index] ?? 0, returned[reader] ?? 0);
    expect(lines.length).toBeGreaterThan(4);
    return judge(lines, always);
  });
  const sum = (which: keyof Judged): number => judged.reduce((all, one) => all + one[which], 0);
  const texts = { torn: sum("torn"), twice: sum("twice"), falseGaps: sum("falseGaps") };
  return { counted: { torn, twice, falseGaps }, texts, verdicts };
}

const seeds = Array.from({ length: 80 }, (_, seed) => seed + 1);

describe("what a reader counts is what its text says", () => {
  it("without a lock, where lines are torn and gaps never were", () => {
    const all = { torn: 0, twice: 0, falseGaps: 0 };
    for (const seed of seeds) {
      const { counted, texts, verdicts } = judgedRun(seed, mode.torn);
      expect(counted, `seed ${seed}`).toEqual(texts);
      expect(verdicts).toEqual([]);
      all.torn += texts.torn;
      all.twice += texts.twice;
      all.falseGaps += texts.falseGaps;
    }
    // There was something to count.
    expect(all.torn).toBeGreaterThan(0);
    expect(all.twice).toBeGreaterThan(0);
    expect(all.falseGaps).toBeGreaterThan(0);
  });

  it.each([
    ["the lock of all of it", mode.locked],
    ["copies that are looked at again", mode.validated],
    ["areas' own locks", mode.perArea],
  ])("with %s: no line is torn and no gap is false", (_, readMode) => {
    for (const seed of seeds.slice(0, 5)) {
      const { counted, texts, verdicts } = judgedRun(seed, readMode);
      expect(counted, `seed ${seed}`).toEqual(texts);
      expect([texts.torn, texts.falseGaps], `seed ${seed}`).toEqual([0, 0]);
      expect(verdicts).toEqual([]);
    }
  });
});
