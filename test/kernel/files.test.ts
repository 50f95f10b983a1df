/** Files, descriptors and sockets on one CPU: who keeps what alive, and for how long. */
import { expect, test } from "vitest";
import { Audit, ScriptError } from "../../src/kernel/audit.ts";
import { type Line, OneCpu } from "./support.ts";

const begin: Line = ["switchTask", 0];

/** Takes everything down and expects that nothing is left and nothing was found. */
function expectClean(cpu: OneCpu): void {
  cpu.end();
  expect(cpu.audit(Audit.objects)).toBe(0);
  expect(cpu.audit(Audit.allViolations)).toBe(0);
  expect(cpu.audit(Audit.allWarnings)).toBe(0);
  expect(cpu.machine.violations()).toEqual([]);
  expect(cpu.machine.liveObjects()).toEqual([]);
}

test("open makes a file and close takes it away", () => {
  const cpu = new OneCpu("kref", [begin, ["open", 3], ["close", 3]]);
  cpu.run(2);
  expect(cpu.audit(Audit.files)).toBe(1);
  expect(cpu.audit(Audit.openDescriptors)).toBe(1);
  cpu.run();
  expect(cpu.audit(Audit.files)).toBe(0);
  expect(cpu.audit(Audit.openDescriptors)).toBe(0);
  expectClean(cpu);
});

test("dup keeps the file alive when the first descriptor is closed", () => {
  const cpu = new OneCpu("kref", [
    begin,
    ["open", 3],
    ["dup", 3, 4],
    ["close", 3],
    ["permission", 4, 4],
    ["close", 4],
  ]);
  cpu.run(5);
  expect(cpu.audit(Audit.files)).toBe(1);
  cpu.run();
  expect(cpu.audit(Audit.files)).toBe(0);
  expect(cpu.audit(Audit.allScriptErrors)).toBe(0);
  expectClean(cpu);
});

test("dup over an open descriptor closes what was there", () => {
  const cpu = new OneCpu("kref", [begin, ["open", 3], ["open", 4], ["dup", 3, 4], ["dup", 3, 3]]);
  cpu.run();
  expect(cpu.audit(Audit.files)).toBe(1);
  expect(cpu.audit(Audit.openDescriptors)).toBe(2);
  expect(cpu.audit(Audit.allScriptErrors)).toBe(0);
  expectClean(cpu);
});

test("a forked child inherits all descriptors, and the files live until both have closed them", () => {
  const cpu = new OneCpu("kref", [
    begin,
    ["open", 0],
    ["open", 5],
    ["fork", 1, 0],
    ["close", 0],
    ["close", 5],
    ["switchTask", 1],
    ["permission", 0, 4],
    ["permission", 5, 4],
    ["close", 0],
    ["close", 5],
  ]);
  cpu.run(6);
  expect(cpu.audit(Audit.files)).toBe(2);
  expect(cpu.audit(Audit.openDescriptors)).toBe(2);
  cpu.run();
  expect(cpu.audit(Audit.files)).toBe(0);
  expect(cpu.audit(Audit.allScriptErrors)).toBe(0);
  expectClean(cpu);
});

test("a forked process has a cred of its own, a thread shares its parent's", () => {
  const cpu = new OneCpu("kref", [begin, ["fork", 1, 0], ["fork", 2, 1]]);
  const creds = cpu.audit(Audit.creds);
  cpu.run(2);
  cpu.settle();
  expect(cpu.audit(Audit.creds)).toBe(creds);
  cpu.run();
  cpu.settle();
  expect(cpu.audit(Audit.creds)).toBe(creds - 1);
  expectClean(cpu);
});

test("exit closes every descriptor and drops the cred", () => {
  const cpu = new OneCpu("kref", [begin, ["open", 1], ["open", 2], ["dup", 2, 3], ["socket", 4], ["exit"]]);
  const tasks = cpu.audit(Audit.aliveTasks);
  const creds = cpu.audit(Audit.creds);
  cpu.run();
  cpu.settle();
  expect(cpu.audit(Audit.files)).toBe(0);
  expect(cpu.audit(Audit.sockets)).toBe(0);
  expect(cpu.audit(Audit.aliveTasks)).toBe(tasks - 1);
  expect(cpu.audit(Audit.creds)).toBe(creds - 1);
  expectClean(cpu);
});

test("a dead task may become a child again", () => {
  const cpu = new OneCpu("kref", [
    ["switchTask", 1],
    ["exit"],
    begin,
    ["open", 2],
    ["fork", 1, 0],
    ["exit"],
    ["switchTask", 1],
    ["close", 2],
  ]);
  cpu.run();
  expect(cpu.audit(Audit.allScriptErrors)).toBe(0);
  expect(cpu.audit(Audit.files)).toBe(0);
  expectClean(cpu);
});

