/** Pages of the docs as a Markdown parser sees them: headings with their anchors, links, blocks of code, command lines. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import GithubSlugger from "github-slugger";
import { marked, type Token } from "marked";
import { packageRoot } from "../../src/link/node-host.ts";

export interface Link {
  /** As written, with its anchor. */
  readonly target: string;
  /** Its text where that is nothing but code: `` [`runCli`](...) ``. */
  readonly code: string | undefined;
}

export interface CodeBlock {
  /** What stands behind the fence; `""` where nothing does, undefined for an indented block. */
  readonly language: string | undefined;
  readonly text: string;
  /** Words of the HTML comment right before it, if there is one. */
  readonly comment: string | undefined;
}

export interface Page {
  /** From the project's folder. */
  readonly path: string;
  readonly headings: readonly { readonly depth: number; readonly text: string; readonly anchor: string }[];
  readonly links: readonly Link[];
  readonly blocks: readonly CodeBlock[];
  /** Files that a reader of the page has written by its end, by path as given there. */
  readonly examples: readonly string[];
  /** Code within a line. */
  readonly spans: readonly string[];
  /** Tables as written. */
  readonly tables: readonly string[];
  /** Rows of all tables, cells as written. */
  readonly rows: readonly (readonly string[])[];
}

function textOf(token: Token): string {
  if ("tokens" in token && token.tokens !== undefined && token.type !== "codespan")
    return token.tokens.map(textOf).join("");
  return "text" in token ? String(token.text) : "";
}

/** Reads a page, its path from the project's folder. */
export function readPage(path: string): Page {
  const tokens = marked.lexer(readFileSync(join(packageRoot, path), "utf8"));
  const slugger = new GithubSlugger();
  const headings: { depth: number; text: string; anchor: string }[] = [];
  const links: Link[] = [];
  const blocks: CodeBlock[] = [];
  const spans: string[] = [];
  const rows: string[][] = [];
  const tables: string[] = [];
  let comment: string | undefined;
  marked.walkTokens(tokens, (token) => {
    switch (token.type) {
      case "heading": {
        const text = textOf(token);
        headings.push({ depth: token.depth, text, anchor: slugger.slug(text) });
        break;
      }
      case "link": {
        const only = token.tokens?.length === 1 ? token.tokens[0] : undefined;
        links.push({ target: token.href, code: only?.type === "codespan" ? only.text : undefined });
        break;
      }
      case "code": {
        const language = token.codeBlockStyle === "indented" ? undefined : (token.lang ?? "");
        blocks.push({ language, text: token.text, comment });
        break;
      }
      case "codespan":
        spans.push(token.text);
        break;
      case "table":
        tables.push(token.raw);
        for (const row of token.rows) rows.push(row.map((cell: { text: string }) => cell.text));
        break;
    }
    if (token.type === "html") comment = /^<!-- (.*?) -->\s*$/s.exec(token.raw)?.[1];
    else if (token.type !== "space") comment = undefined;
  });
  const examples = blocks.flatMap((block) => /^(?:example|twin): (\S+)/.exec(block.comment ?? "")?.[1] ?? []);
  return { path, headings, links, blocks, examples, spans, tables, rows };
}

function markdownBelow(folder: string): string[] {
  return readdirSync(join(packageRoot, folder), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return markdownBelow(path);
      return entry.name.endsWith(".md") ? [path] : [];
    });
}

/** Every page that belongs to the documentation. */
export const pagePaths: readonly string[] = ["README.md", "CHANGELOG.md", ...markdownBelow("docs")];
