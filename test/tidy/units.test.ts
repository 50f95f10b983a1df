/** Numbers that people write and read carry their unit in their name: fields of configs, machines, results, options of strategies. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { builtinScenarios, scenarioNames } from "../../src/config/scenarios.ts";
import { configSchema } from "../../src/config/schema.ts";
import { type JsonSchema, toInputSchema } from "../../src/input/describe.ts";
import { readStrategyMeta } from "../../src/link/meta.ts";
import { nodeHost, packageRoot } from "../../src/link/node-host.ts";
import { machineSchema } from "../../src/machines/schema.ts";
import { resultsSchema } from "../../src/results/schema.ts";

interface Field {
  /** `config.gracePeriodUs`, `results.cells[].pairNs.p50`. */
  readonly path: string;
  /** Whether it may be a fraction: whole numbers count something, and their name says what. */
  readonly isFraction: boolean;
  readonly doc: string;
}

/** Every field that is a number. */
function numbers(schema: JsonSchema | undefined, path: string, doc = ""): Field[] {
  if (schema === undefined || typeof schema !== "object") return [];
  const { additionalProperties: others, items, properties = {}, type } = schema;
  const either = [schema.anyOf, schema.oneOf].flatMap((list) => (Array.isArray(list) ? list : []));
  const own = schema.description ?? doc;
  const types = [type].flat();
  const isNumber = types.includes("number") || types.includes("integer");
  return [
    ...(isNumber ? [{ path, isFraction: types.includes("number"), doc: own }] : []),
    ...either.flatMap((one) => numbers(one as JsonSchema, path, own)),
    ...Object.entries(properties).flatMap(([name, field]) => numbers(field, `${path}.${name}`)),
    ...numbers(items as JsonSchema | undefined, `${path}[]`, own),
    ...numbers(typeof others === "object" ? (others as JsonSchema) : undefined, `${path}.*`, own),
  ];
}

const fields: readonly Field[] = [
  ...numbers(toInputSchema(configSchema(scenarioNames(builtinScenarios))), "config"),
  ...builtinScenarios.flatMap(({ name, parameters }) => numbers(toInputSchema(parameters), name)),
  ...numbers(toInputSchema(machineSchema), "machine"),
  ...numbers(toInputSchema(resultsSchema), "results"),
];

/** As a word of a name in camel case: `gracePeriodUs`, `userUsPerProcess`, `labelBytesByPart`. */
const unit = /(Ns|Us|Ms|Bytes|bytes|MiB|Pct|Percent|percent|PerSecond|PerRequest|Share|Scale|Cycle)(?![a-z])/;

/** Fractions without a unit in their name, and why. */
const without: Readonly<Record<string, string>> = {
  "config.seed": "any text, a number too",
  "config.vary.*": "values of the parameter that is named",
  "results.cells[].varied.value": "the same",
  "results.cells[].byRepetition.*": "figures of the same cell, each by its own name",
  "nginx.keepAlive": "a share, by nginx's own name",
  "churn.children": "a share, beside the options of populations of the same name",
  "results.version": "a version",
  "results.cells[].hottestLines[].byDistance.*": "transfers",
  "results.cells[].figures[].value": "the figure's `unit` stands beside it",
  "results.cells[].figures[].published.*": "the same",
  "results.cells[].gain.published.*": "a ratio",
};
const isExcepted = (path: string) => {
  const own = path.replace(/\[\]$/, "");
  return own in without || `${own.slice(0, own.lastIndexOf("."))}.*` in without;
};

describe("numbers", () => {
  it("are found", () => {
    expect(fields.length).toBeGreaterThan(150);
  });

  it("that may be fractions have a unit in their name", () => {
    const wrong = fields.filter(
      ({ isFraction, path }) => isFraction && !unit.test(path) && !isExcepted(path),
    );
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });

  it("whose description names a unit of time or memory have it in their name", () => {
    const wrong = fields.filter(({ doc, path }) => {
      const told = /(?:^|, |in )(ns|us|ms|bytes|MiB)(?=$|[;,.)])/.exec(doc)?.[1];
      if (told === undefined) return false;
      const word = told === "MiB" ? told : `${told[0]?.toUpperCase()}${told.slice(1)}`;
      return !new RegExp(`${word}(?![a-z])`).test(path);
    });
    expect(wrong.map(({ doc, path }) => `${path}: ${doc}`)).toEqual([]);
  });

  it("of strategies' options are called by the unit that they declare", () => {
    const ends: Readonly<Record<string, RegExp>> = { ns: /Ns$/, us: /Us$/, ms: /Ms$/, bytes: /Bytes$/ };
    const folder = join(packageRoot, "strategies");
    const wrong = readdirSync(folder)
      .filter((file) => file.endsWith(".ts"))
      .flatMap((file) => {
        const { options } = readStrategyMeta(join(folder, file), nodeHost(packageRoot));
        return Object.entries(options)
          .filter(([name, option]) => ends[option.unit]?.test(name) === false)
          .map(([name, option]) => `${file}: ${name} is in ${option.unit}`);
      });
    expect(wrong).toEqual([]);
  });

  it("that are excepted are still there", () => {
    const stale = Object.keys(without).filter(
      (name) => !fields.some(({ path }) => path === name || path.startsWith(name.replace(/\*$/, ""))),
    );
    expect(stale).toEqual([]);
  });
});
