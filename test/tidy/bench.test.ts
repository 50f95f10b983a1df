/** Every strategy can be measured: it has a suite of its own under bench/strategies. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

function names(folder: string, ending: string): string[] {
  return readdirSync(join(root, folder))
    .filter((name) => name.endsWith(ending))
    .map((name) => name.slice(0, -ending.length))
    .sort();
}

const suites = names("bench/strategies", ".bench.ts");

describe("benchmarks of strategies", () => {
  it("are there for every strategy", () => {
    expect(names("strategies", ".ts").filter((name) => !suites.includes(name))).toEqual([]);
  });

  it.each(suites)("%s measures the strategy of its name", (name) => {
    const text = readFileSync(join(root, "bench/strategies", `${name}.bench.ts`), "utf8");
    expect(text).toContain(`runStrategySuite("${name}")`);
  });
});
