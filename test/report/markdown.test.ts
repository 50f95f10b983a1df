import { describe, expect, it } from "vitest";
import { markdownReport } from "../../src/report/markdown.ts";
import { markdownTable } from "../../src/report/markdown-table.ts";
import { aCell, aRecord, aSimCell } from "../results/support.ts";

const planned = (cells: readonly { id: string }[]) => cells.map(({ id }) => id);

describe("the Markdown report", () => {
  it("looks like this", async () => {
    const cells = [
      aSimCell({ id: "kref@16", cpus: 16, efficiencyPct: 100, hottestLines: [] }),
      aSimCell({ notes: ["a note with | and *stars*"] }),
      aCell({ id: "kref@4", cpus: 4, oversubscribed: true, leaked: 2, leakedByKind: { label: 2 } }),
    ];
    const machine = { name: "epyc-9654", title: "AMD EPYC 9654 (Zen 4)" };
    const record = aRecord({
      cells,
      planned: [...planned(cells), "none@4"],
      engine: "sim, threads",
      machine,
    });
    await expect(markdownReport(record)).toMatchFileSnapshot("markdown.md.txt");
  });

  it("shows what is varied in a column, and scenarios with what was published", async () => {
    const figures = [
      { name: "system time", unit: "%", value: 84.25, published: { min: 85, max: 85, source: "a mail" } },
      { name: "full */task/*", unit: "count", value: null },
    ];
    const cells = ["ref-walk", "rcu-walk"].map((strategy) =>
      aSimCell({
        id: strategy,
        strategy,
        figures,
        requestUnit: "pids",
        varied: { parameter: "tasks", value: 8 },
      }),
    );
    await expect(markdownReport(aRecord({ cells, planned: planned(cells) }))).toMatchFileSnapshot(
      "markdown-scenario.md.txt",
    );
  });
});

describe("a Markdown table", () => {
  it("keeps text in its cell, as text", () => {
    expect(markdownTable(["a", "b|c"], [["*x*", "two\nlines <b>"]], [1])).toBe(
      "| a | b\\|c |\n| --- | ---: |\n| \\*x\\* | two lines \\<b\\> |",
    );
  });
});
