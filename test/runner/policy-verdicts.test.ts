import { describe, expect, test } from "vitest";
import { PolicyError } from "../../src/kernel/audit.ts";
import { errnoNames, policyDifferences, policyVerdicts } from "../../src/runner/policy-verdicts.ts";

describe("verdicts of a policy history", () => {
  const steps = [
    { text: "load a", answers: [0], expected: "done" },
    {
      text: "change b",
      answers: [1],
      expected: "ENOENT",
      why: "no profile `b`",
      column: 1,
      caret: "  b\n  ^",
    },
    { text: "label a//&c", answers: [2, 3, 4], expected: "done" },
    { text: "label :", answers: [], expected: "EINVAL", why: "nothing there" },
  ];

  test("are what the kernel answered, with the model's reason", () => {
    const verdicts = policyVerdicts(steps, [0, PolicyError.noEntry, 0, 0, 0]);
    expect(verdicts).toEqual([
      { step: "load a", verdict: "done" },
      { step: "change b", verdict: "ENOENT", why: "no profile `b`", column: 1, caret: "  b\n  ^" },
      { step: "label a//&c", verdict: "done" },
      { step: "label :", verdict: "EINVAL", why: "nothing there" },
    ]);
    expect(policyDifferences(verdicts)).toBe(0);
  });

  test("differ where the kernel answers otherwise, and then give no reason", () => {
    const verdicts = policyVerdicts(steps, [PolicyError.exists, 0, 0, PolicyError.tooManyParts, 0]);
    expect(verdicts.slice(0, 3)).toEqual([
      { step: "load a", verdict: "EEXIST", expected: "done" },
      { step: "change b", verdict: "done", expected: "ENOENT" },
      { step: "label a//&c", verdict: "E2BIG", expected: "done" },
    ]);
    expect(policyDifferences(verdicts)).toBe(3);
  });

  test("know every error of the kernel program by name", () => {
    const errors = Object.values(PolicyError).filter((value) => typeof value === "number");
    expect(errors.map((error) => errnoNames[error as PolicyError])).not.toContain(undefined);
    expect(new Set(Object.values(errnoNames)).size).toBe(errors.length);
  });
});
