/**
 * The ten mistakes that a newcomer is most likely to make, each through the whole command with everything real but the measuring:
 * one message that says what is wrong, where, and what would be right; exit status 2; nothing written.
 */
import { chmodSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { realServices } from "../../src/cli/services.ts";
import { counterStrategy } from "./counter-strategy.ts";
import { madeUpCell, session } from "./support.ts";

const twoLines = "cpus: [1]\nworkload: { requests: 100 }\n";

/** A count where a truth is needed. */
const typeError = counterStrategy.replace(
  "  fetchAdd(label + refs, 1);\n",
  "  const first: bool = fetchAdd(label + refs, 1);\n",
);

interface Mistake {
  readonly mistake: string;
  readonly files: Readonly<Record<string, string>>;
  readonly args: readonly string[];
  /** What the message says is wrong and where, and what would be right. */
  readonly wrong: RegExp;
  readonly right: RegExp;
}

const mistakes: readonly Mistake[] = [
  {
    mistake: "a config key that is none",
    files: { "a.yaml": "scenario: nginx\ncpu: [1]\n" },
    args: ["run", "a.yaml"],
    wrong: /^error: a\.yaml:2:1: unknown key `cpu`/,
    right: /did you mean `cpus`\?/,
  },
  {
    mistake: "a strategy that there is not",
    files: { "a.yaml": "strategies:\n  - perpcu-ref\n" },
    args: ["run", "a.yaml"],
    wrong: /^error: a\.yaml:2:5: unknown strategy `perpcu-ref`/,
    right: /did you mean `percpu-ref`\?\n {2}Built in: .*kref/,
  },
  {
    mistake: "a seed that is a list",
    files: { "a.yaml": "seed: [1, 2]\n" },
    args: ["run", "a.yaml"],
    wrong: /^error: a\.yaml:1:7: `seed` is a list/,
    right: /it takes a text or a number/,
  },
  {
    mistake: "no CPU at all",
    files: { "a.yaml": "cpus: [0]\n" },
    args: ["run", "a.yaml"],
    wrong: /^error: a\.yaml:1:8: `cpus\[0\]` is 0/,
    right: /it takes a whole number, 1 to 4096/,
  },
  {
    mistake: "a simulated machine without enough CPUs",
    files: { "a.yaml": "engine: sim\nmachine: ryzen-7950x\ncpus: [64]\n" },
    args: ["run", "a.yaml"],
    wrong: /^error: a\.yaml:3:8: `cpus\[0\]` is 64; machine `ryzen-7950x` has 32 hardware threads/,
    right: /Ask for 1 to 32, or name another machine\. Large enough: .*epyc-9654/,
  },
  {
    mistake: "a folder that cannot be written",
    files: { "a.yaml": twoLines, locked: "a file where the folder should be" },
    args: ["run", "a.yaml", "--out", "locked"],
    wrong: /^error: cannot write results to folder `\S*locked`/,
    right: /Name another folder with --out\./,
  },
  {
    mistake: "a trace that is not there",
    files: { "a.yaml": "scenario: strace\nworkload: { trace: nginx.log }\n" },
    args: ["run", "a.yaml"],
    wrong: /^error: a\.yaml:2:20: there is no trace `nginx\.log`/,
    right: /Looked\s+for\s+\S*nginx\.log;\s+a\s+relative\s+path\s+starts\s+from\s+the\s+config's\s+folder/,
  },
  {
    mistake: "a strategy with a type error",
    files: { "a.yaml": "cpus: [1]\nstrategies: [./mine.ts]\n", "mine.ts": typeError },
    args: ["run", "a.yaml"],
    wrong: /^error: \S*mine\.ts:13:23: a bool is needed, not i32/,
    right: /compare it: `x !== 0`/,
  },
  {
    mistake: "a results file of a newer version",
    files: { "run-1.json": '{"version": 99, "cells": []}' },
    args: ["report", "run-1.json"],
    wrong: /^error: run-1\.json: results of format 99; this refplay reads up to format 1/,
    right: /Read it with a newer refplay\./,
  },
];

describe("a likely mistake", () => {
  it.each(mistakes)("$mistake is told, with the fix, and nothing is written", async (mistake) => {
    const { runCell: _runCell, host: _host, version: _version, ...services } = realServices();
    const shell = session(mistake.files, services);
    const { status, stdout, stderr } = await shell.run(...mistake.args);
    expect(stderr).toMatch(mistake.wrong);
    expect(stderr).toMatch(mistake.right);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect([status, stdout, shell.measured]).toEqual([2, "", []]);
    expect(existsSync(join(shell.folder, "results"))).toBe(false);
    for (const [name, text] of Object.entries(mistake.files))
      expect(readFileSync(join(shell.folder, name), "utf8")).toBe(text);
  });

  it("a folder without write permission is told, with the fix", async () => {
    const shell = session({ "a.yaml": twoLines, "locked/keep": "" });
    chmodSync(join(shell.folder, "locked"), 0o555);
    const { status, stderr } = await shell.run("run", "a.yaml", "--out", "locked/results");
    // Root may write anywhere.
    if (process.getuid?.() === 0) return expect(status).toBe(0);
    expect(status).toBe(2);
    expect(stderr).toMatch(/cannot write results to folder .*\n {2}Name another folder with --out\./);
  });

  it("an interrupted run keeps what is done, and says what goes on with it", async () => {
    const shell = session(
      { "a.yaml": "cpus: [1, 2]\nstrategies: [kref]\n" },
      {
        runCell: async (spec) => {
          if (spec.cpus === 2) {
            shell.interrupt();
            await new Promise(() => {});
          }
          return madeUpCell(spec);
        },
      },
    );
    const { status, stderr } = await shell.run("run", "a.yaml");
    expect(status).toBe(130);
    expect(stderr).toMatch(
      /^Stopped\. 1 of 2 cells are in results\/a\/run-1\.json;\nthe same command goes on from there\.\n$/,
    );
  });
});
