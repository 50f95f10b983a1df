/**
 * Code in the docs works: configs load, machines add up, what is shown of an API gives what the page says. Blocks of the guides are
 * executed in test/guides. A block of no kind that is known here fails: it would be one that nobody tries.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { realServices } from "../../src/cli/services.ts";
import { loadConfig } from "../../src/config/load.ts";
import { kernelProgram, linkProgram } from "../../src/link/link.ts";
import { nodeHost, packageRoot } from "../../src/link/node-host.ts";
import { parseMachine } from "../../src/machines/resolve.ts";
import { guideExamples } from "../guides/examples.ts";
import { type CodeBlock, pagePaths, readPage } from "./markdown.ts";

const services = realServices();
const folder = mkdtempSync(join(tmpdir(), "refplay-docs-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** What configs on pages name and readers have: a strategy and machines of their own. */
const readers: Readonly<Record<string, string>> = {
  "my-strategy.ts": guideExamples("write-a-strategy.md").files["counter.ts"] ?? "",
  "my-host.yaml": "topology: { l3Domains: 1, cores: 2, threads: 2 }\nlatencyNs: { l3: 20 }\n",
};
for (const [name, text] of Object.entries(readers)) writeFileSync(join(folder, name), text);

/** Whether a guide's own test executes the block. */
const inGuide = (path: string, { comment }: CodeBlock) =>
  path.startsWith("docs/guides/") && /^(example|replaces|twin|edit|output): /.test(comment ?? "");

const blocks = pagePaths.map(readPage).flatMap((page) =>
  page.blocks
    .filter((block) => !inGuide(page.path, block))
    // Configs stand in indented blocks, too.
    .map((block) => (/^scenario: \w/.test(block.text) ? { ...block, language: "yaml" } : block))
    .filter(({ language }) => language !== undefined)
    .map((block, index) => [`${page.path}, block ${index + 1}`, page.path, block] as const),
);
const written = (language: string) => blocks.filter(([, , block]) => block.language === language);

/** What a YAML block is, by its fields. */
function kindOf(fields: object): "config" | "machine" | "numbers of a machine" | "workflow" | undefined {
  const has = (...names: string[]) => names.some((name) => name in fields);
  if (has("scenario", "strategies", "engine")) return "config";
  if (has("topology")) return "machine";
  if (has("costNs", "latencyNs")) return "numbers of a machine";
  return has("jobs") ? "workflow" : undefined;
}

describe("YAML in the docs", () => {
  it.each(written("yaml"))("%s is right", (name, path, { text }) => {
    const fields = parse(text) as object;
    switch (kindOf(fields)) {
      case "config": {
        const file = join(folder, `${name.replaceAll(/\W+/g, "-")}.yaml`);
        writeFileSync(file, text);
        loadConfig(file, {}, { ...services, workingFolder: folder });
        break;
      }
      case "machine":
        parseMachine(text, path);
        break;
      case "numbers of a machine":
        // A part of a file: what it lacks is filled in, in front.
        parseMachine(`topology: { l3Domains: 1, cores: 2, threads: 2 }\n${text}`, path);
        break;
      case "workflow":
        expect(Object.keys(fields)).toContain("on");
        break;
      default:
        expect.fail("neither a config nor a machine");
    }
  });
});

it("has no JSON block that is none", () => {
  for (const [name, , { text }] of written("json")) expect(() => JSON.parse(text), name).not.toThrow();
});

/** A module in which each `expression; // value` hands both to `shown`. */
function asModule(text: string, path: string): string {
  const values = text.replace(/^(\S.*?);? *\/\/ (["\d[{].*)$/gm, "shown.push([$1, $2]);");
  const imports = values.replace(/from "(\.\.?\/[^"]+)"/g, (_all, target: string) => {
    return `from ${JSON.stringify(join(packageRoot, dirname(path), target))}`;
  });
  return `export const shown = [];\n${imports}`;
}

describe("TypeScript in the docs", () => {
  it.each(written("ts"))("%s does what the page says", async (name, path, { comment, text }) => {
    const file = join(folder, `${name.replaceAll(/\W+/g, "-")}.ts`);
    if (comment?.startsWith("example: ")) {
      // A strategy: portable code, which is linked and not run as JavaScript.
      writeFileSync(file, text);
      const host = nodeHost(folder);
      expect(linkProgram(kernelProgram({ path: file }, {}, host), host).functions.length).toBeGreaterThan(0);
      return;
    }
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, asModule(text, path));
    const { shown } = (await import(/* @vite-ignore */ file)) as { shown: [unknown, unknown][] };
    expect(shown.length).toBeGreaterThan(0);
    expect(shown.map(([value]) => value)).toEqual(shown.map(([, says]) => says));
  });
});

it("has no block of a language that nobody tries", () => {
  const tried = ["", "text", "yaml", "json", "ts", "sh", "bash", "console", "diff"];
  expect(
    blocks.filter(([, , { language }]) => !tried.includes(language ?? "")).map(([name]) => name),
  ).toEqual([]);
});
