import { describe, expect, it } from "vitest";
import { configJsonSchema } from "../../src/config/json-schema.ts";
import { printConfig } from "../../src/config/print.ts";
import { builtinScenarios } from "../../src/config/scenarios.ts";
import { load } from "./support.ts";

describe("a printed config", () => {
  it.each([
    "",
    "engine: [sim, threads]\nmachine: xeon-8176-8s\nthreadsCpus: [1]\nmaintenanceAtUs: [5, 20.5]\n",
    "engine: sim\ncpus: [2000]\nmachine: { topology: { l3Domains: 1, cores: 2000, threads: 2000 }, latencyNs: { l3: 9 } }\n",
    "strategies: [{ use: kref, hooks: v6.7 }]\nrepetitions: 3\nmemoryMiB: 64\n",
    "scenario: refscale\ncpus: [1, 8]\nstrategies: [{ use: tuned, slots: 2 }]\nseed: '1: #x'\n",
  ])("gives the same run when it is read again (%j)", (text) => {
    const { config } = load(text);
    expect(load(printConfig(config, builtinScenarios)).config).toEqual(config);
  });

  it("explains every field with its range, within 80 columns", () => {
    const text = printConfig(load("").config, builtinScenarios);
    expect(text).toContain("(auto or a whole number, 1 to 1000)\nrepetitions: auto\n");
    expect(text).toContain(
      "\n  # requests over all CPUs together; CPUs differ by at most one (a whole\n" +
        "  # number, 1 to 2000000000)\n  requests: 40000\n",
    );
    expect(text.split("\n").filter((line) => line.length > 80)).toEqual([]);
  });
});

describe("docs/config.schema.json", () => {
  it("is the schema of this version (write it anew with vitest -u)", async () => {
    const text = `${JSON.stringify(configJsonSchema(builtinScenarios), null, 2)}\n`;
    await expect(text).toMatchFileSnapshot("../../docs/config.schema.json");
  });
});
