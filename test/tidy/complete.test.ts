/** Nothing is half there: each strategy, scenario and machine has what belongs to it, and nothing is left of one that is gone. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { builtinStrategies } from "../../src/config/strategies.ts";
import { readStrategyMeta } from "../../src/link/meta.ts";
import { nodeHost, packageRoot } from "../../src/link/node-host.ts";
import { machineNames } from "../../src/machines/builtin.ts";
import { findProgramScenario, programScenarioNames } from "../../src/scenarios/index.ts";
import { findWorkload, workloadNames } from "../../src/workloads/index.ts";

const host = nodeHost(packageRoot);
const at = (...path: string[]) => join(packageRoot, ...path);

function names(folder: string, ending: string): string[] {
  return readdirSync(at(folder))
    .filter((file) => file.endsWith(ending) && file !== `README${ending}`)
    .map((file) => file.slice(0, -ending.length))
    .sort();
}

/** Texts of all files below a folder. */
function texts(folder: string): string[] {
  return readdirSync(at(folder), { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? texts(`${folder}/${entry.name}`) : [readFileSync(at(folder, entry.name), "utf8")],
  );
}

const configs = names("configs", ".yaml").map(
  (name) => parse(readFileSync(at("configs", `${name}.yaml`), "utf8")) as Record<string, unknown>,
);

describe("every strategy", () => {
  const builtins = builtinStrategies(at("strategies"));
  const title = (path: string) => readStrategyMeta(path, host).title;
  const titles = new Map([...builtins].map(([name, path]) => [title(path), name]));

  /** Whose twin a broken strategy is: its title is the strategy's, with what is wrong behind. */
  const twins = names("strategies/broken", ".ts").map((name) => {
    const own = title(at("strategies/broken", `${name}.ts`));
    const [original] = [...titles.keys()]
      .filter((one) => own.startsWith(`${one},`))
      .sort((a, b) => b.length - a.length);
    return { name, of: original === undefined ? undefined : titles.get(original) };
  });

  it("has a page, and every page a strategy", () => {
    expect(names("docs/strategies", ".md")).toEqual([...builtins.keys()].sort());
  });

  it("has a suite of benchmarks", () => {
    expect(names("bench/strategies", ".bench.ts")).toEqual([...builtins.keys()].sort());
  });

  it("has a broken twin that the checker must find, but for the one that does nothing", () => {
    const broken = new Set(twins.map(({ of }) => of));
    const without = [...builtins].filter(([name]) => !broken.has(name));
    expect(without.map(([, path]) => readStrategyMeta(path, host).capabilities?.releases)).toEqual(["never"]);
  });

  it("has a test of its life under the checker or the kernel", () => {
    const tested = names("test/lifetime", ".test.ts");
    expect([...builtins.keys()].filter((name) => !tested.includes(name))).toEqual([]);
  });

  it("that is broken says which verdict it must get", () => {
    const silent = twins.filter(
      ({ name }) => readStrategyMeta(at("strategies/broken", `${name}.ts`), host).expect === undefined,
    );
    expect(silent.map(({ name }) => name)).toEqual([]);
  });
});

describe("every scenario", () => {
  const definitions = [
    ...workloadNames.map((name) => ({ name, folder: "docs/workloads", doc: findWorkload(name)?.doc })),
    ...programScenarioNames.map((name) => ({
      name,
      folder: "docs/scenarios",
      doc: findProgramScenario(name)?.doc,
    })),
  ];

  it.each(definitions)("$name has its page where the registry says", ({ doc, folder, name }) => {
    expect(doc).toBe(`${folder}/${name}.md`);
    expect(existsSync(at(doc ?? ""))).toBe(true);
  });

  it.each(["docs/workloads", "docs/scenarios"])("is still there for every page of %s", (folder) => {
    const there = definitions.filter((one) => one.folder === folder).map(({ name }) => name);
    expect(names(folder, ".md")).toEqual(there.sort());
  });

  it("is run by a config that ships or by a test", () => {
    const inConfigs = new Set(configs.map(({ scenario }) => scenario));
    const tests = [...texts("test/workloads"), ...texts("test/scenarios")].join("\n");
    const unused = definitions.filter(({ name }) => !inConfigs.has(name) && !tests.includes(`"${name}"`));
    expect(unused.map(({ name }) => name)).toEqual([]);
  });
});

describe("every machine", () => {
  it("has a page, and every page a machine", () => {
    expect(names("docs/machines", ".md")).toEqual([...machineNames].sort());
  });

  it("is used by a config, a published table or a test", () => {
    const inConfigs = new Set(configs.map(({ machine }) => machine));
    const used = [...texts("src/fidelity"), ...texts("test/machines"), ...texts("test/fidelity")].join("\n");
    expect(machineNames.filter((name) => !inConfigs.has(name) && !used.includes(name))).toEqual([]);
  });
});
