/** What is special to none: nothing is counted, so nothing is ever released, and that is no leak of the strategy's own. */
import { expect, it } from "vitest";
import { Audit } from "../../src/kernel/audit.ts";
import { Mark } from "../../src/kernel/core/marks.ts";
import { builtin, StageDirect } from "../conformance/support.ts";
import { OneCpu } from "../kernel/support.ts";

it("keeps a label whose last holder dropped it", () => {
  const stage = new StageDirect(builtin("none"));
  const label = stage.published();
  stage.on(0, "retireLabel", label);
  stage.on(0, "drop", 0);
  stage.settle();
  expect(stage.marks(Mark.released)).toBe(0);
  expect(stage.liveLabels()).toBe(1);
  stage.on(1, "touch", label);
});

it("gives a reference to whoever looks a label up, whatever became of it", () => {
  const stage = new StageDirect(builtin("none"));
  const label = stage.published();
  stage.on(0, "drop", 0);
  expect(stage.on(1, "lookUp", 0, label)).toBe(1);
  expect(stage.on(1, "held", 0)).toBe(label);
});

it("writes the holder, which hooks read the label from, and clears it", () => {
  const stage = new StageDirect(builtin("none"));
  const label = stage.published();
  stage.on(0, "copy", 0, 1);
  expect(stage.on(0, "held", 1)).toBe(label);
  stage.on(0, "drop", 1);
  expect(stage.on(0, "held", 1)).toBe(0);
});

it("leaves the labels of removed profiles there, while tasks and files come and go", () => {
  const cpu = new OneCpu("none", [
    ["switchTask", 0],
    ["exec", 1],
    ["open", 0],
    ["removeProfile", 1],
    ["close", 0],
    ["exec", 2],
  ]);
  cpu.run();
  cpu.settle();
  expect(cpu.audit(Audit.labels)).toBe(4);
  expect(cpu.audit(Audit.files)).toBe(0);
  cpu.end();
  expect(cpu.audit(Audit.allScriptErrors)).toBe(0);
  expect(cpu.audit(Audit.allViolations)).toBe(0);
});
