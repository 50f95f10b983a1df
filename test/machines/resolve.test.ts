/** What the `machine` of a config may be, and how many CPUs may run on it. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { RefplayError } from "../../src/errors.ts";
import { parseInputText } from "../../src/input/positions.ts";
import { machineFiles } from "../../src/machines/files.ts";
import { checkCpus, type ResolvedMachine, resolveMachine } from "../../src/machines/resolve.ts";
import { mistakesOf, small } from "./support.ts";

/** Resolves the machine of a config with this text, from a folder with the small machine in it. */
function ofConfig(text: string): ResolvedMachine {
  const folder = mkdtempSync(join(tmpdir(), "refplay-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "small.yaml"), small);
  writeFileSync(join(folder, "wrong.yaml"), small.replace("cross: 200", "cross: 1"));
  const config = parseInputText(text, "config.yaml", "config-syntax");
  const { machine } = config.data as { machine: string };
  return resolveMachine(machine, { ...config, path: ["machine"], readFile: machineFiles(folder) });
}

const inline = "machine:\n  name: mine\n  topology: { l3Domains: 1, cores: 4, threads: 4 }\n";

describe("the machine of a config", () => {
  it("may be a shipped one", () => {
    const { machine, origin } = ofConfig("machine: epyc-9654");
    expect(origin).toBe("built-in");
    expect(machine.name).toBe("epyc-9654");
  });

  it.each(["./small.yaml", "small.yaml"])("may be a file beside the config: %s", (path) => {
    const { machine, origin, description } = ofConfig(`machine: ${path}`);
    expect(origin).toBe("file");
    expect(machine).toMatchObject({
      name: "small",
      sockets: 2,
      l3PerSocket: 2,
      coresPerL3: 4,
      threadsPerCore: 2,
    });
    expect(description.costNs.hit).toBe(1);
  });

  it("may be described there", () => {
    const { machine, origin } = ofConfig(`${inline}  latencyNs: { l3: 40 }\n`);
    expect(origin).toBe("inline");
    expect(machine).toMatchObject({
      name: "mine",
      coresPerL3: 4,
      idleNs: { l3: 40 },
      gracePeriodNs: 7_500_000,
    });
  });

  it("is looked for among the names that are near", () => {
    expect(mistakesOf(() => ofConfig("machine: epyc-9645"))).toEqual([
      "config.yaml:1:10: unknown machine `epyc-9645`; did you mean `epyc-9654`?",
    ]);
    expect(mistakesOf(() => ofConfig("machine: laptop"))).toEqual([
      "config.yaml:1:10: unknown machine `laptop`",
    ]);
  });

  it("is refused where the config describes it", () => {
    expect(mistakesOf(() => ofConfig(inline))).toEqual([
      "config.yaml:2:3: `machine.latencyNs.l3`: missing, and the machine has 4 cores per L3 domain",
    ]);
    expect(mistakesOf(() => ofConfig(`${inline}  latencyNs: { l3: -1 }\n`))).toEqual([
      "config.yaml:4:20: `machine.latencyNs.l3` is -1; it takes a number, 0.125 to 100000",
    ]);
  });

  it("is refused in its own file", () => {
    expect(mistakesOf(() => ofConfig("machine: wrong.yaml"))).toEqual([
      "wrong.yaml:11:10: `latencyNs.cross`: 1 is less than the 110 of `socket`, which is nearer",
    ]);
  });

  it("is refused where the file is not there, or is a folder", () => {
    expect(mistakesOf(() => ofConfig("machine: ./none.yaml"))).toEqual([
      "config.yaml:1:10: there is no machine file `./none.yaml`",
    ]);
    expect(mistakesOf(() => ofConfig("machine: ./"))).toEqual([
      "config.yaml:1:10: cannot read machine file `./`: it is a folder",
    ]);
  });

  it("cannot be a file where there are none", () => {
    const config = parseInputText("machine: a.yaml", "config.yaml", "config-syntax");
    expect(mistakesOf(() => resolveMachine("a.yaml", { ...config, path: ["machine"] }))).toEqual([
      "config.yaml:1:10: machine file `a.yaml` cannot be read here",
    ]);
  });
});

describe("CPU counts", () => {
  const { machine } = ofConfigWithoutFiles("epyc-9654");

  it("may reach the machine's hardware threads", () => {
    expect(mistakesOf(() => checkCpus(machine, [1, 192], ["cpus"], () => ({ file: "c" })))).toEqual([]);
  });

  it("are refused beyond, each at its place, with the machines that have as many", () => {
    const config = parseInputText("cpus: [16, 193, 384]", "config.yaml", "config-syntax");
    const check = () => checkCpus(machine, [16, 193, 384], ["cpus"], config.locate);
    expect(mistakesOf(check)).toEqual([
      "config.yaml:1:12: `cpus[1]` is 193; machine `epyc-9654` has 192 hardware threads",
      "config.yaml:1:17: `cpus[2]` is 384; machine `epyc-9654` has 192 hardware threads",
    ]);
    try {
      check();
    } catch (error) {
      expect((error as RefplayError).format()).toContain(
        "Ask for 1 to 192, or name another machine. Large enough: epyc-9654-2s, beyond-2s, xeon-8176-8s.",
      );
    }
    expect.assertions(2);
  });
});

function ofConfigWithoutFiles(name: string): ResolvedMachine {
  return resolveMachine(name, { path: [], locate: () => ({ file: "" }), locateKey: () => ({ file: "" }) });
}
