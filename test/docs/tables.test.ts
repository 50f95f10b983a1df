/** Tables of the docs that are made of the project's own data say what that data says. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { builtinScenarios } from "../../src/config/scenarios.ts";
import { readStrategyMeta } from "../../src/link/meta.ts";
import { nodeHost, packageRoot } from "../../src/link/node-host.ts";
import type { LitmusTest } from "../litmus/litmus-test.ts";
import { orderTests } from "../litmus/order-tests.ts";
import { rcuTests } from "../litmus/rcu-tests.ts";
import { storeBufferTests } from "../litmus/store-buffer-tests.ts";
import { layers } from "../tidy/layers.ts";
import { readPage } from "./markdown.ts";
import { pageOf, parameterTable } from "./parameters.ts";

const rowsOf = (path: string, columns: number): string[] =>
  readPage(path)
    .rows.filter((row) => row.length === columns)
    .map((row) => `| ${row.join(" | ")} |`);

const code = (text: string): string => `\`${text}\``;
const outcomes = (list: readonly string[]): string => (list.length === 0 ? "-" : list.map(code).join(" "));

/** `//` between actors: a softirq that runs callbacks is one. */
function litmusRow(test: LitmusTest): string {
  const { actors, asks, callback, finish = [], name, sc, tsoOnly } = test;
  const all = [...actors, ...(callback === undefined ? [] : [`callback: ${callback}`])];
  return `| ${[name, asks, all.map(code).join("<br>"), finish.map(code).join("<br>"), outcomes(sc), outcomes(tsoOnly)].join(" | ")} |`;
}

describe("docs/memory-model.md", () => {
  it("has every litmus test with its outcomes, and no other", () => {
    const expected = [...storeBufferTests, ...orderTests, ...rcuTests].map(litmusRow);
    expect(rowsOf("docs/memory-model.md", 6)).toEqual(expected);
  });
});

describe("docs/architecture.md", () => {
  it("has the layers as the test of imports holds them", () => {
    const expected = layers.map(
      ({ may, prefix }) => `| ${code(prefix)} | ${may.length === 0 ? "-" : may.map(code).join(", ")} |`,
    );
    expect(rowsOf("docs/architecture.md", 2).slice(0, expected.length)).toEqual(expected);
  });
});

describe("docs/broken-strategies.md", () => {
  it("has every deliberate bug with what must be found", () => {
    const expected = readdirSync(join(packageRoot, "strategies/broken"))
      .sort()
      .map((file) => {
        const meta = readStrategyMeta(join(packageRoot, "strategies/broken", file), nodeHost(packageRoot));
        const { model, program, verdict } = meta.expect ?? {};
        const name = `[${code(file.replace(/\.ts$/, ""))}](../strategies/broken/${file})`;
        return `| ${[name, meta.summary, code(`${verdict}`), code(`${program}`), model].join(" | ")} |`;
      });
    expect(rowsOf("docs/broken-strategies.md", 5)).toEqual(expected);
  });
});

describe.each(builtinScenarios.map((one) => [one.name, one] as const))(
  "the page of %s",
  (_name, scenario) => {
    it("has all parameters as the schema has them (`npx tsx test/docs/write-parameters.ts`)", () => {
      const page = readFileSync(join(packageRoot, pageOf(scenario)), "utf8");
      const [there] = /^## Parameters\n\n(?:\|.*\n)+/m.exec(page) ?? [];
      expect(there).toBe(parameterTable(scenario));
    });
  },
);

it("docs/config.md names every scenario", () => {
  const [row] = readPage("docs/config.md").rows.filter(([field]) => field === "`scenario`");
  expect(
    builtinScenarios.filter(({ name }) => !row?.[1]?.includes(code(name))).map(({ name }) => name),
  ).toEqual([]);
});
