import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadConfig } from "../../src/config/load.ts";
import { builtinScenarios } from "../../src/config/scenarios.ts";
import { packageRoot } from "../../src/link/node-host.ts";
import { describeStrategy, folderWith, strategyFiles } from "./support.ts";

const folder = join(packageRoot, "configs");
const shipped = readdirSync(folder).filter((name) => name.endsWith(".yaml"));

describe("the configs that come with refplay", () => {
  it.each(shipped)("%s has no mistake and tells editors of the schema", (name) => {
    const context = {
      workingFolder: packageRoot,
      strategiesFolder: join(folderWith(strategyFiles), "strategies"),
      describe: describeStrategy,
      scenarios: builtinScenarios,
    };
    expect(loadConfig(join("configs", name), {}, context).name).toBe(name.replace(".yaml", ""));
    const [first] = readFileSync(join(folder, name), "utf8").split("\n");
    expect(first).toBe("# yaml-language-server: $schema=../docs/config.schema.json");
  });
});
