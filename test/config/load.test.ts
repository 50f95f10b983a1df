import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { load, mistakesOf } from "./support.ts";

describe("a config", () => {
  it("has a default for every field, so that an empty file is a config", () => {
    const { config, name, strategies } = load("");
    expect(name).toBe("config");
    expect(config).toMatchObject({
      scenario: "nginx",
      hooks: "v6.6",
      engine: "threads",
      cpus: [1, 2],
      seed: "refplay",
      repetitions: "auto",
      labelSet: "rwlock",
      labelSetRetries: 4,
      buffers: "hybrid",
      gracePeriodUs: 0,
      maxLabelParts: 16,
    });
    expect(config.workload).toMatchObject({ requests: 40_000, keepAlive: 0.9 });
    expect(strategies.map(({ instance }) => instance)).toEqual(["none", "kref", "percpu-ref"]);
  });

  it("may be JSON", () => {
    expect(load('{ "cpus": [4], "workload": { "requests": 7 } }').config).toMatchObject({
      cpus: [4],
      workload: { requests: 7 },
    });
  });

  it("takes a number as seed and keeps it as text", () => {
    expect(load("seed: 2024").config.seed).toBe("2024");
  });

  it("fills in the parameters of the scenario it names", () => {
    const { config } = load("scenario: refscale\nworkload: { delayNs: 50 }");
    expect(config.workload).toMatchObject({ delayNs: 50, pairsPerRequest: 100 });
  });

  it("yields to what the command line sets", () => {
    const overrides = { seed: "other", strategies: ["kref"], cpus: [3], repetitions: 2 };
    const { config, strategies } = load("seed: 1\ncpus: [1]", {}, overrides);
    expect(config).toMatchObject({ seed: "other", cpus: [3], repetitions: 2 });
    expect(strategies.map(({ name }) => name)).toEqual(["kref"]);
  });

  it("keeps working with YAML aliases", () => {
    expect(load("cpus: &few [1, 4]\nstrategies: [kref]\n").config.cpus).toEqual([1, 4]);
  });
});

