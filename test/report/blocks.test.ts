/** Block characters: that their heights and lengths are those of the values. */
import { describe, expect, it } from "vitest";
import { sparkline, stackedBar } from "../../src/report/blocks.ts";

describe("a sparkline", () => {
  it("has one height for each eighth of the most, and a space where there is no value", () => {
    expect(sparkline([0, 12.5, 25, 50, 75, 100], 100)).toBe("▁▁▂▄▆█");
    expect(sparkline([100, undefined, Number.NaN, 40], 100)).toBe("█  ▃");
  });

  it("stays within its heights", () => {
    expect(sparkline([-5, 130], 100)).toBe("▁█");
    expect(sparkline([], 100)).toBe("");
  });
});

describe("a bar of parts", () => {
  const parts = (...values: readonly number[]) =>
    values.map((value, index) => ({ fill: "░▒█"[index] ?? "?", value }));

  it("is as long as its parts together, and blank beyond", () => {
    expect(stackedBar(parts(50, 25, 12.5), 100, 8)).toBe("░░░░▒▒█ ");
    expect(stackedBar(parts(0, 0, 0), 100, 4)).toBe("    ");
  });

  it("rounds borders and not parts, so that many small ones do not add up to a longer bar", () => {
    expect(stackedBar(parts(33.4, 33.3, 33.3), 100, 10)).toBe("░░░▒▒▒▒███");
    expect(stackedBar(parts(60, 60), 100, 10)).toBe("░░░░░░▒▒▒▒");
  });
});
