/** Links of the docs lead somewhere: to files that exist, headings that are there, and code that defines what the link says. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, extname, join, normalize } from "node:path";
import { parse } from "@babel/parser";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../src/link/node-host.ts";
import { type Link, type Page, pagePaths, readPage } from "./markdown.ts";

const pages = new Map(pagePaths.map((path) => [path, readPage(path)]));

/** File and anchor that a link of a page means; undefined for one that leads out of the project. */
function aim(page: Page, { target }: Link): { path: string; anchor: string | undefined } | undefined {
  if (/^[a-z]+:/.test(target)) return undefined;
  const [path = "", anchor] = target.split("#");
  return { path: path === "" ? page.path : normalize(join(dirname(page.path), path)), anchor };
}

const linksOf = (page: Page) =>
  page.links.flatMap((link) => {
    const aimed = aim(page, link);
    return aimed === undefined ? [] : [{ ...link, ...aimed }];
  });

/** What is declared anywhere in a file: functions, classes, constants, types, members of classes. */
function declared(path: string): ReadonlySet<string> {
  const names = new Set<string>();
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) {
      for (const one of node) visit(one);
      return;
    }
    if (node === null || typeof node !== "object") return;
    const { type, id, key } = node as Record<string, { name?: string } | undefined> & { type?: string };
    if (typeof type !== "string") return;
    if (/Declaration$|Declarator$|^ClassMethod$/.test(type)) {
      const name = (id ?? key)?.name;
      if (name !== undefined) names.add(name);
    }
    for (const [field, value] of Object.entries(node)) if (field !== "loc") visit(value);
  };
  visit(
    parse(readFileSync(join(packageRoot, path), "utf8"), { sourceType: "module", plugins: ["typescript"] })
      .program.body,
  );
  return names;
}

describe.each([...pages.values()].map((page) => [page.path, page] as const))("%s", (_path, page) => {
  it("links to files that exist", () => {
    expect(
      linksOf(page)
        .filter(({ path }) => !existsSync(join(packageRoot, path)))
        .map(({ target }) => target),
    ).toEqual([]);
  });

  it("links to headings that are there", () => {
    const wrong = linksOf(page).filter(({ path, anchor }) => {
      const aimed = pages.get(path);
      return anchor !== undefined && !(aimed?.headings.some((heading) => heading.anchor === anchor) ?? false);
    });
    expect(wrong.map(({ target }) => target)).toEqual([]);
  });

  it("has tables whose rows all have as many cells as their head", () => {
    // What is too much is dropped without a word: a | within code, say.
    const cells = (line: string) => line.split(/(?<!\\)\|/).length;
    const wrong = page.tables.flatMap((table) => {
      const [head = "", ...rows] = table.trimEnd().split("\n");
      return rows.filter((row) => cells(row) !== cells(head));
    });
    expect(wrong).toEqual([]);
  });

  it("names what the linked sources define", () => {
    const wrong = linksOf(page).filter(
      ({ code, path }) =>
        code !== undefined &&
        /^\w+$/.test(code) &&
        path.endsWith(".ts") &&
        existsSync(join(packageRoot, path)) &&
        !declared(path).has(code),
    );
    expect(wrong.map(({ code, target }) => `${code} in ${target}`)).toEqual([]);
  });
});

/** Whether a guide has its reader write that file, or the page that belongs to it. */
function isExample({ examples }: Page, path: string): boolean {
  const name = (one: string) => basename(one, extname(one));
  return examples.some((example) => name(example) === name(path));
}

/** Pages that can be reached from one by links. */
function reachedFrom(start: string): Set<string> {
  const reached = new Set<string>();
  const visit = (path: string): void => {
    const page = pages.get(path);
    if (page === undefined || reached.has(path)) return;
    reached.add(path);
    for (const link of linksOf(page)) visit(link.path);
  };
  visit(start);
  return reached;
}

describe("the pages of docs/", () => {
  const all = pagePaths.filter((path) => path.startsWith("docs/"));

  it("are reached from the README", () => {
    const reached = reachedFrom("README.md");
    expect(all.filter((path) => !reached.has(path))).toEqual([]);
  });

  it("are in the index, docs/README.md, each of them", () => {
    const index = pages.get("docs/README.md");
    const listed = new Set(index === undefined ? [] : linksOf(index).map(({ path }) => path));
    expect(all.filter((path) => path !== "docs/README.md" && !listed.has(path))).toEqual([]);
  });

  it("name sources of the project that exist", () => {
    const roots = readdirSync(packageRoot).filter((name) => !name.includes("."));
    const wrong = [...pages.values()].flatMap((page) =>
      page.spans
        .filter((span) => /^[\w./@-]+\.(ts|js|yaml|csv|c|json|md|strace)$/.test(span))
        .filter((span) => roots.includes(span.split("/")[0] ?? "") && span.includes("/"))
        .filter((span) => !span.startsWith("node_modules/") && !span.startsWith("results/"))
        .filter((span) => !existsSync(join(packageRoot, span)) && !isExample(page, span))
        .map((span) => `${page.path}: ${span}`),
    );
    expect(wrong).toEqual([]);
  });
});
