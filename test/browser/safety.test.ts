/**
 * What a page may load, it can load: the linker, the engines that need no threads, loads, machines and checks are bundled for a browser, where there is no
 * module of Node's, neither in them nor in the packages that they use. And nothing of what a simulation is made of asks for what differs
 * from run to run or from engine to engine.
 */
import type { PluginBuild } from "esbuild";
import { expect, test } from "vitest";
import { bundle } from "./bundle.ts";

const entries = [
  "src/link/link.ts",
  "src/link/package-sources.ts",
  "src/link/stepped/index.ts",
  "src/link/symbols.ts",
  "src/engines/sim/index.ts",
  "src/engines/reference/index.ts",
  "src/engines/check/index.ts",
  "src/workloads/index.ts",
  "src/scenarios/index.ts",
  "src/machines/builtin.ts",
  "src/machines/compile.ts",
  "src/checks/index.ts",
  "src/fidelity/predict.ts",
];

/** What Node has and a page has not. */
const nodeGlobals = [
  "process",
  "Buffer",
  "global",
  "require",
  "module",
  "__dirname",
  "__filename",
  "setImmediate",
  "import.meta",
];

/**
 * What may differ between two runs, machines or engines: the language leaves the last bits of these functions to the engine. Of Math.log2
 * only whole numbers are used, those of powers of two.
 */
const unsteady = [
  "Date",
  "performance",
  "Intl",
  "crypto",
  ...["random", "log", "log10", "log1p", "exp", "expm1", "pow", "cbrt", "hypot"].map(
    (name) => `Math.${name}`,
  ),
  ...["sin", "cos", "tan", "asin", "acos", "atan", "atan2", "sinh", "cosh", "tanh"].map(
    (name) => `Math.${name}`,
  ),
];

/** Of the project's own sources: packages ask whether there is a `process`, and are tried out in a page. */
const own = (uses: readonly string[]) => uses.filter((use) => !use.includes("node_modules/"));

test.each(entries)("%s needs no Node", async (entry) => {
  const { inputs, uses } = await bundle(entry, { globals: nodeGlobals });
  expect(inputs).toContain(entry);
  expect(own(uses)).toEqual([]);
});

test("simulations ask for nothing that differs from run to run", async () => {
  const { uses } = await bundle("test/browser/outcomes.ts", { globals: unsteady });
  expect(own(uses)).toEqual([]);
});

test("what needs Node is refused", async () => {
  await expect(bundle("src/link/node-host.ts")).rejects.toThrow('Could not resolve "node:fs"');
});

test("global names are told, and told from others of that name", async () => {
  const contents = `
    export const told = [Buffer.from("x"), Math.random(), new Date().getTime()];
    export function own(process) { return process.pid + Math.floor(1.5); }
  `;
  const plugins = [
    {
      name: "in place of the registry of loads",
      setup: (build: PluginBuild) =>
        void build.onLoad({ filter: /workloads\/index\.ts$/ }, () => ({ contents, loader: "ts" })),
    },
  ];
  const globals = [...nodeGlobals, ...unsteady];
  const { uses } = await bundle("src/workloads/index.ts", { globals, plugins });
  const at = "src/workloads/index.ts";
  expect(uses).toEqual([`${at}: Buffer`, `${at}: Date`, `${at}: Math.random`]);
});
