/** What happens where memory does not suffice: it is counted, nothing stops, and what there was goes at the end. */
import { expect, test } from "vitest";
import { Audit, ScriptError } from "../../src/kernel/audit.ts";
import { Mark } from "../../src/kernel/core/marks.ts";
import { type Line, OneCpu, smallPopulation } from "./support.ts";

const descriptors = 200;
const population = { ...smallPopulation, descriptorsPerTask: descriptors };

/** Work buffers of the usual size would leave nothing for files. */
const small = { quarantine: 0, bufferBytes: 64 };

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

function expectNothingLeft(cpu: OneCpu): void {
  cpu.end();
  expect(cpu.audit(Audit.objects)).toBe(0);
  expect(cpu.audit(Audit.percpuBytesInUse)).toBe(0);
  expect(cpu.audit(Audit.allViolations)).toBe(0);
  expect(cpu.machine.liveObjects()).toEqual([]);
}

test("an open without memory for the file is counted and leaves the descriptor free", () => {
  const lines: Line[] = [
    ["switchTask", 0],
    ...range(descriptors).map((fd): Line => ["open", fd]),
    ["request"],
  ];
  const cpu = new OneCpu("kref", lines, small, population, 88 * 1024);
  cpu.run();
  const refused = cpu.audit(Audit.scriptErrors + ScriptError.noMemory);
  expect(refused).toBeGreaterThan(0);
  expect(cpu.audit(Audit.allScriptErrors)).toBe(refused);
  expect(cpu.audit(Audit.openDescriptors)).toBe(descriptors - refused);
  expect(cpu.audit(Audit.warnings + Mark.heapExhausted)).toBe(refused);
  expect(cpu.audit(Audit.requests)).toBe(1);
  expectNothingLeft(cpu);
});

test("sockets, forks and changes of profile without memory are refused as a whole", () => {
  const fill: Line[] = range(descriptors - 3).map((fd) => ["open", fd]);
  const socket = descriptors - 3;
  const lines: Line[] = [
    ["switchTask", 0],
    ["socket", socket],
    ...fill,
    ...range(40).flatMap((): Line[] => [
      ["accept", socket, socket + 1],
      ["dup", socket + 1, socket + 2],
      ["fork", 1, 0],
      ["exec", 1],
    ]),
  ];
  const cpu = new OneCpu("percpu-ref", lines, small, population, 88 * 1024);
  cpu.run();
  expect(cpu.audit(Audit.scriptErrors + ScriptError.noMemory)).toBeGreaterThan(0);
  expectNothingLeft(cpu);
});

test("a boot without per-CPU memory for all labels is counted and can be dismantled", () => {
  const cpu = new OneCpu(
    "percpu-ref",
    [["switchTask", 0]],
    { percpuBytes: 64 },
    { ...population, profiles: 20 },
  );
  expect(cpu.audit(Audit.scriptErrors + ScriptError.noMemory)).toBe(1);
  expect(cpu.audit(Audit.labels)).toBe(8);
  cpu.run();
  expect(cpu.audit(Audit.scriptErrors + ScriptError.badTask)).toBe(1);
  expectNothingLeft(cpu);
});

test("a boot without memory for all tasks is counted and can be dismantled", () => {
  const cpu = new OneCpu("kref", [], {}, { ...smallPopulation, tasks: 400 }, 1 << 16);
  expect(cpu.audit(Audit.scriptErrors + ScriptError.noMemory)).toBe(1);
  expectNothingLeft(cpu);
});

test("whatever is missing at boot, the rest can be taken down and nothing is left", () => {
  for (let kib = 40; kib < 88; kib++) {
    const cpu = new OneCpu("percpu-ref", [["switchTask", 0]], small, population, kib * 1024);
    expectNothingLeft(cpu);
  }
});
