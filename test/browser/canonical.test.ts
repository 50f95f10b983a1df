/** The text by which results are compared loses nothing that a result may hold. */
import { describe, expect, test } from "vitest";
import { canonicalText, firstDifference } from "./canonical.ts";

describe("the canonical text", () => {
  test("has sorted keys and no members that are undefined", () => {
    expect(canonicalText({ b: 1, a: [true, null, "x"], c: undefined, d: {}, e: [] })).toBe(
      '{\n "a": [\n  true,\n  null,\n  "x"\n ],\n "b": 1,\n "d": {},\n "e": []\n}',
    );
    expect(canonicalText({ b: 1, a: 2 })).toBe(canonicalText({ a: 2, b: 1 }));
  });

  test("tells neighbouring doubles apart, and zeros", () => {
    expect(canonicalText(0.1 + 0.2)).not.toBe(canonicalText(0.3));
    expect(canonicalText(2 ** 53)).not.toBe(canonicalText(2 ** 53 - 1));
    expect(canonicalText(-0)).not.toBe(canonicalText(0));
  });

  test("keeps a Map's order and a typed array's cells", () => {
    const map = new Map([
      [2, "b"],
      [1, "a"],
    ]);
    expect(JSON.parse(canonicalText(map))).toEqual([
      [2, "b"],
      [1, "a"],
    ]);
    expect(JSON.parse(canonicalText({ cells: Int32Array.of(3, -1) }))).toEqual({ cells: [3, -1] });
  });

  test.each([[Number.NaN], [Number.POSITIVE_INFINITY], [() => 1], [new Date(0)], [new Set([1])]])(
    "refuses %s",
    (value) => {
      expect(() => canonicalText({ value })).toThrow("a result holds");
    },
  );
});

describe("the first difference", () => {
  const text = (ns: number) => canonicalText({ a: 1, lines: [{ at: 1 }, { at: 2, ns }], z: [ns] });

  test("is told with where it stands", () => {
    expect(firstDifference(text(1), text(1))).toBeNull();
    expect(firstDifference(text(0.5), text(0.25))).toBe('{\n "lines": [\n  {\n-   "ns": 0.5\n+   "ns": 0.25');
    expect(firstDifference("x", "")).toBe("-x\n+");
  });
});
