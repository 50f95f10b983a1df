/**
 * Bundles modules for a page. Whatever needs Node fails here: for the platform `browser` esbuild knows no module of Node's, and what a
 * package's own field `browser` leaves out is no part of the bundle.
 */
import { build, type Plugin } from "esbuild";
import { packageRoot } from "../../src/link/node-host.ts";

export interface Bundle {
  /** A classic script that leaves the exports of the entry in the global `refplay`. */
  readonly script: string;
  /** Files that it was made of, from the project's folder. */
  readonly inputs: readonly string[];
  /** `file: name` for each of `BundleOptions.globals` that a file uses, where no declaration of its own is meant. */
  readonly uses: readonly string[];
}

export interface BundleOptions {
  /** Global names (`Buffer`, `Math.random`) whose uses are told; the script does not run then. */
  readonly globals?: readonly string[];
  /** What takes part in the bundling, for tests that change a source on the way. */
  readonly plugins?: readonly Plugin[];
}

/** In place of a global name in the script. */
const marker = "refplayGlobal";

/**
 * @param entry path from the project's folder
 * @throws esbuild's BuildFailure, with the import that cannot be
 */
export async function bundle(
  entry: string,
  { globals = [], plugins = [] }: BundleOptions = {},
): Promise<Bundle> {
  const { outputFiles, metafile, warnings } = await build({
    absWorkingDir: packageRoot,
    entryPoints: [entry],
    bundle: true,
    format: "iife",
    globalName: "refplay",
    platform: "browser",
    target: "es2023",
    write: false,
    metafile: true,
    logLevel: "silent",
    define: Object.fromEntries(globals.map((name, index) => [name, `${marker}${index}`])),
    plugins: [...plugins],
  });
  const [warning] = warnings;
  if (warning !== undefined) throw new Error(`${warning.location?.file}: ${warning.text}`);
  const script = outputFiles[0]?.text ?? "";
  const inputs = Object.keys(metafile.inputs).sort();
  return { script, inputs, uses: usesIn(script, new Set(inputs), globals) };
}

/** esbuild writes every module's path in a comment before it. */
function usesIn(script: string, inputs: ReadonlySet<string>, globals: readonly string[]): string[] {
  const uses = new Set<string>();
  let file = "";
  for (const line of script.split("\n")) {
    const named = /^\s*\/\/ (\S+)$/.exec(line)?.[1];
    if (named !== undefined && inputs.has(named)) file = named;
    for (const [, index] of line.matchAll(new RegExp(`\\b${marker}(\\d+)\\b`, "g"))) {
      uses.add(`${file}: ${globals[Number(index)]}`);
    }
  }
  return [...uses].sort();
}
