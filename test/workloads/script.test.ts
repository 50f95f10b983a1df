import { describe, expect, test } from "vitest";
import { Event, StallIn } from "../../src/kernel/events.ts";
import { disassemble } from "../../src/workloads/disassemble.ts";
import { eventOperands, mayRead, ScriptBuilder } from "../../src/workloads/script.ts";
import { countEvents, hashScripts, makeWorkload } from "../../src/workloads/workload.ts";

const population = { profiles: 1, tasks: 1, descriptorsPerTask: 2, threadsPerProcess: 1, channels: 0 };

describe("the script builder", () => {
  test("writes four cells for each record and ends the script", () => {
    const script = new ScriptBuilder();
    script.add(Event.switchTask, 0);
    script.add(Event.permission, 3, mayRead);
    expect(Array.from(script.finish())).toEqual([21, 0, 0, 0, 3, 3, 4, 0, 0, 0, 0, 0]);
  });

  test("writes how many records a repeat block has, nested ones included", () => {
    const script = new ScriptBuilder();
    script.add(Event.switchTask, 0);
    script.repeat(10, () => {
      script.add(Event.open, 0);
      script.repeat(5, () => script.add(Event.secid));
      script.add(Event.close, 0);
    });
    const cells = script.finish();
    expect(Array.from(cells.subarray(4, 8))).toEqual([Event.repeat, 10, 4, 0]);
    const counts = countEvents(cells);
    expect(counts.byEvent[Event.open]).toBe(10);
    expect(counts.byEvent[Event.secid]).toBe(50);
    expect(counts.byEvent[Event.repeat]).toBe(11);
  });

  test("leaves out a block that is never executed and the head of one that is executed once", () => {
    const script = new ScriptBuilder();
    script.repeat(0, () => script.add(Event.secid));
    script.repeat(1, () => script.add(Event.secid));
    expect(script.records).toBe(1);
  });

  test.each([
    ["a negative descriptor", Event.open, -1, 0],
    ["half a descriptor", Event.open, 0.5, 0],
    ["an operand above 32 bits", Event.think, 2 ** 31, 0],
    ["an operand that the event does not have", Event.secid, 1, 0],
    ["an empty access mask", Event.permission, 0, 0],
    ["an access mask above 7", Event.permission, 0, 8],
    ["an event number that nothing has", 63 as Event, 0, 0],
    ["a repeat without a body", Event.repeat, 1, 1],
  ])("refuses %s", (_, event, a, b) => {
    expect(() => new ScriptBuilder().add(event, a, b)).toThrow(RangeError);
  });

  test("refuses blocks nested deeper than the interpreter's stack, and empty ones", () => {
    const script = new ScriptBuilder();
    const nest = (depth: number): void => {
      if (depth === 0) script.add(Event.secid);
      else script.repeat(2, () => nest(depth - 1));
    };
    expect(() => nest(5)).toThrow("4 deep");
    expect(() => new ScriptBuilder().repeat(2, () => {})).toThrow("needs a record");
  });

  test("knows the operands of every event", () => {
    const numbers = Object.values(Event).filter((value) => typeof value === "number");
    expect(Object.keys(eventOperands).map(Number)).toEqual(numbers.sort((x, y) => x - y));
  });
});

describe("a workload", () => {
  const build = (write: (script: ScriptBuilder) => void) => {
    const script = new ScriptBuilder();
    script.add(Event.switchTask, 0);
    write(script);
    return () => makeWorkload({ name: "test", scripts: [script.finish()], population, openAtCut: 0 });
  };

  test("is refused where a script leaves its population", () => {
    expect(build((script) => script.add(Event.open, 2))).toThrow("newFd 2 is not below 2");
    expect(build((script) => script.add(Event.exec, 2))).toThrow("profile 2");
    expect(build((script) => script.add(Event.passFile, 0, 0))).toThrow("channel 0");
    expect(build((script) => script.add(Event.waitFor, 1, 0))).toThrow("cpu 1");
  });

  test("has to start with the task that runs", () => {
    const script = new ScriptBuilder();
    script.add(Event.secid);
    const scripts = [script.finish()];
    expect(() => makeWorkload({ name: "test", scripts, population, openAtCut: 0 })).toThrow("switchTask");
  });

  test("has a hash that changes with one cell, and with the order of its scripts", () => {
    const one = Int32Array.of(21, 0, 0, 0, 0, 0, 0, 0);
    const two = Int32Array.of(21, 1, 0, 0, 0, 0, 0, 0);
    const hashes = new Set([[one], [two], [one, two], [two, one], []].map(hashScripts));
    expect(hashes.size).toBe(5);
    expect(hashScripts([one, two])).toBe("a0be848f3214f9a4");
  });
});

test("a script reads as text with blocks indented", () => {
  const script = new ScriptBuilder();
  script.add(Event.switchTask, 7);
  script.repeat(3, () => {
    script.add(Event.open, 4);
    script.repeat(2, () => script.add(Event.permission, 4, 6));
    script.add(Event.close, 4);
  });
  script.add(Event.think, 250);
  script.add(Event.stall, 250, StallIn.borrow);
  expect(disassemble(script.finish())).toBe(
    [
      "0: switchTask task 7",
      "1: repeat 3 times the next 4 records",
      "2:   open -> fd 4",
      "3:   repeat 2 times the next 1 records",
      "4:     permission fd 4 read+write",
      "5:   close fd 4",
      "6: think 250 ns",
      "7: stall 250 ns in borrow",
      "8: end",
    ].join("\n"),
  );
});
