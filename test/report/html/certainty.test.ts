/** What the picture of efficiency says of chance. */
import { describe, expect, it } from "vitest";
import { htmlReport } from "../../../src/report/html/index.ts";
import { withEfficiency } from "../../../src/results/efficiency.ts";
import type { Cell } from "../../../src/results/schema.ts";
import { aCell, aRecord, aSimCell } from "../../results/support.ts";
import { parsed, simRecord } from "./support.ts";

/** A cell with these rates, the median in the middle. */
function measured(strategy: string, cpus: number, rates: number[], changes: Partial<Cell> = {}): Cell {
  const [min = 0, requestsPerSecond = 0, max = 0] = rates;
  const requestsPerSecondSpread = {
    min,
    max,
    medianAbsDev: Math.min(max - requestsPerSecond, requestsPerSecond - min),
    repetitions: rates,
  };
  const id = `${strategy}@${cpus}`;
  return aCell({ id, strategy, cpus, requestsPerSecond, requestsPerSecondSpread, ...changes });
}

function figureOf(cells: readonly Cell[], id = "scaling-") {
  const all = withEfficiency(cells);
  const record = all[0]?.engine === "sim" ? simRecord(all) : aRecord({ cells: all });
  const figure = parsed(htmlReport(record, { published: [] })).querySelector(`[id^=${id}]`);
  const rows = [...figure.querySelectorAll("tbody tr")].map((row) =>
    [...row.children].map((cell) => String(cell.textContent)),
  );
  const bars = figure.querySelectorAll(
    '.wide [aria-label="rule"] [stroke-opacity], .wide g[stroke-opacity="0.6"] line',
  );
  return { caption: String(figure.querySelector("figcaption span").textContent), rows, bars: bars.length };
}

const steady = [
  measured("none", 1, [99, 100, 101]),
  measured("kref", 1, [99, 100, 101]),
  measured("none", 2, [190, 192, 194]),
  measured("kref", 2, [100, 102, 104]),
];

describe("the picture of efficiency", () => {
  it("names most and least where the runs tell them apart, with the spread as thin lines and in the table", () => {
    const { bars, caption, rows } = figureOf(steady);
    expect(caption).toMatch(/^On 2 CPUs a CPU still does most with none 96\.0 % and least with kref 51\.0 %/);
    expect(caption).toMatch(/of what one does where there is 1\. Thin lines: from the slowest run against/);
    expect(caption).not.toMatch(/busy|oversubscribed|seed/);
    // 190 of twice 101, and 194 of twice 99.
    expect(rows).toContainEqual(["none, spread of runs", "99.0 to 101.0", "94.1 to 98.0"]);
    expect(bars).toBe(4);
  });

  it("names no winner where the spread is wider than the difference, and says of how many cells", () => {
    const noisy = [...steady.slice(0, 3), measured("kref", 2, [100, 150, 200])];
    const { caption } = figureOf(noisy);
    expect(caption).toMatch(/^On 2 CPUs a CPU was seen to do from kref 75\.0 % to none 96\.0 %/);
    expect(caption).toContain("which strategy is better these runs do not tell");
    expect(caption).toContain(
      "In 1 of 4 cells runs differ by more than 10 % of their median: the machine was busy",
    );
  });

  it("cuts a spread that would press the curves to the foot of the picture, and says so", () => {
    const disturbed = [measured("kref", 1, [10, 100, 101]), ...steady.filter(({ id }) => id !== "kref@1")];
    const { caption, rows } = figureOf(disturbed);
    expect(caption).toContain("Lines that end at the picture's upper edge go on");
    // 104 of twice 10.
    expect(rows).toContainEqual(["kref, spread of runs", "10.0 to 101.0", "49.5 to 520.0"]);
    expect(figureOf(steady).caption).not.toContain("upper edge");
  });

  it("names no winner where there are more workers than cores, however far apart they are", () => {
    const crowded = steady.map((cell) => (cell.cpus === 2 ? { ...cell, oversubscribed: true } : cell));
    const { caption } = figureOf(crowded);
    expect(caption).toContain("was seen to do from");
    expect(caption).toContain("On 2 CPUs workers share cores (oversubscribed)");
  });

  it("says of one seed what chance does, with how many requests there were, and draws no spread", () => {
    const once = [16, 192].map((cpus) => aSimCell({ id: `kref@${cpus}`, cpus, requests: 40_000 }));
    const { bars, caption, rows } = figureOf(once);
    expect(caption).toContain(
      "One seed, 40,000 requests for each figure: differences of about half a point are chance",
    );
    expect(bars).toBe(0);
    expect(rows).toHaveLength(1);
  });

  it("says of one run on threads that its spread is not known", () => {
    const single = steady.map((cell) => ({
      ...cell,
      requestsPerSecondSpread: { ...cell.requestsPerSecondSpread, repetitions: [cell.requestsPerSecond] },
    }));
    expect(figureOf(single).caption).toContain("One run for each figure: how far runs differ is not known.");
  });
});

describe("the picture of rates", () => {
  it("names most and least where no run of one reaches those of the other, and only there", () => {
    const rates = (cells: readonly Cell[]): string => figureOf(cells, "rates-").caption;
    expect(rates(steady)).toMatch(
      /^On 2 CPUs none does most, 192 requests per second: 1\.88 times as many as kref/,
    );
    const noisy = [...steady.slice(0, 3), measured("kref", 2, [100, 150, 200])];
    expect(rates(noisy)).toMatch(
      /^On 2 CPUs none was seen to do 192 requests per second and kref 150; which does more these runs do not tell\./,
    );
    const crowded = steady.map((cell) => (cell.cpus === 2 ? { ...cell, oversubscribed: true } : cell));
    expect(rates(crowded)).toContain("which does more these runs do not tell");
  });
});
