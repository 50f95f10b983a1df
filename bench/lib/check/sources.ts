/** Which strategies there are, in the order of their names, and what became of a search that failed. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { appliesTo, checkPrograms } from "../../../src/checks/index.ts";
import { RefplayError } from "../../../src/errors.ts";
import { readStrategyMeta } from "../../../src/link/meta.ts";
import { nodeHost, packageRoot } from "../../../src/link/node-host.ts";

function modulesIn(folder: string): readonly string[] {
  return readdirSync(join(packageRoot, folder))
    .filter((name) => name.endsWith(".ts"))
    .map((name) => name.slice(0, -3))
    .sort();
}

export const brokenStrategies = (): readonly string[] => modulesIn("strategies/broken");

/** Path of a shipped strategy's module, or a broken one's as "broken/name". */
export function strategyPath(name: string): string {
  return join(packageRoot, "strategies", `${name}.ts`);
}

/** Names of the shipped strategies that a program of the catalogue, which needs one, is checked with. */
export function strategiesFor(name: string): readonly string[] {
  const program = checkPrograms.find((candidate) => candidate.name === name);
  if (program === undefined) throw new Error(`the catalogue has no program ${name}`);
  const host = nodeHost();
  return modulesIn("strategies").filter(
    (strategy) => appliesTo(program, readStrategyMeta(strategyPath(strategy), host)) === null,
  );
}

/** A search that did not come to an answer. */
export interface Failure {
  readonly failed: string;
}

/** For `catch`: an error that a user can do something about becomes a row of the table. */
export function failureOf(error: unknown): Failure {
  if (!(error instanceof RefplayError)) throw error;
  return { failed: `${error.code}: ${error.message.split("\n", 1)[0]}` };
}
