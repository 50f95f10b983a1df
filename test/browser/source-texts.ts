/** The project's portable sources as texts, for hosts without a file system. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../src/link/node-host.ts";
import type { SourceTexts } from "./jobs.ts";

function filesIn(folder: string): string[] {
  return readdirSync(join(packageRoot, folder))
    .sort()
    .flatMap((name) => {
      const path = `${folder}/${name}`;
      if (statSync(join(packageRoot, path)).isDirectory()) return filesIn(path);
      return path.endsWith(".ts") ? [path] : [];
    });
}

export function sourceTexts(): SourceTexts {
  const paths = ["src/machine", "src/kernel", "strategies"].flatMap(filesIn);
  return Object.fromEntries(paths.map((path) => [path, readFileSync(join(packageRoot, path), "utf8")]));
}
