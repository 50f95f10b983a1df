/** Areas of an address space against a table of pages: after every map, unmap and protect the same pages with the same flags. */
import { describe, expect, it } from "vitest";
import type { Direct } from "../../../src/engines/reference/index.ts";
import { Rng } from "../../fuzz/random.ts";
import { MapleFault } from "../../programs/maple-fault.ts";
import { addressSpace } from "./address-space.ts";

/** Offsets of `Vma` that are looked at. */
const field = { start: 0, end: 8, flags: 32, pageOffset: 80, file: 88 } as const;

/** Flags by page; undefined in gaps. */
type Pages = (number | undefined)[];

/** Where runs of the same flags begin and end. */
function runs(pages: Pages): { start: number; end: number; flags: number }[] {
  const found: { start: number; end: number; flags: number }[] = [];
  pages.forEach((flags, page) => {
    if (flags === undefined) return;
    const last = found.at(-1);
    if (last?.end === page && last.flags === flags) last.end = page + 1;
    else found.push({ start: page, end: page + 1, flags });
  });
  return found;
}

/** All areas in order, by looking at every page. */
function areas(machine: Direct, pages: number): { start: number; end: number; flags: number }[] {
  const found: { start: number; end: number; flags: number }[] = [];
  for (let page = 0; page < pages; ) {
    const end = machine.call("areaField", [page, field.end]);
    if (end === -1) page++;
    else {
      const [start = 0, flags = 0] = [field.start, field.flags].map((offset) =>
        machine.call("areaField", [page, offset]),
      );
      found.push({ start, end, flags });
      page = end;
    }
  }
  return found;
}

describe("areas", () => {
  it.each([
    { slots: 4, spread: 60, seed: "small tree" },
    { slots: 16, spread: 120, seed: "as in the kernel" },
  ])("are what a table of pages says, with as few areas as can be ($seed)", ({ slots, spread, seed }) => {
    const machine = addressSpace(slots);
    const pages: Pages = new Array(spread).fill(undefined);
    const rng = new Rng(seed);
    for (let change = 0; change < 250; change++) {
      const start = rng.below(spread - 8);
      const end = start + 1 + rng.below(8);
      const flags = 1 + rng.below(3);
      const isFree = pages.slice(start, end).every((page) => page === undefined);
      if (isFree && rng.chance(0.8)) {
        expect(machine.call("map", [start, end, flags, start, 0])).toBe(1);
        pages.fill(flags, start, end);
      } else if (rng.chance(0.45)) {
        expect(machine.call("unmap", [start, end])).toBe(1);
        pages.fill(undefined, start, end);
      } else {
        const area = runs(pages).find((run) => run.start <= start && run.end > start);
        if (area === undefined) continue;
        const to = Math.min(end, area.end);
        expect(machine.call("protect", [start, to, flags])).toBe(1);
        pages.fill(flags, start, to);
      }
      const expected = runs(pages);
      expect(machine.call("areaCount"), `change ${change}`).toBe(expected.length);
      if (change % 5 === 0) expect(areas(machine, spread)).toEqual(expected);
      expect(MapleFault[machine.call("check")]).toBe("none");
      if (change % 10 === 0) machine.gracePeriod(0);
    }
    for (const { start } of runs(pages)) expect(machine.call("areaRefs", [start])).toBe(1);
    while (machine.gracePeriod(0) > 0);
    expect(machine.call("liveAreas")).toBe(runs(pages).length);
    machine.call("unmap", [0, spread]);
    while (machine.gracePeriod(0) > 0);
    expect([machine.call("liveAreas"), machine.call("areaCount"), machine.call("liveNodes")]).toEqual([
      0, 0, 1,
    ]);
    expect(machine.violations()).toEqual([]);
  });

  it("of a file keep their place in it, and only neighbours in the file become one", () => {
    const machine = addressSpace(16);
    const file = 4096;
    const at = (page: number) =>
      [field.start, field.end, field.pageOffset].map((offset) => machine.call("areaField", [page, offset]));
    machine.call("map", [100, 110, 1, 40, file]);
    machine.call("map", [110, 120, 1, 50, file]);
    expect(at(115)).toEqual([100, 120, 40]);
    machine.call("map", [120, 130, 1, 99, file]);
    expect(at(125)).toEqual([120, 130, 99]);
    machine.call("map", [90, 100, 1, 30, file + 64]);
    expect(at(95)).toEqual([90, 100, 30]);
    machine.call("map", [80, 90, 1, 20, file + 64]);
    expect(at(85)).toEqual([80, 100, 20]);
    machine.call("protect", [103, 106, 3]);
    expect([at(101), at(104), at(108)]).toEqual([
      [100, 103, 40],
      [103, 106, 43],
      [106, 120, 46],
    ]);
    machine.call("unmap", [101, 119]);
    expect([at(100), at(119)]).toEqual([
      [100, 101, 40],
      [119, 120, 59],
    ]);
  });

  it("that are replaced leave no gap and no neighbour changed", () => {
    const machine = addressSpace(16);
    machine.call("map", [10, 20, 1, 10, 0]);
    machine.call("map", [20, 30, 3, 20, 0]);
    machine.call("replace", [15, 25, 2, 15, 0]);
    expect(areas(machine, 40)).toEqual([
      { start: 10, end: 15, flags: 1 },
      { start: 15, end: 25, flags: 2 },
      { start: 25, end: 30, flags: 3 },
    ]);
  });

  it("are left alone by a range that is not within one", () => {
    const machine = addressSpace(16);
    machine.call("map", [10, 20, 1, 10, 0]);
    expect(machine.call("protect", [15, 25, 3])).toBe(0);
    expect(machine.call("protect", [5, 15, 3])).toBe(0);
    expect(areas(machine, 40)).toEqual([{ start: 10, end: 20, flags: 1 }]);
  });
});

