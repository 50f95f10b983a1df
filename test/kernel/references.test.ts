/** How many references each hook takes at each kernel version, counted as atomic operations of the strategy. */
import { describe, expect, test } from "vitest";
import { kernel, type Line, runScripts, type StrategyName } from "./support.ts";

const begin: Line = ["switchTask", 0];

/** Atomic operations of the strategy that `lines` cost, without what `before` costs. */
function strategyRmws(
  strategy: StrategyName,
  hooks: number,
  before: readonly Line[],
  lines: readonly Line[],
): number {
  const program = kernel(strategy, { hooks });
  const without = runScripts(program, "references", [[begin, ...before]]);
  const all = runScripts(program, "references", [[begin, ...before, ...lines]]);
  return all.scriptStrategyRmws - without.scriptStrategyRmws;
}

const openAndClose: readonly Line[] = [
  ["open", 3],
  ["close", 3],
];

describe.each([
  [66, 6],
  [67, 4],
  [611, 2],
])("with the hooks of %i", (hooks, expected) => {
  test(`an open and its close take ${expected} atomic operations on the label with kref`, () => {
    expect(strategyRmws("kref", hooks, [], openAndClose)).toBe(expected);
    expect(strategyRmws("kref", hooks, [], [["repeat", 10, 2], ...openAndClose])).toBe(10 * expected);
  });

  test("they take none with per-CPU counters, and none without counting", () => {
    expect(strategyRmws("percpu-ref", hooks, [], openAndClose)).toBe(0);
    expect(strategyRmws("none", hooks, [], openAndClose)).toBe(0);
  });

  test("a permission check and a send take none", () => {
    const open: Line[] = [["open", 3]];
    expect(
      strategyRmws("kref", hooks, open, [
        ["permission", 3, 4],
        ["send", 3],
      ]),
    ).toBe(0);
    const confined: Line[] = [
      ["exec", 1],
      ["open", 3],
    ];
    expect(strategyRmws("kref", hooks, confined, [["permission", 3, 4]])).toBe(0);
  });

  test("an accepted connection and its close take two gets and two puts", () => {
    expect(
      strategyRmws(
        "kref",
        hooks,
        [["socket", 0]],
        [
          ["accept", 0, 1],
          ["close", 1],
        ],
      ),
    ).toBe(4);
  });

  test("dup, passing and a fork's inheritance take none", () => {
    const open: Line[] = [["open", 3]];
    const lines: Line[] = [
      ["dup", 3, 4],
      ["passFile", 3, 0],
      ["receiveFile", 5, 0],
      ["close", 4],
      ["close", 5],
    ];
    expect(strategyRmws("kref", hooks, open, lines)).toBe(0);
    // The child's cred takes one, and the cred it had before drops one once its grace period is over.
    expect(strategyRmws("kref", hooks, open, [["fork", 1, 0]])).toBe(2);
    expect(strategyRmws("kref", hooks, open, [["fork", 1, 1]])).toBe(1);
  });
});

test("the secid hook takes a get and a put up to v6.6 and nothing later", () => {
  expect(strategyRmws("kref", 66, [], [["secid"]])).toBe(2);
  expect(strategyRmws("kref", 67, [], [["secid"]])).toBe(0);
  expect(strategyRmws("kref", 611, [], [["secid"]])).toBe(0);
});

test("a pair is one get and one put", () => {
  expect(strategyRmws("kref", 611, [], [["pair", 1, 0]])).toBe(2);
  expect(strategyRmws("percpu-ref", 611, [], [["pair", 0, 50]])).toBe(0);
});

test("beside the label, an open and its close take two atomic operations on the cred and nothing else", () => {
  const program = kernel("none");
  const without = runScripts(program, "cred", [[begin]]);
  const all = runScripts(program, "cred", [[begin, ...openAndClose]]);
  // Where the heap fetches a new magazine it takes a lock too: the second round shows what a hot path costs.
  const again = runScripts(program, "cred", [[begin, ...openAndClose, ...openAndClose]]);
  expect(all.scriptRmws - without.scriptRmws).toBeGreaterThanOrEqual(2);
  expect(again.scriptRmws - all.scriptRmws).toBe(2);
});
