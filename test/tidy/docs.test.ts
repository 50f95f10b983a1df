/** What the docs promise is there: linked files, a page for every strategy and workload, a config field for every name. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { workloads } from "../../src/workloads/index.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

function markdownFiles(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return markdownFiles(path);
      return entry.name.endsWith(".md") ? [path] : [];
    });
}

const pages = ["README.md", "CHANGELOG.md", ...markdownFiles("docs")];

/** Relative targets of Markdown links, without their anchors. */
function links(page: string): string[] {
  const text = readFileSync(join(root, page), "utf8").replace(/^```[\s\S]*?^```/gm, "");
  return [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
    .map((match) => match[1] ?? "")
    .filter((target) => !target.includes("://"));
}

describe("the docs", () => {
  it.each(pages)("%s links to files that exist", (page) => {
    const missing = links(page).filter((target) => !existsSync(join(root, dirname(page), target)));
    expect(missing).toEqual([]);
  });

  it("have a page for every strategy", () => {
    const names = readdirSync(join(root, "strategies")).filter((name) => name.endsWith(".ts"));
    const missing = names.filter(
      (name) => !existsSync(join(root, "docs/strategies", name.replace(/\.ts$/, ".md"))),
    );
    expect(missing).toEqual([]);
  });

  it("have a page for every workload, where the registry says", () => {
    expect(
      Object.values(workloads)
        .map(({ doc }) => doc)
        .filter((doc) => !existsSync(join(root, doc))),
    ).toEqual([]);
  });

  it("are reached from the README, all of them", () => {
    const reached = new Set<string>();
    const visit = (page: string): void => {
      if (reached.has(page) || !page.endsWith(".md")) return;
      reached.add(page);
      for (const target of links(page)) visit(relative(root, join(root, dirname(page), target)));
    };
    visit("README.md");
    expect(pages.filter((page) => page.startsWith("docs/") && !reached.has(page))).toEqual([]);
  });
});
