/** What is on the page, and what is not. */
import { describe, expect, it } from "vitest";
import { htmlReport } from "../../../src/report/html/index.ts";
import { terminalReport } from "../../../src/report/terminal.ts";
import type { ResultsRecord } from "../../../src/results/schema.ts";
import { aCell, aRecord, aSimCell } from "../../results/support.ts";
import {
  fullCell,
  largeRecord,
  parsed,
  published,
  scenarioRecord,
  simRecord,
  smallRecord,
} from "./support.ts";

const render = (record: ResultsRecord): string => htmlReport(record, { published });
const texts = (html: string, selector: string): string[] =>
  [...parsed(html).querySelectorAll(selector)].map((node) => String(node.textContent));
const sections = (html: string): string[] => texts(html, "main > section > h2");

describe("the HTML report", () => {
  it("is the same for the same record, byte for byte", () => {
    const again = render(smallRecord());
    expect(render(smallRecord()) === again).toBe(true);
  });

  it("of 10 strategies on 8 numbers of CPUs is below 2 MB", () => {
    const html = render(largeRecord());
    expect(Buffer.byteLength(html)).toBeLessThan(2_000_000);
    expect(texts(html, "figure").length).toBeGreaterThan(8);
  });

  it("has all sections for a full record, in order, and a link to each", () => {
    const html = render(smallRecord());
    const expected = [
      "Throughput",
      "All cells",
      "Latency",
      "Hottest lines",
      "Time",
      "Memory",
      "Reclaim",
      "Policy",
      "Remarks and assumptions",
      "Run it again",
    ];
    expect(sections(html)).toEqual(expected);
    expect(texts(html, "nav a")).toEqual(expected);
    const page = parsed(html);
    for (const link of page.querySelectorAll("nav a")) {
      expect(page.getElementById(link.getAttribute("href").slice(1))?.tagName).toBe("H2");
    }
  });

  it("leaves out what a record has nothing for", () => {
    const { labelBytesByPart: _none, ...bare } = aCell({ pairNs: null });
    const html = render(aRecord({ cells: [bare] }));
    expect(sections(html)).toEqual(["All cells", "Run it again"]);
    expect(texts(html, "figure")).toEqual([]);
  });

  it("has the same figures as the terminal's table", () => {
    const record = smallRecord();
    const words = new Set(terminalReport(record, { color: false }).split(/\s+/));
    const tables = parsed(render(record)).querySelectorAll("[aria-labelledby=summary] table");
    const shown = [...tables].slice(0, 2).flatMap((table) => [...table.querySelectorAll("td")]);
    expect(shown.length).toBeGreaterThan(40);
    for (const { textContent } of shown) expect(words).toContain(textContent);
  });

  it("says first what was asked, of what, where and with which versions", () => {
    const html = render(smallRecord());
    const top = texts(html, "header").join();
    for (const part of [
      "nginx-zen4",
      "v6.6",
      "epyc-9654",
      "nginx-2024",
      "Made-up CPU",
      "refplay 0.1.0",
      "20.20.2",
    ])
      expect(top).toContain(part);
    expect(top).toContain("nginx: 2 strategies on 1 to 192 CPUs, predicted on epyc-9654 and measured");
  });

  it("shows published points where scenario, machine, hooks and the fewest CPUs are the same, else none", () => {
    const crosses = (record: ResultsRecord): number =>
      (render(record).match(/192 CPUs: 6[58] % published/g) ?? []).length;
    // Two pictures, two runs.
    expect(crosses(smallRecord())).toBe(4);
    const { config, cells } = smallRecord();
    expect(crosses(smallRecord({ config: { ...config, scenario: "churn" } }))).toBe(0);
    expect(crosses(smallRecord({ machine: { name: "mine" } }))).toBe(0);
    expect(crosses(smallRecord({ cells: cells.map((cell) => ({ ...cell, hooks: "v6.7" })) }))).toBe(0);
    expect(crosses(smallRecord({ cells: cells.map((cell) => ({ ...cell, cpus: cell.cpus + 8 })) }))).toBe(0);
    expect(crosses(smallRecord({ config: { ...config, strategies: ["none", "./old/kref.ts"] } }))).toBe(0);
    // Both runs, and where a third may lie.
    expect(texts(render(smallRecord()), "#scaling-sim td")).toContain("68 / 65 (65 to 68)");
  });

  it("tells faults, unfinished runs and why one stopped before anything else", () => {
    const bad = aCell({
      leaked: 3,
      leakedByKind: { label: 3 },
      violations: 1,
      violationsByVerdict: { "double-free": 1 },
    });
    const failure = { cell: "none@1", code: "out-of-memory", message: "no memory is left" };
    const html = render(aRecord({ cells: [bad], planned: ["kref@1", "none@1"], failure }));
    expect(sections(html)[0]).toBe("Faults");
    expect(texts(html, ".alert li")).toEqual([
      "kref, 1 CPU: leaked 3 (label 3)",
      "kref, 1 CPU: 1 violation (double-free 1)",
      "Not finished: 1 of 2 cells.",
      "Stopped at none@1: no memory is left",
    ]);
    expect(texts(html, "td.fault")).toEqual(["4"]);
    expect(texts(render(aRecord({ planned: ["kref@1", "none@1"] })), ".alert h2")).toEqual([
      "An unfinished run",
    ]);
    expect(texts(render(aRecord()), ".alert")).toEqual([]);
  });

  it("draws latency from percentiles where there is no histogram", () => {
    const { config } = smallRecord();
    const cells = [aSimCell(), aSimCell({ id: "none@192", strategy: "none", latencies: [] })];
    const html = render(simRecord(cells, { config }));
    expect(texts(html, "#latency-sim-open td").slice(0, 4)).toEqual(["3,900", "6,000", "9,001", "20,000"]);
  });

  it("shows a scenario's own figures beside published ones, and no labels", () => {
    const html = render(scenarioRecord());
    expect(sections(html)).toContain("Beside published figures");
    expect(sections(html)).not.toContain("Memory");
    const rows = [...parsed(html).querySelectorAll("[aria-labelledby=published] tbody tr")];
    expect(rows.map(({ textContent }) => textContent)).toEqual([
      "system time %ref-walk1289785+12 points",
      "system time %rcu-walk12886.585+1.5 points",
      "gain over ref-walkrcu-walk1283.083..40",
    ]);
    expect(texts(html, "header")[0]).toContain("proc-walk: 2 variants on 128 CPUs");
  });

  it("has a picture over what the config varies, and a column for it", () => {
    const of = (value: number) =>
      fullCell({
        id: `kref ${value}`,
        varied: { parameter: "thinkUs", value },
        requestsPerSecond: 1000 * (value + 1),
      });
    const html = render(simRecord([of(0), of(35), of(70)]));
    expect(texts(html, "#varied-sim figcaption")[0]).toContain(
      "From thinkUs 0 to 70 rates change by: kref +7000.0 %.",
    );
    expect(texts(html, "[id^=scaling-]")).toEqual([]);
    expect(texts(html, "[aria-labelledby=summary] th").slice(0, 2)).toEqual(["strategy", "thinkUs"]);
  });

  it("tells every step of a history of policy", () => {
    const policySteps = [
      { step: "load a", verdict: "done" },
      { step: "load <b>", verdict: "EEXIST", expected: "done", why: "it is there", column: 6 },
    ];
    const html = render(aRecord({ cells: [aCell({ policySteps })] }));
    expect(texts(html, "[aria-labelledby=policy] tbody tr")).toEqual([
      "load adone",
      "load <b>EEXIST, must be doneit is there (column 6)",
    ]);
  });
});

