/** Reads the published tables from the package's folder: the one part of this that needs Node. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../link/node-host.ts";
import { type PublishedTexts, publishedNames } from "./published.ts";

export function readPublished(): PublishedTexts {
  const folder = join(packageRoot, "src", "fidelity", "validation");
  const texts = publishedNames.map(
    (name) => [name, readFileSync(join(folder, `${name}.csv`), "utf8")] as const,
  );
  return Object.fromEntries(texts) as Record<keyof PublishedTexts, string>;
}
