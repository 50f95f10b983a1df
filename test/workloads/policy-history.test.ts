import { describe, expect, test } from "vitest";
import { disassemble, hashScripts, workloads } from "../../src/workloads/index.ts";

type Steps = readonly Record<string, unknown>[];

function build(steps: Steps, context: { maxLabelParts?: number; cpus?: number } = {}) {
  const parameters = workloads.policy.parameters.parse({ steps });
  return workloads.policy.build(parameters, { cpus: 1, seed: "", ...context });
}

/** Expected verdict of each step; in parentheses where the kernel never sees it. */
function verdicts(steps: Steps, maxLabelParts = 16): string[] {
  return (build(steps, { maxLabelParts }).policySteps ?? []).map(({ expected, answers }) =>
    answers.length > 0 ? expected : `(${expected})`,
  );
}

/** The records between set-up and end, without those that count. */
function records(steps: Steps): string[] {
  const workload = build(steps);
  return disassemble(workload.scripts[0] ?? new Int32Array())
    .split("\n")
    .slice(workload.setupRecords + 1, -1)
    .map((line) => line.replace(/^ *\d+: /, ""))
    .filter((line) => !/^(answer|request)/.test(line));
}

describe("a history of policy", () => {
  test("is executed event by event, each with an answer", () => {
    const steps = [{ create: "web" }, { load: ["a", ":web:b"] }, { load: ":web:b" }, { change: "a" }];
    // The second step is refused by the kernel: two namespaces.
    expect(records(steps)).toEqual([
      "createNamespace namespace 1 in namespace 0 unconfined profile 3",
      "loadProfile profile 1 enforce load with the next",
      "loadProfile profile 2 enforce load",
      "loadProfile profile 2 enforce load",
      "changeProfile profile 1",
    ]);
    expect(verdicts(steps)).toEqual(["done", "EACCES", "done", "ENOENT"]);
  });

  test("makes labels with a task of its own, so that the steps' task keeps what it has", () => {
    const steps = [{ load: ["a", "b"] }, { change: "a" }, { label: "b//&a" }, { drop: 1 }];
    expect(records(steps).slice(2)).toEqual([
      "changeProfile profile 1",
      "switchTask task 1",
      "changeProfile profile 1",
      "stackProfile profile 2",
      "keepLabel slot 0",
      "parseLabel slot 0",
      "changeProfile profile 0",
      "switchTask task 0",
      "dropLabel slot 0",
    ]);
  });

  test("stacks only what is new, and something where nothing is", () => {
    const steps = [{ load: ["a", "b", "c"] }, { change: "a//&b" }, { stack: "b//&c" }, { stack: "a" }];
    expect(records(steps).slice(3)).toEqual([
      "changeProfile profile 1",
      "stackProfile profile 2",
      "stackProfile profile 3",
      "stackProfile profile 1",
    ]);
  });

  test("enters hats of the task's profiles, one at a time", () => {
    const steps = [
      { load: ["b", "a", "a//ONE", "a//TWO", "a//child", { name: "a//own", hat: true }] },
      { change: "a" },
      { hat: "ONE" },
      { hat: "TWO" },
      { hat: null },
      { hat: null },
      { stack: "b" },
      { hat: "own" },
      { hat: null },
      { hat: "child" },
      { hat: "THREE" },
      { hat: "" },
    ];
    expect(verdicts(steps).slice(2)).toEqual([
      "done",
      "EACCES",
      "done",
      "EACCES",
      "done",
      "done",
      "done",
      "EACCES",
      "ENOENT",
      "(ENOENT)",
    ]);
    expect(records(steps).filter((line) => line.startsWith("changeHat"))).toEqual([
      "changeHat profile 3",
      "changeHat profile 4",
      "changeHat profile 0",
      "changeHat profile 0",
      "changeHat profile 6",
      "changeHat profile 0",
      "changeHat profile 5",
      "changeHat profile 7",
    ]);
  });

  test("reads names from the namespace that the task is in", () => {
    const steps = [
      { create: "web" },
      { load: ":web:php" },
      { load: "nginx" },
      { change: ":web:php" },
      { change: "php" },
      { change: "nginx" },
    ];
    expect(verdicts(steps).slice(3)).toEqual(["done", "done", "ENOENT"]);
  });

  test("counts what is left open, and lets only CPU 0 work", () => {
    const workload = build([{ open: 1 }, { open: 2 }, { close: 1 }, { close: 1 }, { open: 2 }], { cpus: 3 });
    expect(workload.expected).toMatchObject({ opens: 2, closes: 1, openAtCut: 1, requests: 3 });
    expect(workload.policySteps?.map(({ expected }) => expected)).toEqual([
      "done",
      "done",
      "done",
      "EBADF",
      "EBADF",
    ]);
    expect(workload.scripts.slice(1).map((cells) => disassemble(cells))).toEqual([
      "0: switchTask task 1\n1: end",
      "0: switchTask task 2\n1: end",
    ]);
  });

  test("is the same bytes for the same steps", () => {
    expect(hashScripts(build([{ create: "web" }, { load: ":web:php" }]).scripts)).toBe("c7003048395593d9");
  });
});

