/** The config's JSON Schema, for completion and checks in editors: docs/config.schema.json is a copy that a test compares. */
import { type JsonSchema, toInputSchema } from "../input/describe.ts";
import { type Scenario, scenarioNames } from "./scenarios.ts";
import { configSchema } from "./schema.ts";

/** JSON Schema (draft 2020-12) of a config file; `workload` follows `scenario`. */
export function configJsonSchema(scenarios: readonly Scenario[]): JsonSchema {
  const fields = toInputSchema(configSchema(scenarioNames(scenarios)));
  const standard = fields.properties?.scenario?.default;
  return {
    ...fields,
    title: "refplay config",
    allOf: scenarios.map((scenario) => {
      const { $schema: _, ...workload } = toInputSchema(scenario.parameters);
      const chosen = { properties: { scenario: { const: scenario.name } } };
      return {
        // Without `scenario`, the default's parameters apply.
        if: scenario.name === standard ? chosen : { ...chosen, required: ["scenario"] },
        then: { properties: { workload } },
      };
    }),
  };
}
