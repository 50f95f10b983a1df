/** Prints a resolved config as YAML with a comment beside every field: what it means, and its range. */
import { Document, isScalar, type Pair, type Scalar } from "yaml";
import { expectation, type JsonSchema, schemaAt, toInputSchema } from "./describe.ts";
import { type Scenario, scenarioNames } from "./scenarios.ts";
import { type Config, configSchema } from "./schema.ts";

/** YAML that gives the same run when it is read again. */
export function printConfig(config: Config, scenarios: readonly Scenario[]): string {
  const scenario = scenarios.find((known) => known.name === config.scenario);
  const fields = toInputSchema(configSchema(scenarioNames(scenarios)));
  const parameters = scenario === undefined ? undefined : toInputSchema(scenario.parameters);

  const document = new Document({});
  for (const key of Object.keys(fields.properties ?? {})) {
    const pair = document.createPair(key, (config as Record<string, unknown>)[key]);
    document.add(pair);
    comment(pair, fields.properties?.[key]);
    if (key === "cpus") flow(pair);
  }
  for (const key of Object.keys(config.workload)) {
    const pair = document.createPair(key, config.workload[key]);
    document.setIn(["workload", key], pair.value);
    commentIn(document, ["workload", key], schemaAt(parameters ?? {}, [key]));
  }
  return document.toString({ lineWidth: 0 });
}

function note(schema: JsonSchema | undefined): string | undefined {
  if (schema?.description === undefined) return undefined;
  const { description } = schema;
  const plain = schema.type === "integer" || schema.type === "number" || schema.enum !== undefined;
  return plain ? ` ${description} (${expectation(schema)})` : ` ${description}`;
}

function comment(pair: Pair, schema: JsonSchema | undefined): void {
  const text = note(schema);
  // A comment before the key reads well whatever the value's shape, and never makes a line too long to read.
  if (text !== undefined) (pair.key as Scalar).commentBefore = text;
}

function commentIn(document: Document, path: readonly string[], schema: JsonSchema | undefined): void {
  const text = note(schema);
  const node = document.getIn(path, true);
  if (text !== undefined && isScalar(node)) node.comment = text;
}

function flow(pair: Pair): void {
  (pair.value as { flow?: boolean }).flow = true;
}
