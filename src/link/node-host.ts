/**
 * Reads portable sources from disk. `refplay/machine` and `refplay/kernel` are this package's own sources, from wherever
 * a strategy imports them, so that a user's folder needs no configuration.
 */
import { readFileSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { packageSource } from "./package-sources.ts";
import type { SourceHost } from "./source-host.ts";

/** The package's folder, whether this file runs from `src/` or from `dist/`. */
export const packageRoot = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** A host over the file system. Relative imports name files with their extension; `.js` also finds the `.ts` beside it. */
export function nodeHost(workingDirectory: string = process.cwd()): SourceHost {
  return {
    read(path) {
      return isFile(path) ? readFileSync(path, "utf8") : undefined;
    },
    resolve(specifier, importer) {
      const own = packageSource(specifier);
      if (own !== undefined) return join(packageRoot, own);
      if (!specifier.startsWith(".") && !isAbsolute(specifier)) return undefined;
      const path = resolve(dirname(importer), specifier);
      const candidates = [path, path.replace(/\.js$/, ".ts"), `${path}.ts`, join(path, "index.ts")];
      return candidates.find(isFile);
    },
    display(path) {
      const shown = relative(workingDirectory, path);
      return shown.startsWith("..") ? path : shown;
    },
  };
}
