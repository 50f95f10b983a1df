/** The tree of an address space against a plain list of ranges: every store, every look-up, every node. */
import { describe, expect, it } from "vitest";
import type { Direct } from "../../../src/engines/reference/index.ts";
import { Rng } from "../../fuzz/random.ts";
import { MapleFault } from "../../programs/maple-fault.ts";
import { addressSpace } from "./address-space.ts";

const lastPage = 0x7fffffff;

interface Range {
  readonly first: number;
  readonly last: number;
  readonly entry: number;
}

/** The tree as it should be: consecutive ranges from 0 to the last page, neighbours different. */
class Model {
  ranges: Range[] = [{ first: 0, last: lastPage, entry: 0 }];

  set(first: number, last: number, entry: number): void {
    const before = this.ranges.flatMap((range) =>
      range.first < first ? [{ ...range, last: Math.min(range.last, first - 1) }] : [],
    );
    const after = this.ranges.flatMap((range) =>
      range.last > last ? [{ ...range, first: Math.max(range.first, last + 1) }] : [],
    );
    this.ranges = [...before, { first, last, entry }, ...after].reduce<Range[]>((merged, range) => {
      const end = merged.at(-1);
      if (end?.entry === range.entry) merged[merged.length - 1] = { ...end, last: range.last };
      else merged.push(range);
      return merged;
    }, []);
  }

  get(page: number): number {
    return this.ranges.find(({ last }) => last >= page)?.entry ?? -1;
  }

  entries(): Range[] {
    return this.ranges.filter(({ entry }) => entry !== 0);
  }
}

/** All entries as the iterator finds them. */
function walked(machine: Direct): number[] {
  const found: number[] = [];
  machine.call("restart");
  for (let page = 0; ; ) {
    const entry = machine.call("next", [page]);
    if (entry === 0) return found;
    found.push(entry);
    page = machine.call("nextPage");
    if (page < 0) return found;
  }
}

describe("a history of stores", () => {
  it.each([
    { slots: 4, spread: 400, longest: 12, changes: 250, seed: "short" },
    { slots: 4, spread: 300, longest: 200, changes: 200, seed: "long ranges, across many leaves" },
    { slots: 5, spread: 1000, longest: 40, changes: 200, seed: "odd" },
    { slots: 16, spread: 3000, longest: 8, changes: 300, seed: "as in the kernel" },
  ])(
    "leaves what a list has, in a sound tree: $seed ($slots slots)",
    ({ slots, spread, longest, changes, seed }) => {
      const machine = addressSpace(slots);
      const model = new Model();
      const rng = new Rng(seed);
      let highest = 0;
      for (let change = 1; change <= changes; change++) {
        const first = rng.below(spread);
        const last = first + rng.below(longest);
        // Fills for a while, then empties.
        const growing = Math.floor(change / 100) % 2 === 0;
        const entry = rng.chance(growing ? 0.75 : 0.2) ? change * 64 : 0;
        expect(machine.call("set", [first, last, entry])).toBe(1);
        model.set(first, last, entry);
        expect(MapleFault[machine.call("check")], `change ${change}`).toBe("none");
        for (let probe = 0; probe < 3; probe++) {
          const page = rng.below(spread + longest);
          expect(machine.call("get", [page]), `page ${page} after change ${change}`).toBe(model.get(page));
        }
        if (change % 50 === 0) expect(walked(machine)).toEqual(model.entries().map((range) => range.entry));
        highest = Math.max(highest, machine.call("height"));
        // Replaced nodes go after a grace period, and no sooner.
        if (change % 10 === 0) machine.gracePeriod(0);
      }
      expect(highest).toBeGreaterThan(2);
      machine.call("set", [0, lastPage, 0]);
      expect(machine.call("height")).toBe(1);
      expect(walked(machine)).toEqual([]);
      while (machine.gracePeriod(0) > 0);
      expect(machine.call("liveNodes")).toBe(1);
      expect(machine.violations()).toEqual([]);
    },
  );

  it("ends at the last page like everywhere else", () => {
    const machine = addressSpace(4);
    machine.call("set", [lastPage, lastPage, 64]);
    machine.call("set", [0, 0, 128]);
    expect([
      machine.call("get", [lastPage]),
      machine.call("get", [lastPage - 1]),
      machine.call("get", [0]),
    ]).toEqual([64, 0, 128]);
    expect(walked(machine)).toEqual([128, 64]);
  });

  it("can be taken down from any shape", () => {
    const machine = addressSpace(4);
    for (let page = 0; page < 300; page += 2) machine.call("set", [page, page, 64 + page * 64]);
    expect(machine.call("height")).toBeGreaterThan(3);
    while (machine.gracePeriod(0) > 0);
    machine.call("destroy");
    expect(machine.call("liveNodes")).toBe(0);
    expect(machine.violations()).toEqual([]);
  });
});

describe("an iterator", () => {
  it("that stands in a leaf which is replaced finds what is there now", () => {
    const machine = addressSpace(4);
    for (const page of [1, 3, 5, 7, 9, 11, 13]) machine.call("set", [page, page, page * 64]);
    machine.call("restart");
    expect(machine.call("next", [0])).toBe(64);
    machine.call("set", [2, 2, 999 * 64]);
    machine.call("set", [3, 3, 0]);
    expect(machine.call("next", [2])).toBe(999 * 64);
    expect(machine.call("next", [3])).toBe(5 * 64);
    // And from anywhere else than where it left off.
    expect(machine.call("next", [10])).toBe(11 * 64);
    expect(machine.call("next", [14])).toBe(0);
  });
});

describe("memory that is used up", () => {
  it("leaves the tree as it was", () => {
    const machine = addressSpace(4, 25_600);
    const model = new Model();
    let refused = 0;
    for (let page = 0; page < 4000 && refused === 0; page += 2) {
      if (machine.call("set", [page, page, 64 + page * 64]) === 1) model.set(page, page, 64 + page * 64);
      else refused = page;
    }
    expect(refused).toBeGreaterThan(0);
    expect(MapleFault[machine.call("check")]).toBe("none");
    expect(walked(machine)).toEqual(model.entries().map((range) => range.entry));
  });
});
