/** Imports go one way: which folder may know which other. The order of the design's layout page, held by reading the sources. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { layers } from "./layers.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

/** Files that no page can load: everything else in these folders stays free of Node. */
const browserSafe = [
  "src/machine/",
  "src/kernel/",
  "src/link/",
  "src/input/",
  "src/machines/",
  "src/workloads/",
  "src/scenarios/",
  "src/policy/",
  "src/engines/bad-address.ts",
  "src/engines/reference/",
  "src/engines/check/",
  "src/checks/",
  "src/fidelity/",
  "strategies/",
];
const nodeOnly = new Set([
  "src/link/cache.ts",
  "src/link/node-host.ts",
  "src/fidelity/read-published.ts",
  "src/machines/files.ts",
]);

function sources(folder: string): string[] {
  return readdirSync(join(root, folder))
    .sort()
    .flatMap((name) => {
      const path = `${folder}/${name}`;
      if (statSync(join(root, path)).isDirectory()) return sources(path);
      return path.endsWith(".ts") && !path.endsWith(".d.ts") ? [path] : [];
    });
}

function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), "utf8");
  return [
    ...text.matchAll(/^(?:import|export)\b[^;"]*?from "([^"]+)"/gms),
    ...text.matchAll(/\bimport\("([^"]+)"\)/g),
  ].map((match) => match[1] ?? "");
}

/** The project file that a relative import names, or null for a package. */
function target(file: string, specifier: string): string | null {
  if (!specifier.startsWith(".")) return null;
  return relative(root, resolve(root, dirname(file), specifier))
    .split(sep)
    .join("/");
}

const layerOf = (file: string) => layers.find((layer) => file.startsWith(layer.prefix));
const files = [...sources("src"), ...sources("strategies")];

describe("imports", () => {
  it("belong to a known layer", () => {
    expect(files.filter((file) => layerOf(file) === undefined)).toEqual([]);
  });

  it("go down the layers only", () => {
    const wrong = files.flatMap((file) =>
      importsOf(file).flatMap((specifier) => {
        const imported = target(file, specifier);
        const layer = layerOf(file);
        if (imported === null || layer === undefined || imported.startsWith(layer.prefix)) return [];
        return layer.may.some((prefix) => imported.startsWith(prefix)) ? [] : [`${file} imports ${imported}`];
      }),
    );
    expect(wrong).toEqual([]);
  });

  it("of strategies are the machine, the kernel's core, their parts and files beside them", () => {
    const allowed = /^(refplay\/machine|refplay\/kernel|refplay\/strategy\/[a-z]|\.\/|\.\.\/)/;
    const wrong = files
      .filter((file) => file.startsWith("strategies/"))
      .flatMap((file) =>
        importsOf(file)
          .filter((specifier) => !allowed.test(specifier))
          .map((specifier) => `${file} imports ${specifier}`),
      );
    expect(wrong).toEqual([]);
  });

  it("of the machine, linker, workloads, stepped engines and checks need no Node", () => {
    const wrong = files
      .filter((file) => browserSafe.some((prefix) => file.startsWith(prefix)) && !nodeOnly.has(file))
      .flatMap((file) =>
        importsOf(file)
          .filter((specifier) => specifier.startsWith("node:"))
          .map((specifier) => `${file} imports ${specifier}`),
      );
    expect(wrong).toEqual([]);
  });
});
