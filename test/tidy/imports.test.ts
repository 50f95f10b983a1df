/** Imports go one way: which folder may know which other. The order of the design's layout page, held by reading the sources. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

/** For each layer, the layers it may import besides itself. The first prefix that fits a file decides. */
const layers: readonly { readonly prefix: string; readonly may: readonly string[] }[] = [
  { prefix: "src/errors.ts", may: [] },
  { prefix: "src/names.ts", may: [] },
  { prefix: "src/input/", may: ["src/errors.ts", "src/names.ts"] },
  { prefix: "src/version.ts", may: ["src/link/node-host.ts"] },
  { prefix: "src/machine/", may: [] },
  { prefix: "src/kernel/events.ts", may: [] },
  { prefix: "src/kernel/boot-arguments.ts", may: [] },
  // A program has the kernel's RCU callbacks unless it says otherwise, and with them the label set's options.
  { prefix: "src/kernel/core/", may: ["src/machine/", "src/kernel/label-set/options.ts"] },
  { prefix: "src/kernel/", may: ["src/machine/", "src/kernel/"] },
  { prefix: "strategies/", may: [] },
  { prefix: "src/link/", may: ["src/machine/", "src/errors.ts", "src/names.ts"] },
  { prefix: "src/engines/", may: ["src/machine/", "src/link/", "src/errors.ts"] },
  {
    prefix: "src/workloads/",
    may: ["src/kernel/events.ts", "src/kernel/boot-arguments.ts", "src/errors.ts", "src/policy/"],
  },
  // Programs of their own, known by the names of their events, kinds and counters.
  {
    prefix: "src/scenarios/",
    may: [
      "src/kernel/events.ts",
      "src/kernel/procfs/",
      "src/kernel/core/marks.ts",
      "src/engines/sim/types.ts",
      "src/engines/threads/sampling.ts",
      "src/workloads/random.ts",
      "src/names.ts",
      "src/errors.ts",
    ],
  },
  { prefix: "src/policy/", may: ["src/errors.ts", "src/names.ts", "src/workloads/random.ts"] },
  { prefix: "src/results/", may: ["src/errors.ts", "src/version.ts"] },
  {
    prefix: "src/config/",
    may: [
      "src/errors.ts",
      "src/names.ts",
      "src/input/",
      "src/machines/",
      "src/engines/sim/types.ts",
      "src/scenarios/",
      "src/workloads/",
      "src/link/",
    ],
  },
  {
    prefix: "src/machines/",
    may: [
      "src/errors.ts",
      "src/names.ts",
      "src/input/",
      "src/engines/sim/types.ts",
      "src/engines/sim/topology.ts",
    ],
  },
  { prefix: "src/report/", may: ["src/errors.ts", "src/results/"] },
  // What of the kernel the runner may know is its vocabulary: events, counters, marks and kinds.
  {
    prefix: "src/runner/",
    may: [
      "src/errors.ts",
      "src/names.ts",
      "src/config/",
      "src/results/",
      "src/machine/",
      "src/machines/",
      "src/link/",
      "src/engines/",
      "src/scenarios/",
      "src/workloads/",
      "src/policy/profile-names.ts",
      "src/kernel/events.ts",
      "src/kernel/boot-arguments.ts",
      "src/kernel/audit.ts",
      "src/kernel/core/marks.ts",
      "src/kernel/core/kinds.ts",
    ],
  },
  // The same for the checker's catalogue, which also knows the events that its scripts are made of.
  {
    prefix: "src/checks/",
    may: [
      "src/errors.ts",
      "src/names.ts",
      "src/machine/",
      "src/link/",
      "src/engines/",
      "src/kernel/events.ts",
      "src/kernel/boot-arguments.ts",
      "src/kernel/audit.ts",
      "src/kernel/core/marks.ts",
      "src/kernel/core/kinds.ts",
      "src/kernel/procfs/maps/kinds.ts",
      "src/config/strategies.ts",
      "src/report/plain-table.ts",
    ],
  },
  {
    prefix: "src/bench/",
    may: [
      "src/errors.ts",
      "src/link/",
      "src/engines/",
      "src/kernel/events.ts",
      "src/kernel/boot-arguments.ts",
      "src/workloads/script.ts",
      "src/report/",
    ],
  },
  {
    prefix: "src/calibrate/",
    may: ["src/errors.ts", "src/link/", "src/engines/", "src/machines/"],
  },
  {
    prefix: "src/memory/",
    may: [
      "src/link/",
      "src/engines/",
      "src/workloads/",
      "src/policy/population.ts",
      "src/kernel/events.ts",
      "src/kernel/boot-arguments.ts",
      "src/kernel/audit.ts",
      "src/kernel/core/kinds.ts",
      "src/report/plain-table.ts",
    ],
  },
  {
    prefix: "src/procmaps/",
    may: ["src/errors.ts", "src/workloads/random.ts", "src/report/plain-table.ts", "src/report/numbers.ts"],
  },
  {
    prefix: "src/fidelity/",
    may: [
      "src/link/",
      "src/engines/sim/",
      "src/workloads/",
      "src/kernel/boot-arguments.ts",
      "src/kernel/events.ts",
      "src/report/plain-table.ts",
    ],
  },
  { prefix: "src/cli/", may: ["src/"] },
];

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
