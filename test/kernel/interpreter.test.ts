/** The script interpreter: order, repetition, pieces, progress between CPUs. */
import { expect, test } from "vitest";
import { Audit, ScriptError } from "../../src/kernel/audit.ts";
import { kernel, type Line, OneCpu, runScripts } from "./support.ts";

const begin: Line = ["switchTask", 0];

test("an empty script is finished at once, and stays finished", () => {
  const cpu = new OneCpu("none", []);
  expect(cpu.run()).toBe(false);
  expect(cpu.run()).toBe(false);
  expect(cpu.audit(Audit.events)).toBe(0);
});

test("run executes as many records as it is asked for", () => {
  const cpu = new OneCpu("none", [begin, ["request"], ["request"], ["request"]]);
  expect(cpu.run(2)).toBe(true);
  expect(cpu.audit(Audit.requests)).toBe(1);
  expect(cpu.run(1)).toBe(true);
  expect(cpu.audit(Audit.requests)).toBe(2);
  expect(cpu.run(5)).toBe(false);
  expect(cpu.audit(Audit.requests)).toBe(3);
  expect(cpu.audit(Audit.events)).toBe(4);
});

test("a piece that ends with the last record knows that the script is finished", () => {
  const cpu = new OneCpu("none", [begin, ["request"]]);
  expect(cpu.run(2)).toBe(false);
});

test("a block is repeated as often as it says, and 0 times is skipped", () => {
  const cpu = new OneCpu("none", [
    ["repeat", 3, 2],
    ["request"],
    ["think", 100],
    ["repeat", 0, 1],
    ["request"],
    ["request"],
  ]);
  cpu.run();
  expect(cpu.audit(Audit.requests)).toBe(4);
  expect(cpu.audit(Audit.events)).toBe(1 + 3 * 2 + 1 + 1);
});

test("blocks nest four deep, also where they end together", () => {
  const cpu = new OneCpu("none", [
    ["repeat", 2, 5],
    ["repeat", 3, 3],
    ["repeat", 2, 2],
    ["repeat", 5, 1],
    ["request"],
    ["post"],
    ["request"],
  ]);
  cpu.run();
  expect(cpu.audit(Audit.requests)).toBe(2 * 3 * 2 * 5 + 1);
  expect(cpu.audit(Audit.allScriptErrors)).toBe(0);
});

test("a fifth level is a script error and runs once", () => {
  const cpu = new OneCpu("none", [
    ["repeat", 1, 5],
    ["repeat", 1, 4],
    ["repeat", 2, 3],
    ["repeat", 1, 2],
    ["repeat", 7, 1],
    ["request"],
  ]);
  cpu.run();
  expect(cpu.audit(Audit.requests)).toBe(2);
  expect(cpu.audit(Audit.scriptErrors + ScriptError.badRecord)).toBe(2);
});

test("run record by record does the same as in one go", () => {
  const lines: Line[] = [
    begin,
    ["repeat", 3, 6],
    ["open", 1],
    ["repeat", 2, 1],
    ["dup", 1, 2],
    ["close", 2],
    ["request"],
    ["close", 1],
    ["open", 4],
  ];
  const whole = new OneCpu("kref", lines);
  whole.run();
  const pieces = new OneCpu("kref", lines);
  while (pieces.run(1));
  for (const counter of [
    Audit.events,
    Audit.requests,
    Audit.files,
    Audit.openDescriptors,
    Audit.allScriptErrors,
  ]) {
    expect(pieces.audit(counter)).toBe(whole.audit(counter));
  }
  expect(whole.audit(Audit.events)).toBe(2 + 3 * (1 + 1 + 2 + 3) + 1);
});

test("unknown events are counted and skipped", () => {
  const cpu = new OneCpu("none", [[39], [63], [-1], [1000], ["request"]]);
  cpu.run();
  expect(cpu.audit(Audit.scriptErrors + ScriptError.badRecord)).toBe(4);
  expect(cpu.audit(Audit.requests)).toBe(1);
});

test("a CPU waits until another one has posted often enough", () => {
  const outcome = runScripts(kernel("kref", { verify: 1 }), "handshake", [
    [["switchTask", 0], ["open", 3], ["passFile", 3, 0], ["post"], ["waitFor", 1, 1], ["close", 3]],
    [["switchTask", 1], ["waitFor", 0, 1], ["receiveFile", 2, 0], ["close", 2], ["post"]],
  ]);
  expect(outcome.result.violations).toEqual([]);
  expect(outcome.running(Audit.allScriptErrors)).toBe(0);
  expect(outcome.running(Audit.files)).toBe(0);
  expect(outcome.left(Audit.objects)).toBe(0);
});

test("waiting for what nobody posts is a deadlock", () => {
  const outcome = runScripts(kernel("none", { verify: 1 }), "alone", [
    [
      ["switchTask", 0],
      ["waitFor", 0, 1],
    ],
  ]);
  expect(outcome.result.violations.map((violation) => violation.verdict)).toEqual(["deadlock"]);
});

test("one task cannot run on two CPUs at a time", () => {
  const outcome = runScripts(kernel("none", { verify: 1 }), "two-cpus", [
    [["switchTask", 0], ["post"], ["waitFor", 1, 1]],
    [["waitFor", 0, 1], ["switchTask", 0], ["post"]],
  ]);
  expect(outcome.running(Audit.scriptErrors + ScriptError.badTask)).toBe(1);
});

test("a task moves to another CPU once the first one has left it", () => {
  const outcome = runScripts(kernel("kref", { verify: 1 }), "migration", [
    [["switchTask", 0], ["open", 3], ["switchTask", 1], ["post"]],
    [
      ["waitFor", 0, 1],
      ["switchTask", 0],
      ["close", 3],
    ],
  ]);
  expect(outcome.running(Audit.allScriptErrors)).toBe(0);
  expect(outcome.running(Audit.files)).toBe(0);
  expect(outcome.left(Audit.objects)).toBe(0);
});
