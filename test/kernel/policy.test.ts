/** Profiles, proxies and creds on one CPU: which label a task has, and when an old one goes. */
import { describe, expect, test } from "vitest";
import { Audit } from "../../src/kernel/audit.ts";
import { type Line, OneCpu } from "./support.ts";

const begin: Line = ["switchTask", 0];
const counting = ["kref", "percpu-ref"] as const;

function expectClean(cpu: OneCpu): void {
  cpu.end();
  expect(cpu.audit(Audit.objects)).toBe(0);
  expect(cpu.audit(Audit.percpuBytesInUse)).toBe(0);
  expect(cpu.audit(Audit.allViolations)).toBe(0);
  expect(cpu.audit(Audit.allWarnings)).toBe(0);
  expect(cpu.audit(Audit.allScriptErrors)).toBe(0);
  expect(cpu.machine.liveObjects()).toEqual([]);
}

describe.each(counting)("with %s", (strategy) => {
  test("boot makes a label, a proxy and a profile for each profile and for unconfined", () => {
    const cpu = new OneCpu(strategy, []);
    expect(cpu.audit(Audit.labels)).toBe(4);
    expect(cpu.audit(Audit.proxies)).toBe(4);
    expect(cpu.audit(Audit.profiles)).toBe(4);
    expect(cpu.audit(Audit.namespaces)).toBe(1);
    expect(cpu.audit(Audit.creds)).toBe(4);
    expectClean(cpu);
  });

  test("a profile that nobody uses goes a grace period after its removal", () => {
    const cpu = new OneCpu(strategy, [begin, ["removeProfile", 2]]);
    cpu.run();
    expect(cpu.audit(Audit.labels)).toBe(4);
    cpu.settle();
    expect(cpu.audit(Audit.labels)).toBe(3);
    expect(cpu.audit(Audit.proxies)).toBe(3);
    expect(cpu.audit(Audit.profiles)).toBe(3);
    expectClean(cpu);
  });

  test("a removed profile's label lives as long as a file has it", () => {
    const cpu = new OneCpu(strategy, [
      begin,
      ["exec", 1],
      ["open", 3],
      ["exec", 0],
      ["removeProfile", 1],
      ["permission", 3, 4],
      ["close", 3],
    ]);
    cpu.run(6);
    cpu.settle();
    expect(cpu.audit(Audit.labels)).toBe(4);
    cpu.run();
    cpu.settle();
    expect(cpu.audit(Audit.labels)).toBe(3);
    expectClean(cpu);
  });

  test("a task whose profile was removed is unconfined from its next open on", () => {
    const cpu = new OneCpu(strategy, [begin, ["exec", 1], ["removeProfile", 1], ["open", 3]]);
    cpu.run(3);
    cpu.settle();
    // Until then the task's cred keeps the stale label.
    expect(cpu.audit(Audit.labels)).toBe(4);
    cpu.run();
    cpu.settle();
    expect(cpu.audit(Audit.labels)).toBe(3);
    expectClean(cpu);
  });

  test("a hook that must not sleep uses the newest label and leaves the task's stale one where it is", () => {
    const cpu = new OneCpu(strategy, [
      begin,
      ["exec", 1],
      ["open", 3],
      ["removeProfile", 1],
      ["permission", 3, 4],
      ["secid"],
    ]);
    cpu.run();
    cpu.settle();
    expect(cpu.audit(Audit.labels)).toBe(4);
    expectClean(cpu);
  });

  test("a forked child of a task with a removed profile is unconfined", () => {
    const cpu = new OneCpu(strategy, [
      begin,
      ["exec", 1],
      ["removeProfile", 1],
      ["fork", 1, 0],
      ["exit"],
      ["switchTask", 1],
      ["open", 2],
    ]);
    cpu.run();
    cpu.settle();
    expect(cpu.audit(Audit.labels)).toBe(3);
    expectClean(cpu);
  });

  test("exec of a removed profile ends unconfined", () => {
    const cpu = new OneCpu(strategy, [begin, ["removeProfile", 1], ["exec", 1], ["open", 3]]);
    cpu.run();
    cpu.settle();
    expect(cpu.audit(Audit.labels)).toBe(3);
    expectClean(cpu);
  });

  test("exec and change of profile replace the cred and let the old one go", () => {
    const cpu = new OneCpu(strategy, [
      begin,
      ["exec", 1],
      ["changeProfile", 2],
      ["changeProfile", 1],
      ["exec", 0],
    ]);
    const creds = cpu.audit(Audit.creds);
    cpu.run();
    cpu.settle();
    expect(cpu.audit(Audit.creds)).toBe(creds);
    expectClean(cpu);
  });

  test("a confined task that uses another's file looks at the file's label", () => {
    const cpu = new OneCpu(strategy, [
      begin,
      ["exec", 1],
      ["open", 3],
      ["passFile", 3, 0],
      ["switchTask", 1],
      ["exec", 2],
      ["receiveFile", 4, 0],
      ["permission", 4, 4],
      ["permission", 4, 2],
      ["send", 4],
    ]);
    cpu.run();
    expectClean(cpu);
  });

  test("threads of one process share a cred until one of them changes its profile", () => {
    const cpu = new OneCpu(
      strategy,
      [begin, ["changeProfile", 1]],
      {},
      {
        profiles: 1,
        tasks: 4,
        descriptorsPerTask: 8,
        threadsPerProcess: 4,
        channels: 0,
      },
    );
    expect(cpu.audit(Audit.creds)).toBe(1);
    cpu.run();
    cpu.settle();
    expect(cpu.audit(Audit.creds)).toBe(2);
    expectClean(cpu);
  });
});

test("without counting, labels stay for ever and everything else goes", () => {
  const cpu = new OneCpu("none", [
    begin,
    ["exec", 1],
    ["open", 3],
    ["removeProfile", 1],
    ["open", 4],
    ["close", 3],
  ]);
  cpu.run();
  cpu.end();
  expect(cpu.audit(Audit.labels)).toBe(4);
  expect(cpu.audit(Audit.files)).toBe(0);
  expect(cpu.audit(Audit.creds)).toBe(0);
  expect(cpu.audit(Audit.tasks)).toBe(0);
  expect(cpu.audit(Audit.allViolations)).toBe(0);
});
