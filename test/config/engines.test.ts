/** Fields that depend on the engine: which machine is simulated, which CPUs each engine gets, hooks of single strategies. */
import { describe, expect, it } from "vitest";
import { planCells } from "../../src/runner/cell-spec.ts";
import { load, mistakesOf } from "./support.ts";

const mistakes = (text: string, files: Record<string, string> = {}) => mistakesOf(() => load(text, files));
const cellsOf = (text: string) => planCells(load(text));

const machine =
  "topology: { l3Domains: 2, cores: 8, threads: 16 }\nlatencyNs: { smt: 6, l3: 25, socket: 110 }\n";

describe("the engine of a config", () => {
  it.each([
    ["engine: simm", "1:9: unknown engine `simm`; did you mean `sim`?"],
    ["engine: [sim, thread]", "1:15: unknown engine `thread`; did you mean `threads`?"],
    ["engine: [sim, sim]", "1:15: `engine[1]`: sim is listed twice"],
    ["engine: []", "1:9: `engine` is "],
    ["engine: sim\nmachine: epyc-9645", "2:10: unknown machine `epyc-9645`; did you mean `epyc-9654`?"],
    ["engine: sim\nmachine: ./none.yaml", "2:10: there is no machine file `./none.yaml`"],
    ["engine: sim\nmachine: { topology: 3 }", "2:22: `machine.topology` is 3"],
    ["engine: sim\ncpus: [2, 193]", "2:11: `cpus[1]` is 193; machine `epyc-9654` has 192 hardware threads"],
    ["engine: [sim, threads]\ncpus: [1025]\nmachine: ./big.yaml", "2:8: `cpus[0]` is 1025; on threads"],
    ["cpus: [1]\nthreadsCpus: [1]", "2:14: `threadsCpus` is of runs on both engines"],
    ["maintenanceAtUs: [5]", "1:18: `maintenanceAtUs` is of engine sim"],
    ["engine: sim\nmaintenanceAtUs: [5, 5]", "2:22: `maintenanceAtUs[1]`: 5 is not after 5"],
    ["engine: sim\nrunMs: 5", "2:8: `runMs` is of engine threads"],
  ])("%s is refused at its place", (text, message) => {
    const big = "topology: { l3Domains: 1, cores: 2000, threads: 2000 }\nlatencyNs: { l3: 25 }\n";
    const [found] = mistakes(text, { "big.yaml": big });
    expect(found).toContain(`config.yaml:${message}`);
  });

  it("has a machine by name, by a path from the config's folder, or written there", () => {
    expect(load("engine: sim\ncpus: [192]").machine?.machine.name).toBe("epyc-9654");
    expect(
      load("engine: sim\nmachine: ./m.yaml", { "m.yaml": `name: mine\n${machine}` }).machine,
    ).toMatchObject({
      machine: { name: "mine", coresPerL3: 4 },
    });
    const inline = "{ name: here, topology: { l3Domains: 1, cores: 4, threads: 4 }, latencyNs: { l3: 9 } }";
    expect(load(`engine: sim\nmachine: ${inline}`).machine?.machine.name).toBe("here");
    expect(load("machine: epyc-9654").machine).toBeUndefined();
  });

  it("decides on CPUs and repetitions of cells, whose ids tell it where there are two", () => {
    const both = cellsOf("engine: [sim, threads]\ncpus: [16, 32]\nthreadsCpus: [1]\nstrategies: [kref]\n");
    expect(both.map(({ id, engine, repetitions }) => [id, engine, repetitions])).toEqual([
      ["kref@16 sim", "sim", 1],
      ["kref@32 sim", "sim", 1],
      ["kref@1 threads", "threads", 5],
    ]);
    expect(both.map(({ machine }) => machine?.machine.name)).toEqual(["epyc-9654", "epyc-9654", undefined]);
    const alike = cellsOf("engine: [threads, sim]\ncpus: [2]\nstrategies: [kref]\nrepetitions: 3\n");
    expect(alike.map(({ id, repetitions }) => [id, repetitions])).toEqual([
      ["kref@2 threads", 3],
      ["kref@2 sim", 3],
    ]);
    expect(cellsOf("engine: sim\ncpus: [2]\nstrategies: [kref]")[0]?.id).toBe("kref@2");
  });
});

describe("hooks of one strategy", () => {
  const strategies =
    "[kref, { use: kref, hooks: v6.7 }, { use: tuned, hooks: v6.7, slots: 2 }, { use: tuned, hooks: v6.7 }]";

  it("stand behind its name where they are not the config's", () => {
    const cells = cellsOf(`cpus: [2]\nstrategies: ${strategies}`);
    expect(cells.map(({ id, hooks }) => [id, hooks])).toEqual([
      ["kref@2", "v6.6"],
      ["kref (v6.7)@2", "v6.7"],
      ["tuned (v6.7)@2", "v6.7"],
      ["tuned (v6.7)#2@2", "v6.7"],
    ]);
    expect(cells[2]?.strategy.options).toEqual({ slots: 2 });
    const same = cellsOf("cpus: [2]\nhooks: v6.7\nstrategies: [{ use: kref, hooks: v6.7 }]");
    expect(same.map(({ id }) => id)).toEqual(["kref@2"]);
  });

  it("are refused where they are unknown, and where they make two strategies one", () => {
    expect(mistakes("strategies: [{ use: kref, hooks: v6.5 }]")[0]).toContain(
      "config.yaml:1:34: unknown hooks `v6.5`; did you mean `v6.6`?",
    );
    expect(mistakes("strategies: [kref, { use: kref, hooks: v6.6 }]")[0]).toContain("is listed twice");
  });
});
