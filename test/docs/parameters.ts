/** The table of a scenario's parameters as its page shows it: made of the schema, so that it cannot say anything else. */
import type { Scenario } from "../../src/config/scenarios.ts";
import { expectation, toInputSchema } from "../../src/input/describe.ts";

export const parameterHead = ["| parameter | takes | default | meaning |", "| --- | --- | --- | --- |"];

/** A row for each parameter, in the schema's order. */
export function parameterRows({ parameters }: Scenario): string[] {
  return Object.entries(toInputSchema(parameters).properties ?? {}).map(([name, property]) => {
    const standard = property.default === undefined ? "needed" : `${property.default}`;
    return `| \`${name}\` | ${expectation(property)} | ${standard} | ${property.description ?? ""} |`;
  });
}
