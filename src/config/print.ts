/** Prints a resolved config as YAML with a comment before every field: what it means, and its range. */
import { Document, isMap, isSeq, type Pair, type Scalar } from "yaml";
import { expectation, type JsonSchema, schemaAt, toInputSchema } from "../input/describe.ts";
import { type Scenario, scenarioNames } from "./scenarios.ts";
import { type Config, configSchema } from "./schema.ts";

/** YAML that gives the same run when it is read again. */
export function printConfig(config: Config, scenarios: readonly Scenario[]): string {
  const scenario = scenarios.find((known) => known.name === config.scenario);
  const fields = toInputSchema(configSchema(scenarioNames(scenarios)));
  const parameters = scenario === undefined ? undefined : toInputSchema(scenario.parameters);

  const document = new Document({});
  for (const key of Object.keys(fields.properties ?? {})) {
    // A scenario compares strategies or variants; the other list would be refused.
    if (key === (scenario?.variants === undefined ? "variants" : "strategies")) continue;
    const pair = document.createPair(key, (config as Record<string, unknown>)[key]);
    document.add(pair);
    explain(pair, fields.properties?.[key], 0);
    if (isSeq(pair.value) && key !== "strategies") pair.value.flow = true;
    if (key !== "workload" || !isMap(pair.value)) continue;
    for (const parameter of pair.value.items) {
      explain(parameter, schemaAt(parameters ?? {}, [String((parameter.key as Scalar).value)]), 2);
    }
  }
  return document.toString({ lineWidth: 0 });
}

/** Columns of a comment, its indentation included. */
const width = 78;

/** Puts the field's sentence and range before its key, wrapped. */
function explain(pair: Pair, schema: JsonSchema | undefined, indent: number): void {
  if (schema?.description === undefined) return;
  const plain =
    schema.type === "integer" ||
    schema.type === "number" ||
    schema.enum !== undefined ||
    schema.anyOf?.some((branch) => branch.const !== undefined);
  const text = plain ? `${schema.description} (${expectation(schema)})` : schema.description;
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (indent + 1 + line.length + 1 + word.length > width) {
      lines.push(line);
      line = "";
    }
    line += ` ${word}`;
  }
  (pair.key as Scalar).commentBefore = [...lines, line].join("\n");
}
