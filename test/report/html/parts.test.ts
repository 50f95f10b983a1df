/** Parts of the HTML report by themselves: colours, places of names, ticks, percentile curves. */
import { describe, expect, it } from "vitest";
import { curveOf } from "../../../src/report/html/charts/percentiles.ts";
import { cpuTicks, logTicks, spread, tickText } from "../../../src/report/html/lines.ts";
import { dark, light, type Theme } from "../../../src/report/html/palette.ts";
import { listed } from "../../../src/report/html/series.ts";

/** Relative luminance of `#rrggbb`, WCAG 2.2. */
function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

describe.each<[string, Theme]>([
  ["light", light],
  ["dark", dark],
])("the %s theme", (_name, theme) => {
  it("has text of contrast AA", () => {
    const { page, panel, ink, muted, link, alertPage, alertInk, series } = theme;
    const pairs = [
      [ink, page],
      [ink, panel],
      [muted, page],
      [link, page],
      [alertInk, alertPage],
      [alertInk, page],
      // Names of lines are in the lines' colours.
      ...series.map((color) => [color, page]),
    ];
    for (const [text = "", ground = ""] of pairs) {
      expect(contrast(text, ground), `${text} on ${ground}`).toBeGreaterThanOrEqual(4.5);
    }
  });

  it("has bars that stand out, and no colour twice", () => {
    expect(contrast(theme.quiet, theme.page)).toBeGreaterThanOrEqual(3);
    expect(new Set([...theme.series, theme.quiet]).size).toBe(theme.series.length + 1);
  });
});

describe("names beside lines", () => {
  it("stay where they are while they have room", () => {
    expect(spread([10, 40, 90], 15, 100)).toEqual([10, 40, 90]);
  });

  it("move apart around what they mean, and stay within the picture", () => {
    expect(spread([50, 50, 50], 15, 100)).toEqual([35, 50, 65]);
    expect(spread([0, 1, 99], 15, 100)).toEqual([0, 15, 99]);
    expect(spread([98, 99, 100], 15, 100)).toEqual([70, 85, 100]);
    expect(spread([20, 30, 40, 44], 15, 100)).toEqual([11, 26, 41, 56]);
    expect(spread([], 15, 100)).toEqual([]);
  });
});

it("names as many as a reader keeps in mind", () => {
  expect(listed(["a", "b", "c", "d"])).toBe("a, b, c, d");
  expect(listed(["a", "b", "c", "d", "e"])).toBe("a, b, c and 2 more");
});

describe("ticks", () => {
  it("of a logarithmic range are round, and not many", () => {
    expect(logTicks([80, 2100])).toEqual([100, 200, 500, 1000, 2000]);
    expect(logTicks([5, 9e5])).toEqual([10, 100, 1000, 10_000, 100_000]);
  });

  it("of numbers of CPUs are far enough apart, the most and the fewest always there", () => {
    const counts = [1, 2, 4, 8, 16, 32, 64, 96, 128];
    expect(cpuTicks(counts, 700).sort((one, other) => one - other)).toEqual(counts);
    expect(cpuTicks(counts, 210)).toEqual([128, 1, 64, 32, 16, 8, 4, 2]);
    expect(cpuTicks(counts, 100)).toEqual([128, 1, 16]);
    expect(cpuTicks([4], 100)).toEqual([4]);
  });

  it("are told with the digits that they have", () => {
    expect([0, 0.5, 2.5, 20, 1000, 200_000].map(tickText)).toEqual([
      "0",
      "0.5",
      "2.5",
      "20",
      "1,000",
      "200k",
    ]);
  });
});

describe("a curve of percentiles", () => {
  it("goes through each bucket from its lower to its upper edge", () => {
    expect(curveOf({ upTo: [10, 20, 40, 80], counts: [50, 0, 30, 20] })).toEqual([
      { part: 0, time: 5 },
      { part: 0.5, time: 10 },
      { part: 0.5, time: 20 },
      { part: 0.8, time: 40 },
      { part: 0.995, time: 80 },
    ]);
  });

  it("draws what is below the clock's tick at half of it", () => {
    expect(curveOf({ upTo: [0, 1, 3], counts: [9, 0, 1] }).map(({ time }) => time)).toEqual([
      0.25, 0.5, 1, 3,
    ]);
  });
});