describe("a wrong config", () => {
  const mistakes = (text: string, files: Record<string, string> = {}) => mistakesOf(() => load(text, files));

  it("with a syntax error is refused with line and column", () => {
    expect(mistakes("scenario: nginx\ncpus: [1, 2\nseed: x\n")[0]).toMatch(
      /^config\.yaml:3:1: Flow sequence/,
    );
  });

  it("with a key written twice is refused at the second one", () => {
    expect(mistakes("seed: a\nseed: b\n")).toEqual(["config.yaml:2:1: Map keys must be unique"]);
  });

  it("that is a list is refused as a whole", () => {
    expect(mistakes("- nginx\n")).toEqual([
      "config.yaml:1:1: the config is a list; it takes a mapping of keys to values",
    ]);
  });

  it("with an unknown key is refused at the key, with a suggestion", () => {
    expect(mistakes("seed: a\nrepetition: 3\n")[0]).toMatch(
      /^config\.yaml:2:1: unknown key `repetition`; did you mean `repetitions`\?\n {2}Known keys: scenario, workload,/,
    );
  });

  it("with an unknown parameter of the workload is refused, with a suggestion", () => {
    expect(mistakes("workload:\n  request: 3\n")[0]).toMatch(
      /^config\.yaml:2:3: unknown key `request` in `workload`; did you mean `requests`\?/,
    );
  });

  it("with an unknown scenario is refused, with a suggestion and what there is", () => {
    expect(mistakes("scenario: ngnix\n")[0]).toMatch(
      /^config\.yaml:1:11: unknown scenario `ngnix`; did you mean `nginx`\?\n {2}`scenario` takes one of churn, nginx, open-close/,
    );
  });

  it("with an engine of a later version is told so", () => {
    expect(mistakes("engine: check\n")[0]).toMatch(
      /^config\.yaml:1:9: engine `check` is not available yet in this version; there is: sim, threads/,
    );
  });

  it("with an unknown label set is told what there is", () => {
    expect(mistakes("labelSet: rculist\n")).toEqual([
      "config.yaml:1:11: unknown labelSet `rculist`; did you mean `rcu-list`?\n" +
        "  `labelSet` takes one of rwlock, seqlock, rcu-list.",
    ]);
  });

  it.each([
    ["cpus: [1, many]", '1:11: `cpus[1]` is "many"; it takes a whole number, 1 to 4096'],
    ["cpus: [0]", "1:8: `cpus[0]` is 0; it takes a whole number, 1 to 4096"],
    ["cpus: [1025]", "1:8: `cpus[0]` is 1025; on threads it takes 1024 at most"],
    ["cpus: []", "1:7: `cpus` is empty; it takes at least 1"],
    ["cpus: 4", "1:7: `cpus` is 4; it takes a list, each a whole number, 1 to 4096"],
    ["cpus: [2, 4, 2]", "1:14: `cpus[2]`: 2 is listed twice"],
    ["repetitions: 2.5", "1:14: `repetitions` is 2.5; it takes auto or a whole number, 1 to 1000"],
    ["repetitions:", "1:13: `repetitions` is empty; it takes auto or a whole number, 1 to 1000"],
    ["seed: [a]", "1:7: `seed` is a list; it takes a text or a number"],
    ["labelSetRetries: 65", "1:18: `labelSetRetries` is 65; it takes a whole number, 0 to 64"],
    ["buffers: 3", "1:10: `buffers` is 3; it takes one of kmalloc, percpu, pool, hybrid"],
    ["maxLabelParts: 1", "1:16: `maxLabelParts` is 1; it takes a whole number, 2 to 32"],
    ["pin: true", "1:6: `pin` is true; it takes one of auto, always, never"],
    ["workload: { keepAlive: 1.5 }", "1:24: `workload.keepAlive` is 1.5; it takes a number, 0 to 1"],
    ["workload: 5", "1:11: `workload` is 5; it takes a mapping of keys to values"],
    ["strategies: [5]", "1:14: `strategies[0]` is 5; it takes a text or a mapping of keys to values"],
    ["strategies: [{ slots: 2 }]", "1:14: `strategies[0].use` is missing; it takes a text"],
    ["strategies: [{ use: kref, x: high }]", "1:27: strategy `kref` has no option `x`"],
    [
      "strategies: [{ use: tuned, slots: high }]",
      '1:35: option `slots` of `tuned` is "high"; it takes a whole number',
    ],
  ])("%s is refused at its place, with what would be right", (text, message) => {
    expect(mistakes(text)[0]).toContain(`config.yaml:${message}`);
  });

  it("is told of all mistakes at once", () => {
    expect(mistakes("hooks: v5\ncpus: [0]\nsed: x\n")).toHaveLength(3);
  });

  it("is told once of a number that is wrong in two ways: too large to be whole, and too large", () => {
    expect(mistakes("cpus: [1e99]\n")).toEqual([
      "config.yaml:1:8: `cpus[0]` is 1e+99; it takes a whole number, 1 to 4096",
    ]);
  });

  it("with an unknown strategy is refused, with a suggestion and what there is", () => {
    expect(mistakes("strategies:\n  - none\n  - perpcu-ref\n")).toEqual([
      "config.yaml:3:5: unknown strategy `perpcu-ref`; did you mean `percpu-ref`?\n" +
        "  Built in: kref, none, percpu-ref, tuned. Your own file is named by a path, as in ./perpcu-ref.ts.",
    ]);
  });

  it("with a path to no strategy is refused", () => {
    expect(mistakes("strategies: [./mine.ts]\n")[0]).toMatch(
      /^config\.yaml:1:14: strategy `\.\/mine\.ts`: there is no such file\n {2}Looked for .*mine\.ts;/,
    );
    expect(mistakes("strategies: [./mine]\n", { "mine/x.ts": "" })[0]).toContain("that is not a file");
  });

  it("with an option that the strategy does not have is refused, with a suggestion", () => {
    expect(mistakes("strategies:\n  - { use: tuned, slot: 2 }\n")).toEqual([
      "config.yaml:2:19: strategy `tuned` has no option `slot`; did you mean `slots`?\n  Its options: slots; `hooks` beside them chooses the kernel version for this strategy.",
    ]);
    expect(mistakes("strategies: [{ use: kref, slots: 2 }]\n")[0]).toContain("It has no options; `hooks`");
    expect(mistakes("strategies: [{ use: kref, hook: v6.7 }]\n")[0]).toContain("did you mean `hooks`?");
  });

  it("with an option out of range is refused", () => {
    expect(mistakes("strategies:\n  - { use: tuned, slots: 9 }\n")).toEqual([
      "config.yaml:2:26: option `slots` of `tuned` is 9; it takes a whole number, 1 to 8 slots\n  Slots per CPU (default 4)",
    ]);
  });

  it("with one strategy twice and the same options is refused", () => {
    expect(mistakes("strategies: [kref, kref]\n")).toEqual([
      "config.yaml:1:20: strategy `kref` is listed twice with the same options\n" +
        "  Leave one out, or give it other options or hooks: `{ use: NAME, option: value }`.",
    ]);
  });

  it("with a missing trace is refused at its name", () => {
    expect(mistakes("scenario: strace\nworkload:\n  trace: no.strace\n")[0]).toMatch(
      /^config\.yaml:3:10: there is no trace `no\.strace`\n {2}Looked for .*no\.strace;/,
    );
  });

  it("with a folder as trace is refused", () => {
    const found = mistakes("scenario: strace\nworkload: { trace: strategies }\n");
    expect(found[0]).toContain("config.yaml:2:20: trace `strategies` is not a file");
  });

  it("names the flag where a flag is wrong", () => {
    expect(mistakesOf(() => load("", {}, { strategies: ["kerf"] }))[0]).toMatch(
      /^--strategy: unknown strategy `kerf`; did you mean `kref`\?/,
    );
    expect(mistakesOf(() => load("", {}, { cpus: [0] }))[0]).toMatch(/^--cpus: `cpus\[0\]` is 0;/);
  });
});

