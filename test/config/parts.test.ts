/** Strategies that are made of others, as a config names them. */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadConfig } from "../../src/config/load.ts";
import { builtinScenarios } from "../../src/config/scenarios.ts";
import { describeStrategy, folderWith, mistakesOf, strategyFiles } from "./support.ts";

const part = (preset: string) => ({ default: preset, doc: "For some labels." });
const allParts = { strategy: "tuned", option: "slots" };
const all = { unit: "slots", default: 0, min: 0, max: 8, doc: "All the same.", allParts };

/** `made` and `other` are made of others; the rest as in the other tests. */
function describeAny(path: string) {
  const parts = { first: part("kref"), second: part("none") };
  if (!/(made|other)\.ts$/.test(path)) return describeStrategy(path);
  return { title: "Made", summary: "Of others.", options: { all }, parts };
}

function load(strategies: string) {
  const files = { ...strategyFiles, "strategies/made.ts": "", "strategies/other.ts": "", "own.ts": "" };
  const folder = folderWith({ ...files, "config.yaml": `strategies:\n${strategies}\n` });
  const context = {
    workingFolder: folder,
    strategiesFolder: join(folder, "strategies"),
    describe: describeAny,
    scenarios: builtinScenarios,
  };
  const { strategies: selected } = loadConfig("config.yaml", {}, context);
  return selected.map(({ instance, options, parts = {} }) => ({
    instance,
    options,
    parts: Object.fromEntries(
      Object.entries(parts).map(([name, chosen]) => [
        name,
        { path: chosen.path.slice(folder.length + 1), options: chosen.options },
      ]),
    ),
  }));
}

describe("the parts of a strategy in a config", () => {
  it("may be names, paths, and either with options", () => {
    const strategies = `
  - made
  - { use: made, first: percpu-ref, second: ./own.ts }
  - use: made
    second: { use: tuned, slots: 2 }`;
    expect(load(strategies)).toEqual([
      { instance: "made", options: {}, parts: {} },
      {
        instance: "made#2",
        options: {},
        parts: {
          first: { path: "strategies/percpu-ref.ts", options: {} },
          second: { path: "own.ts", options: {} },
        },
      },
      {
        instance: "made#3",
        options: {},
        parts: { second: { path: "strategies/tuned.ts", options: { slots: 2 } } },
      },
    ]);
  });

  const wrong: readonly (readonly [string, string, RegExp])[] = [
    [
      "a strategy that nobody knows",
      "{ use: made, first: krfe }",
      /^config\.yaml:2:25: unknown strategy `krfe`; did you mean `kref`\?/,
    ],
    [
      "a part that it does not have",
      "{ use: made, frist: kref }",
      /^config\.yaml:2:18: .*no part `frist`; did you mean `first`\?\n.*first, second/,
    ],
    ["a part of one that has none", "{ use: kref, first: kref }", /`kref` has no option `first`/],
    [
      "a number for a part",
      "{ use: made, first: 3 }",
      /^config\.yaml:2:25: part `first` of `made` is 3; it takes a strategy\n.*default kref/,
    ],
    [
      "a strategy for an option",
      "{ use: made, all: kref }",
      /^config\.yaml:2:23: option `all` of `made` is "kref"; it takes a whole number/,
    ],
    [
      "one that is made of others itself",
      "{ use: made, first: other }",
      /^config\.yaml:2:25: part `first` of `made` cannot be `other`, which has parts itself\n.*default is kref/,
    ],
    [
      "an option that the part does not have",
      "{ use: made, first: { use: tuned, slot: 2 } }",
      /^config\.yaml:2:39: strategy `tuned` has no option `slot`; did you mean `slots`\?/,
    ],
    [
      "an option of the part out of its range",
      "{ use: made, first: { use: tuned, slots: 9 } }",
      /^config\.yaml:2:46: option `slots` of `tuned` is 9/,
    ],
    [
      "an option that makes all parts one, beside a part",
      "{ use: made, all: 2, first: kref }",
      /^config\.yaml:2:26: `all` makes every part tuned, so `first` cannot/,
    ],
    [
      "the same twice",
      "{ use: made, first: none }\n  - { use: made, first: { use: none } }",
      /`made` is listed twice with the same options/,
    ],
  ];
  it.each(wrong)("cannot be %s", (_, entry, message) => {
    expect(mistakesOf(() => load(`  - ${entry}`)).join("\n")).toMatch(message);
  });
});
