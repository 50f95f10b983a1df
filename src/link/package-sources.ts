/**
 * This package's own portable sources, as every program names them: which file stands behind `refplay/machine` and the like,
 * and a host that has them as texts instead of files, so that a page links what Node links.
 */
import { memoryHost, type SourceHost } from "./source-host.ts";

const packageModules: Readonly<Record<string, string>> = {
  "refplay/machine": "src/machine/index.ts",
  "refplay/kernel": "src/kernel/core/index.ts",
  "refplay/callbacks": "src/kernel/callbacks.ts",
  "refplay/internal/contract-defaults": "src/kernel/core/contract-defaults.ts",
  "refplay/internal/rcu-qsbr": "src/kernel/core/rcu-qsbr.ts",
  "refplay/internal/core-options": "src/kernel/core/options.ts",
  "refplay/internal/program": "src/kernel/program.ts",
};

/** Any portable source of this package, by its path from the package's folder. */
const sourcePrefix = "refplay/source/";

/** The file that a specifier of this package means, by its path from the package's folder; undefined where it is none. */
export function packageSource(specifier: string): string | undefined {
  if (specifier.startsWith(sourcePrefix)) return specifier.slice(sourcePrefix.length);
  return Object.hasOwn(packageModules, specifier) ? packageModules[specifier] : undefined;
}

/**
 * A host over this package's sources as texts: no file system, so that it works in a page.
 * @param files texts by path from the package's folder (`src/kernel/program.ts`), and a user's own beside them
 */
export function packageSourcesHost(files: Readonly<Record<string, string>>): SourceHost {
  return memoryHost(files, {
    read: () => undefined,
    resolve: packageSource,
    display: (path) => path,
  });
}