describe("memory that is used up", () => {
  /** What each page's area says of it; fails where an area does not say that it has the page. */
  function flagsByPage(machine: Direct, pages: number): Pages {
    return Array.from({ length: pages }, (_, page) => {
      const [start = 0, end = 0, flags = 0] = [field.start, field.end, field.flags].map((offset) =>
        machine.call("areaField", [page, offset]),
      );
      if (end === -1) return undefined;
      expect([start <= page, page < end], `area ${start} to ${end} in the tree at page ${page}`).toEqual([
        true,
        true,
      ]);
      return flags;
    });
  }

  /** Areas of 1 (read) and 3 (read and write) with gaps between, in a tree of leaves of 4 slots. */
  const layout: readonly (readonly [start: number, end: number, flags: number])[] = [
    [0, 3, 1],
    [3, 5, 3],
    [5, 8, 1],
    [10, 12, 1],
    [14, 16, 3],
    [16, 20, 1],
  ];

  it.each([
    { what: "a new area", entry: "map", start: 12, end: 13, flags: 3 },
    { what: "pages that make one of two areas", entry: "map", start: 8, end: 10, flags: 1 },
    { what: "pages that go to the area before them", entry: "map", start: 8, end: 9, flags: 1 },
    { what: "pages that go to the area behind them", entry: "map", start: 13, end: 14, flags: 3 },
    { what: "an unmapped area", entry: "unmap", start: 3, end: 5, flags: undefined },
    { what: "pages unmapped within an area", entry: "unmap", start: 17, end: 18, flags: undefined },
    { what: "unmapped pages of many areas", entry: "unmap", start: 1, end: 18, flags: undefined },
    { what: "an area in the place of others", entry: "replace", start: 2, end: 15, flags: 3 },
    { what: "flags of an area between two like it", entry: "protect", start: 3, end: 5, flags: 1 },
    { what: "flags of first pages, as before them", entry: "protect", start: 16, end: 18, flags: 3 },
    { what: "flags of last pages, as behind them", entry: "protect", start: 15, end: 16, flags: 1 },
    { what: "flags of pages within an area", entry: "protect", start: 17, end: 18, flags: 3 },
  ])("changes no page before there is enough of it: $what", ({ entry, start, end, flags }) => {
    const machine = addressSpace(4, 25_600);
    const pages: Pages = new Array(24).fill(undefined);
    for (const [from, to, has] of layout) {
      machine.call("map", [from, to, has, from, 0]);
      pages.fill(has, from, to);
    }
    while (machine.gracePeriod(0) > 0);
    machine.call("hoard");
    const more = flags === undefined ? [] : entry === "protect" ? [flags] : [flags, start, 0];
    let refused = 0;
    // A node and an area more each time.
    while (machine.call(entry, [start, end, ...more]) === 0) {
      expect(flagsByPage(machine, 24)).toEqual(pages);
      expect(MapleFault[machine.call("check")]).toBe("none");
      machine.call(refused % 2 === 0 ? "spareNode" : "spareArea");
      refused += 1;
      expect(refused).toBeLessThan(20);
    }
    expect(refused).toBeGreaterThan(0);
    expect(flagsByPage(machine, 24)).toEqual(pages.fill(flags, start, end));
    // Nothing was lost on the way.
    machine.call("spareAll");
    while (machine.gracePeriod(0) > 0);
    machine.call("unmap", [0, 24]);
    while (machine.gracePeriod(0) > 0);
    expect([machine.call("liveAreas"), machine.call("areaCount"), machine.call("liveNodes")]).toEqual([
      0, 0, 1,
    ]);
    expect(machine.violations()).toEqual([]);
  });
});
