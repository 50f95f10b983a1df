/** A small world for config tests: a folder that is removed afterwards, three strategies, the real scenarios. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { type ConfigOverrides, loadConfig, type ResolvedConfig } from "../../src/config/load.ts";
import { builtinScenarios } from "../../src/config/scenarios.ts";
import type { StrategyDescription } from "../../src/config/strategies.ts";
import { RefplayError, RefplayErrors } from "../../src/errors.ts";

/** A folder with these files; removed when the test is over. */
export function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "refplay-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

/** Built-in strategies of the tests; `tuned` is the one with an option. */
export const strategyFiles = {
  "strategies/none.ts": "",
  "strategies/kref.ts": "",
  "strategies/percpu-ref.ts": "",
  "strategies/tuned.ts": "",
};

/** Stands in for reading the default export: the option `slots` for files named `tuned`, none for others. */
export function describeStrategy(path: string): StrategyDescription {
  const slots = { unit: "slots", default: 4, min: 1, max: 8, doc: "Slots per CPU" };
  const options = path.endsWith("tuned.ts") ? { slots } : {};
  return { title: "A title", summary: "A summary.", options };
}

/** Loads `text` as config.yaml of a folder that also has `files`. */
export function load(
  text: string,
  files: Readonly<Record<string, string>> = {},
  overrides: ConfigOverrides = {},
): ResolvedConfig {
  const folder = folderWith({ ...strategyFiles, ...files, "config.yaml": text });
  return loadConfig("config.yaml", overrides, {
    workingFolder: folder,
    strategiesFolder: join(folder, "strategies"),
    describe: describeStrategy,
    scenarios: builtinScenarios,
  });
}

/** The errors that `action` throws, formatted as on a terminal, one per element. */
export function mistakesOf(action: () => unknown): string[] {
  try {
    action();
  } catch (error) {
    if (error instanceof RefplayErrors) return error.errors.map((inner) => inner.format());
    if (error instanceof RefplayError) return [error.format()];
    throw error;
  }
  return [];
}
