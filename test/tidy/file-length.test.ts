/** One idea in a file: 300 lines of source at most, but for those that would not be clearer in two. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../src/link/node-host.ts";

const mostLines = 300;

/** Longer files, and what keeps them together. */
const longer: Readonly<Record<string, string>> = {
  "src/link/front/expressions.ts": "one class that lowers expressions; its cases call each other",
  "src/link/front/statements.ts": "the same for statements",
  "src/link/stepped/own-cpu.ts": "one analysis over all kinds of statements",
  "src/link/stepped/inline.ts": "one pass that copies callees",
  "src/engines/check/stateful.ts": "one search, whose passes share its tables",
  "src/engines/check/footprints.ts": "what the search knows of places, with the proof of why that is enough",
  "src/engines/check/components.ts": "the parts of a state, in the order in which they are packed",
  "src/engines/check/replay.ts":
    "a schedule executed once more, with everything that a report tells of a step",
  "src/engines/reference/phase.ts": "one machine: what each operation does to it",
  "src/engines/sim/operations.ts": "one case for each operation, in the simulator's hot loop",
  "src/engines/sim/requests.ts": "the rules of a line: a request's arrival, transfer and hand-off",
  "src/kernel/core/rb-tree.ts": "one tree: insertion and removal mirror each other",
  "src/kernel/core/percpu-ref-switch.ts": "the switch of modes with its states",
  "src/policy/policy-model.ts": "the model of policy that tests are held against",
  "src/workloads/workload.ts": "a workload's form and the check of its scripts",
  "src/workloads/policy-plan.ts": "one plan from names to events",
};

function sources(folder: string): string[] {
  return readdirSync(join(packageRoot, folder), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      return entry.isDirectory() ? sources(path) : path.endsWith(".ts") ? [path] : [];
    });
}

const lines = (path: string) => readFileSync(join(packageRoot, path), "utf8").split("\n").length - 1;

describe("source files", () => {
  const long = [...sources("src"), ...sources("strategies")].filter((path) => lines(path) > mostLines);

  it(`have at most ${mostLines} lines`, () => {
    expect(long.filter((path) => !(path in longer)).map((path) => `${path}: ${lines(path)}`)).toEqual([]);
  });

  it("that may be longer are", () => {
    expect(Object.keys(longer).filter((path) => !long.includes(path))).toEqual([]);
  });
});