test("a file that was passed and closed lives in the channel until it is received", () => {
  const cpu = new OneCpu("kref", [
    begin,
    ["open", 3],
    ["passFile", 3, 1],
    ["close", 3],
    ["switchTask", 1],
    ["receiveFile", 6, 1],
    ["permission", 6, 4],
    ["close", 6],
  ]);
  cpu.run(4);
  expect(cpu.audit(Audit.files)).toBe(1);
  expect(cpu.audit(Audit.openDescriptors)).toBe(0);
  expect(cpu.audit(Audit.filesInFlight)).toBe(1);
  cpu.run();
  expect(cpu.audit(Audit.files)).toBe(0);
  expect(cpu.audit(Audit.allScriptErrors)).toBe(0);
  expectClean(cpu);
});

test("a file that nobody receives goes with its channel", () => {
  const cpu = new OneCpu("kref", [begin, ["open", 3], ["passFile", 3, 0], ["exit"]]);
  cpu.run();
  expect(cpu.audit(Audit.files)).toBe(1);
  expectClean(cpu);
});

test("to receive from an empty channel waits", () => {
  const cpu = new OneCpu("kref", [begin, ["receiveFile", 3, 0]]);
  expect(() => cpu.run()).toThrow("deadlock");
});

test("to pass on a full channel waits", () => {
  const cpu = new OneCpu("kref", [
    begin,
    ["open", 3],
    ["repeat", 16, 1],
    ["passFile", 3, 0],
    ["passFile", 3, 0],
  ]);
  cpu.run(2 + 1 + 16);
  expect(cpu.audit(Audit.filesInFlight)).toBe(16);
  expect(() => cpu.run()).toThrow("deadlock");
});

test("accept clones the listening socket, which may go first", () => {
  const cpu = new OneCpu("kref", [
    begin,
    ["socket", 0],
    ["accept", 0, 1],
    ["close", 0],
    ["send", 1],
    ["close", 1],
  ]);
  cpu.run(4);
  expect(cpu.audit(Audit.sockets)).toBe(1);
  cpu.run();
  expect(cpu.audit(Audit.sockets)).toBe(0);
  expect(cpu.audit(Audit.files)).toBe(0);
  expect(cpu.audit(Audit.allScriptErrors)).toBe(0);
  expectClean(cpu);
});

const wrong: readonly (readonly [string, ScriptError, readonly Line[]])[] = [
  ["closing a descriptor that is not open", ScriptError.badDescriptor, [begin, ["close", 3]]],
  ["closing a descriptor outside the table", ScriptError.badDescriptor, [begin, ["close", 8]]],
  ["a negative descriptor", ScriptError.badDescriptor, [begin, ["close", -1]]],
  ["opening where a file is open", ScriptError.badDescriptor, [begin, ["open", 3], ["open", 3]]],
  ["a permission check without a file", ScriptError.badDescriptor, [begin, ["permission", 3, 4]]],
  ["sending without a file", ScriptError.badDescriptor, [begin, ["send", 3]]],
  ["accepting on a plain file", ScriptError.badDescriptor, [begin, ["open", 3], ["accept", 3, 4]]],
  ["accepting on a closed descriptor", ScriptError.badDescriptor, [begin, ["accept", 3, 4]]],
  ["dup of a closed descriptor", ScriptError.badDescriptor, [begin, ["dup", 3, 4]]],
  ["dup to outside the table", ScriptError.badDescriptor, [begin, ["open", 3], ["dup", 3, 8]]],
  ["passing a closed descriptor", ScriptError.badDescriptor, [begin, ["passFile", 3, 0]]],
  ["receiving where a file is open", ScriptError.badDescriptor, [begin, ["open", 3], ["receiveFile", 3, 0]]],
  ["passing to no channel", ScriptError.badChannel, [begin, ["open", 3], ["passFile", 3, 2]]],
  ["a call before any task runs", ScriptError.badTask, [["open", 3]]],
  ["a call after exit", ScriptError.badTask, [begin, ["exit"], ["open", 3]]],
  ["switching to an unknown task", ScriptError.badTask, [["switchTask", 4]]],
  ["switching to a dead task", ScriptError.badTask, [begin, ["exit"], begin]],
  ["forking onto itself", ScriptError.badTask, [begin, ["fork", 0, 0]]],
  ["forking onto an unknown task", ScriptError.badTask, [begin, ["fork", 9, 0]]],
  ["exec of an unknown profile", ScriptError.badProfile, [begin, ["exec", 4]]],
  ["removing a profile that never was", ScriptError.badProfile, [begin, ["removeProfile", 4]]],
  ["dropping what no slot keeps", ScriptError.badSlot, [begin, ["dropLabel", 0]]],
  ["a pair on an unknown profile", ScriptError.badProfile, [begin, ["pair", 4, 0]]],
  ["waiting for an unknown CPU", ScriptError.badRecord, [begin, ["waitFor", 1, 1]]],
];

test.each(wrong)("%s is counted, does nothing and stops nothing", (_, kind, lines) => {
  const cpu = new OneCpu("kref", [...lines, ["request"]]);
  cpu.run();
  expect(cpu.audit(Audit.scriptErrors + kind)).toBe(1);
  expect(cpu.audit(Audit.allScriptErrors)).toBe(1);
  expect(cpu.audit(Audit.requests)).toBe(1);
  expectClean(cpu);
});
