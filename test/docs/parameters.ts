/** The table of a scenario's parameters as its page shows it: made of the schema, so that it cannot say anything else. */
import type { Scenario } from "../../src/config/scenarios.ts";
import { expectation, toInputSchema } from "../../src/input/describe.ts";

/** Path of the page, from the project's folder. */
export function pageOf({ name, variants }: Scenario): string {
  return `docs/${variants === undefined ? "workloads" : "scenarios"}/${name}.md`;
}

/** Heading and table, a row for each parameter in the schema's order. */
export function parameterTable({ parameters }: Scenario): string {
  const rows = Object.entries(toInputSchema(parameters).properties ?? {}).map(([name, property]) => {
    const standard = property.default === undefined ? "needed" : `${property.default}`;
    return `| \`${name}\` | ${expectation(property)} | ${standard} | ${property.description ?? ""} |`;
  });
  const head = [
    "## Parameters",
    "",
    "| parameter | takes | default | meaning |",
    "| --- | --- | --- | --- |",
  ];
  return [...head, ...rows, ""].join("\n");
}
