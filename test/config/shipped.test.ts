import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadConfig } from "../../src/config/load.ts";
import { builtinScenarios } from "../../src/config/scenarios.ts";
import { nginxThinkUs } from "../../src/fidelity/tables/nginx.ts";
import { readStrategyMeta } from "../../src/link/meta.ts";
import { nodeHost, packageRoot } from "../../src/link/node-host.ts";

const folder = join(packageRoot, "configs");
const shipped = readdirSync(folder).filter((name) => name.endsWith(".yaml"));

const host = nodeHost(packageRoot);
const context = {
  workingFolder: packageRoot,
  strategiesFolder: join(packageRoot, "strategies"),
  describe: (path: string) => readStrategyMeta(path, host),
  scenarios: builtinScenarios,
};

const templates = join("strategies", "template");

describe("the configs that come with refplay", () => {
  it("include the one that `refplay new strategy` writes", () => {
    const [name = "", ...others] = readdirSync(join(packageRoot, templates)).filter((file) =>
      file.endsWith(".yaml"),
    );
    expect(others).toEqual([]);
    const names = loadConfig(join(templates, name), {}, context).strategies.map(({ instance }) => instance);
    expect(names).toEqual(["kref", "my-strategy", "my-strategy#2"]);
  });

  it.each(shipped)("%s has no mistake and tells editors of the schema", (name) => {
    expect(loadConfig(join("configs", name), {}, context).name).toBe(name.replace(".yaml", ""));
    const [first] = readFileSync(join(folder, name), "utf8").split("\n");
    expect(first).toBe("# yaml-language-server: $schema=../docs/config.schema.json");
  });

  it.each(["nginx-zen4", "beyond-192"])("%s has the think time that was fitted", (name) => {
    const { config } = loadConfig(join("configs", `${name}.yaml`), {}, context);
    expect(config.workload.thinkUs).toBe(nginxThinkUs);
  });
});