describe("what must fail in a history", () => {
  const long = "x".repeat(256);

  test.each<[string, Steps, string]>([
    ["a malformed label", [{ label: "a////b" }], "(ENOENT)"],
    ["an empty label", [{ change: " " }], "(EINVAL)"],
    ["an unknown profile", [{ change: "a" }], "ENOENT"],
    ["an unknown namespace", [{ label: "unconfined//&:web:a" }], "ENOENT"],
    ["a label with an unknown profile", [{ load: "a" }, { label: "a//&b" }], "ENOENT"],
    ["a compound beyond the maximum", [{ load: ["a", "b", "c"] }, { label: "a//&b//&c" }], "E2BIG"],
    ["one by stacking", [{ load: ["a", "b", "c"] }, { change: "a" }, { stack: "b//&c" }], "E2BIG"],
    ["a name that is too long", [{ load: long }], "(ENAMETOOLONG)"],
    ["a namespace whose name is too long", [{ create: long }], "(ENAMETOOLONG)"],
    ["a label with one", [{ label: `:${long}:a` }], "(ENAMETOOLONG)"],
    ["a profile whose text would not fit a string", [{ load: `/${"x//".repeat(30_000)}x` }], "(EPROTO)"],
    ["a profile without a name", [{ load: ":web:" }], "(EPROTO)"],
    ["loading twice", [{ load: "a" }, { load: "a" }], "EEXIST"],
    ["a set with a profile twice", [{ load: ["a", "a"] }], "EEXIST"],
    ["removing twice", [{ load: "a" }, { remove: "a" }, { remove: "a" }], "ENOENT"],
    ["removing unconfined", [{ remove: "unconfined" }], "ENOENT"],
    ["removing nothing", [{ remove: "" }], "(ENOENT)"],
    ["a child without its parent", [{ load: "a//b" }], "ENOENT"],
    ["creating twice", [{ create: "web" }, { create: "web" }], "EEXIST"],
    ["creating the root", [{ create: "" }], "(EEXIST)"],
    ["creating inside nothing", [{ create: "web//inner" }], "ENOENT"],
    ["a namespace with a strange name", [{ create: "a:b" }], "(EINVAL)"],
    ["destroying the root", [{ destroy: "" }], "EBUSY"],
    ["destroying twice", [{ create: "web" }, { remove: ":web:" }, { destroy: "web" }], "ENOENT"],
    ["loading into nothing", [{ load: "a", in: "web" }], "ENOENT"],
    ["replacing unconfined", [{ replace: "unconfined" }], "EPERM"],
    ["a set of two namespaces", [{ create: "web" }, { replace: ["a", ":web:a"] }], "EACCES"],
    ["a namespace with a slash", [{ load: ":a//b:c" }], "(EACCES)"],
    ["dropping what is not kept", [{ label: "unconfined" }, { drop: 1 }, { drop: 1 }], "(ENOENT)"],
    ["dropping what was not made", [{ label: "nobody" }, { drop: 1 }], "(ENOENT)"],
  ])("%s", (_, steps, expected) => {
    expect(verdicts(steps, 2).at(-1)).toBe(expected);
  });

  test("is told with the column and a caret where a text is to blame", () => {
    const [, step] = build([{ load: "nginx" }, { label: "nginx//&:wbe:php" }]).policySteps ?? [];
    expect(step).toEqual({
      text: "label nginx//&:wbe:php",
      answers: [1, 2],
      expected: "ENOENT",
      why: "no namespace `wbe` in the root namespace",
      column: 10,
      caret: "  nginx//&:wbe:php\n           ^",
    });
  });

  test("changes nothing: an event that would work before the one that fails is left out", () => {
    const steps = [{ load: "a" }, { change: "a//&b" }, { load: ["a//c", "d//e"] }, { change: "a//c" }];
    expect(records(steps).slice(1)).toEqual([
      "changeProfile profile 2",
      "loadProfile profile 3 enforce load with the next",
      "loadProfile profile 5 enforce load",
      "changeProfile profile 3",
    ]);
    expect(verdicts(steps)).toEqual(["done", "ENOENT", "ENOENT", "ENOENT"]);
  });

  test.each<[string, unknown, readonly (string | number)[]]>([
    ["an unknown action", { lod: "a" }, ["steps", 0]],
    ["two actions", { load: "a", remove: "a" }, ["steps", 0]],
    ["none", {}, ["steps", 0]],
    ["a place that the action does not take", { create: "a", in: "b" }, ["steps", 0, "in"]],
    ["a descriptor that is too large", { open: 256 }, ["steps", 0, "open"]],
  ])("is a mistake of the config: %s", (_, step, path) => {
    const parsed = workloads.policy.parameters.safeParse({ steps: [step] });
    expect(parsed.error?.issues[0]?.path).toEqual(path);
  });
});