describe("the page is safe: names and paths", () => {
  const nasty = `<script>alert(1)</script>"' onload=x <!-- & </style>`;

  it("come out as text wherever they stand", () => {
    const cells = smallRecord().cells.map((cell) => ({
      ...cell,
      strategy: `${nasty}${cell.strategy}`,
      notes: [nasty],
      ...(cell.ownership === undefined ? {} : { ownership: { ...cell.ownership, symbol: nasty } }),
      ...(cell.hottestLines === undefined
        ? {}
        : { hottestLines: cell.hottestLines.map((line) => ({ ...line, symbol: nasty })) }),
    }));
    const config = { scenario: "nginx", strategies: [{ use: `./${nasty}.ts` }] };
    const html = render(smallRecord({ name: nasty, seed: nasty, config, cells, machine: { name: nasty } }));
    const page = parsed(html);
    expect([...page.querySelectorAll("script, [onload]")]).toEqual([]);
    expect(texts(html, "h1")).toEqual([nasty]);
    expect(page.title).toBe(`${nasty} - refplay report`);
    expect(texts(html, "pre").join()).toContain(`./${nasty}.ts`);
  });

  it("and nothing is allowed but the page's own styles", () => {
    const page = parsed(render(smallRecord()));
    const policy = page.querySelector("meta[http-equiv]")?.getAttribute("content");
    expect(policy).toBe("default-src 'none'; style-src 'unsafe-inline'; img-src data:");
  });
});

describe("everybody can read it:", () => {
  const page = parsed(render(smallRecord()));

  it("every picture has its finding as a text alternative, a caption, and its data as a table", () => {
    const figures = [...page.querySelectorAll("figure")];
    expect(figures.length).toBeGreaterThan(8);
    for (const figure of figures) {
      const finding = figure.querySelector("figcaption span").textContent;
      expect(finding).toMatch(/\d.*\.$/);
      const pictures = [...figure.querySelectorAll("svg")];
      expect(pictures.map((svg) => svg.getAttribute("role"))).toEqual(["img", "img"]);
      for (const svg of pictures) {
        const [, said] = svg.getAttribute("aria-label").split(/\. (.*)/s);
        expect(finding).toContain(said);
        expect(svg.textContent).not.toContain("NaN");
        expect(svg.outerHTML).not.toMatch(/NaN|Infinity|undefined/);
      }
      expect(figure.querySelectorAll("details table tbody tr").length).toBeGreaterThan(0);
    }
  });

  it("tables have captions, scopes and as many cells in each row as in the head", () => {
    for (const table of page.querySelectorAll("table")) {
      expect(table.querySelector("caption").textContent).not.toBe("");
      // Where it is wider than the page, arrow keys move it.
      const around = table.parentNode;
      expect(["role", "tabindex", "aria-label"].map((name) => around.getAttribute(name))).toEqual([
        "region",
        "0",
        table.querySelector("caption").textContent,
      ]);
      const columns = table.querySelectorAll("thead th[scope=col]").length;
      for (const row of table.querySelectorAll("tbody tr")) {
        expect(row.querySelectorAll("th[scope=row]").length).toBe(1);
        expect(row.children.length).toBe(columns);
      }
    }
  });

  it("ids are unique and headings go down one level at a time", () => {
    const ids = [...page.querySelectorAll("[id]")].map((node) => node.getAttribute("id"));
    expect(new Set(ids).size).toBe(ids.length);
    const levels = [...page.querySelectorAll("h1, h2, h3")].map(({ tagName }) => Number(tagName[1]));
    expect(levels[0]).toBe(1);
    levels.forEach((level, index) => {
      expect(level - (levels[index - 1] ?? 1)).toBeLessThanOrEqual(1);
    });
    expect(page.documentElement.getAttribute("lang")).toBe("en");
  });
});
