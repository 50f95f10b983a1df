import { expect, test } from "vitest";
import { CheckMachine } from "../../src/engines/check/machine.ts";
import { StatefulExplorer } from "../../src/engines/check/stateful.ts";
import { findGroups } from "../../src/engines/check/symmetry.ts";
import type { CheckProblem } from "../../src/engines/check/types.ts";
import { linkProgram } from "../../src/link/link.ts";
import { memoryHost } from "../../src/link/source-host.ts";
import { buildStepped } from "../../src/link/stepped/index.ts";

/** Areas that begin where program counters are, and a function with operations that is really called from several places. */
const program = (() => {
  const long = Array.from({ length: 40 }, (_, index) => `store(own + ${4 * (index % 4)}, ${index});`);
  const source = [
    'import { fetchAdd, i32, load, ptr, store } from "refplay/machine";',
    "export const cpuAreaBase: i32 = 192;",
    "export const cpuAreaBytes: i32 = 256;",
    `function long(own: ptr, value: i32): i32 {\n${long.join("\n")}\nreturn fetchAdd(ptr(2048), value);\n}`,
    `function filler(own: ptr): void {\n${[...long, ...long, ...long, ...long, ...long].join("\n")}\n}`,
    "export function unused(cpu: i32): void {\nconst own: ptr = ptr(cpuAreaBase + cpu * cpuAreaBytes);\nfiller(own);\nfiller(own);\n}",
    "export function member(cpu: i32): i32 {",
    "const own: ptr = ptr(cpuAreaBase + cpu * cpuAreaBytes);",
    "fetchAdd(ptr(2048), 1000);",
    "const first: i32 = long(own, 1);",
    "const second: i32 = long(own, 10);",
    "return first + long(own, 100) + second;",
    "}",
    "export function total(): i32 {\nreturn load(ptr(2048));\n}",
  ].join("\n");
  const spec = { module: "m.ts", entries: "all", strategies: [], options: {} } as const;
  return buildStepped(linkProgram(spec, memoryHost({ "m.ts": source })), { inline: "none" });
})();

function problemOf(argument: (cpu: number) => number): CheckProblem {
  return {
    actors: [0, 1].map((cpu) => ({
      name: `member ${cpu}`,
      role: "script",
      cpu,
      entry: "member",
      args: [argument(cpu)],
      group: "members",
    })),
    model: "sc",
    cpus: 2,
    memoryBytes: 4096,
    boot: [],
    finish: [{ entry: "total", args: [], cpu: 0 }],
  };
}

function outcomes(symmetry: boolean): string[] {
  const problem = problemOf((cpu) => cpu);
  const explorer = new StatefulExplorer(program, problem, { symmetry });
  while (!explorer.advance(100_000));
  const result = explorer.result();
  expect(result).toMatchObject({ complete: true, findings: [] });
  const sorted = result.outcomes.map((outcome) => {
    const [first = "", second = "", total = ""] = outcome.split(",");
    return [...[first, second].sort(), total].join();
  });
  return [...new Set(sorted)].sort();
}

test("a caller's program counter in the range of the areas is no address", () => {
  const returns = program.sites.flatMap((_, pc) => (program.returnWord(pc) !== 0 ? [pc] : []));
  expect(returns.length).toBeGreaterThan(0);
  expect(program.sites.length).toBeGreaterThan(192);
  expect(outcomes(true)).toEqual(outcomes(false));
});

test("who is told another CPU's number than his own is not interchangeable", () => {
  const groups = (argument: (cpu: number) => number) =>
    findGroups(new CheckMachine(program, problemOf(argument)));
  expect(groups((cpu) => cpu)).toEqual([[0, 1]]);
  expect(groups((cpu) => 1 - cpu)).toEqual([]);
});