describe("a strategy in a config", () => {
  it("is found relative to the config, whatever the working folder", () => {
    const files = { "mine/fast.ts": "" };
    const { strategies } = load("strategies: [./mine/fast.ts]", files);
    expect(strategies).toMatchObject([{ instance: "fast", name: "fast", options: {} }]);
    expect(readFileSync(strategies[0]?.path ?? "", "utf8")).toBe("");
  });

  it("may be used several times with different options, each an instance of its own", () => {
    const { strategies } = load("strategies: [tuned, { use: tuned, slots: 2 }, { use: tuned, slots: 3 }]");
    expect(strategies.map(({ instance }) => instance)).toEqual(["tuned", "tuned#2", "tuned#3"]);
  });
});

describe("a trace in a config", () => {
  it("is found relative to the config and read", () => {
    const { trace, file } = load("scenario: strace\nworkload: { trace: traces/a.strace }", {
      "traces/a.strace": "text",
    });
    expect(trace).toEqual({ path: join(file ?? "", "../traces/a.strace"), text: "text" });
  });

  it("has cells for every value of what it varies, in turn", () => {
    const { variants } = load("vary: { passShare: [0, 0.5] }\nworkload: { requests: 7 }\n");
    expect(variants).toMatchObject([
      { workload: { requests: 7, passShare: 0 }, varied: { parameter: "passShare", value: 0 } },
      { workload: { requests: 7, passShare: 0.5 }, varied: { parameter: "passShare", value: 0.5 } },
    ]);
    expect(load("").variants).toMatchObject([{ workload: { passShare: 0 } }]);
    expect(load("").variants[0]).not.toHaveProperty("varied");
  });

  it("varies parameters that there are, one at a time, by values that they take", () => {
    expect(mistakesOf(() => load("vary: { passShares: [0] }")).join()).toMatch(
      /no parameter `passShares` to vary; did you mean/,
    );
    expect(mistakesOf(() => load("vary: { passShare: [0, 0] }")).join()).toMatch(/1:24: .*has 0 twice/);
    expect(mistakesOf(() => load("vary:\n  passShare: [0, 3]\n")).join()).toMatch(/2:18: /);
    expect(mistakesOf(() => load("vary: { passShare: [0], requests: [1] }")).join()).toMatch(
      /one parameter can be varied/,
    );
  });
});
