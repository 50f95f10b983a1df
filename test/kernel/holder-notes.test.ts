/** The books that verify builds keep beside the strategy: each of their checks finds what it is for. */
import { expect, it } from "vitest";
import { builtin, StageDirect } from "../conformance/support.ts";

/** A stage with kref and a label in holder 0 of CPU 0. */
function stage() {
  const made = new StageDirect(builtin("kref"));
  const on = (...call: Parameters<StageDirect["on"]>): number => made.on(...call);
  return { made, on, verdicts: () => made.verdicts(), label: on(0, "make", 0) };
}

it("books that are right say nothing", () => {
  const { on, verdicts } = stage();
  on(0, "copy", 0, 1);
  on(0, "drop", 0);
  on(0, "drop", 1);
  expect(verdicts()).toEqual([]);
});

it("a release while a holder is left is premature", () => {
  const { made, on, verdicts, label } = stage();
  on(0, "copy", 0, 1);
  made.machine.call("setStrategyCell", [label, 1]);
  on(0, "drop", 0);
  expect(verdicts()).toEqual(["premature-release"]);
});

it("a reference into a holder that has one is a leak", () => {
  const { on, verdicts } = stage();
  on(0, "copy", 0, 1);
  on(0, "copy", 0, 1);
  expect(verdicts()).toEqual(["leak"]);
});

it("a put through a holder that was never given the reference is an assertion", () => {
  const { on, verdicts, label } = stage();
  on(0, "rawGet", 1, label);
  on(0, "drop", 1);
  expect(verdicts()).toContain("assertion");
});

it("a put of a reference to an older label at the same address is a use after free", () => {
  const { made, on, verdicts, label } = stage();
  on(0, "copy", 0, 1);
  made.machine.call("setStrategyCell", [label, 1]);
  on(0, "drop", 0);
  made.settle();
  // The label is gone although holder 1 refers to it. Others come and go until one is where it was.
  for (let others = 0; on(0, "make", 2) !== label; others++) {
    expect(others).toBeLessThan(100);
    on(0, "drop", 2);
    made.settle();
  }
  expect(verdicts()).toEqual(["premature-release"]);
  on(0, "drop", 1);
  expect(verdicts()).toEqual(["premature-release", "use-after-free"]);
});
