import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { builtinScenarios, scenarioNames } from "../../src/config/scenarios.ts";
import { configSchema } from "../../src/config/schema.ts";
import { toInputSchema } from "../../src/input/describe.ts";
import { packageRoot } from "../../src/link/node-host.ts";
import { resultsSchema } from "../../src/results/schema.ts";

const page = (name: string) => readFileSync(join(packageRoot, "docs", name), "utf8");
const fieldsOf = (schema: { properties?: object } | undefined) => Object.keys(schema?.properties ?? {});

describe("the docs", () => {
  it("explain every field of a config", () => {
    const fields = fieldsOf(toInputSchema(configSchema(scenarioNames(builtinScenarios))));
    expect(fields.filter((field) => !page("config.md").includes(`| \`${field}\` |`))).toEqual([]);
  });

  it("explain every field of a results record", () => {
    const record = toInputSchema(resultsSchema);
    const fields = [...fieldsOf(record), ...fieldsOf(record.properties?.cells?.items)];
    expect(fields.filter((field) => !page("results-format.md").includes(`\`${field}\``))).toEqual([]);
  });
});
