/** Pages about strategies have one shape, so that they can be read side by side. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../src/link/node-host.ts";
import { type Page, readPage } from "./markdown.ts";

/** In this order; pages have others between them. */
const parts = ["Idea", "Memory", "Fast path", "Cost", "When to use it", "When not", "Sources"];

const names = readdirSync(join(packageRoot, "strategies"))
  .filter((file) => file.endsWith(".ts"))
  .map((file) => file.replace(/\.ts$/, ""));

/** Text of the part under a heading of the second level. */
function part(name: string, heading: string): string {
  const text = readFileSync(join(packageRoot, `docs/strategies/${name}.md`), "utf8");
  return text.split(/^## /m).find((one) => one.startsWith(`${heading}\n`)) ?? "";
}

const titles = (page: Page) => page.headings.filter(({ depth }) => depth === 2).map(({ text }) => text);

describe.each(names)("the page about %s", (name) => {
  const page = readPage(`docs/strategies/${name}.md`);

  it("is called by the strategy's name, and begins with what it is in a sentence or two", () => {
    expect(page.headings[0]).toMatchObject({ depth: 1, text: name });
    const text = readFileSync(join(packageRoot, page.path), "utf8");
    expect(text.split("\n\n")[1] ?? "").toMatch(/^[A-Z`][^#|]{30,}\.$/);
  });

  it("has all parts, in order, and none twice", () => {
    const there = titles(page);
    expect(there.filter((title) => parts.includes(title))).toEqual(parts);
    expect(new Set(there).size).toBe(there.length);
  });

  it("shows the bytes of a label and of a holder in a picture", () => {
    expect(part(name, "Memory")).toMatch(/^ {4}label +\+0/m);
  });

  it("tells the fast path in words, and when to use it and when not", () => {
    for (const heading of ["Fast path", "When to use it", "When not"])
      expect(part(name, heading).length, heading).toBeGreaterThan(100);
  });

  it("has costs on 1, 16 and 192 CPUs, with the command that shows them", () => {
    const text = part(name, "Cost");
    expect(text).toContain("refplay run configs/strategy-costs.yaml");
    const rows = page.rows.filter((row) => row.length === 8).map(([cpus]) => cpus);
    expect(rows.slice(0, 3)).toEqual(["1", "16", "192"]);
  });

  it("has the measured figures that the table of all strategies has", () => {
    const all = readPage("docs/strategies/README.md").rows;
    const row = all.find((one) => one.length === 6 && one[0] === `\`${name}\``);
    expect(row).toBeDefined();
    expect(page.rows.filter((one) => one.length === 5)).toContainEqual(row?.slice(1));
  });

  it("names its sources with a version, a date or a commit", () => {
    const sources = part(name, "Sources").match(/^- [\s\S]*?(?=^- |$(?![\s\S]))/gm) ?? [];
    expect(sources.length).toBeGreaterThan(0);
    expect(sources.filter((source) => !/v\d+\.\d+|(19|20)\d\d|\d+\.\d+|commit/.test(source))).toEqual([]);
  });
});
