/** Tasks that come to a stand in a system call: who is held up by them, and who is not. */
import { expect, test } from "vitest";
import { Audit, ScriptError } from "../../src/kernel/audit.ts";
import { StallIn } from "../../src/kernel/events.ts";
import { explain } from "../conformance/schedules.ts";
import { CompiledRcuMachine } from "./compiled-rcu.ts";
import { kernel, type Line, OneCpu, runScripts, strategies } from "./support.ts";

const places = [StallIn.sleep, StallIn.borrow, StallIn.section];

// `none` counts nothing, so it leaves everything behind.
test.each(strategies.filter((strategy) => strategy !== "none"))(
  "a stall leaves no count behind, wherever it is (%s)",
  (strategy) => {
    const script: Line[] = [
      ["switchTask", 0],
      ["changeProfile", 1],
      ...places.flatMap((place): Line[] => [
        ["open", 0],
        ["stall", 1_000_000, place],
        ["close", 0],
      ]),
    ];
    for (const seed of ["a", "b", "c"]) {
      const outcome = runScripts(kernel(strategy, { verify: 1 }), seed, [
        script,
        [
          ["switchTask", 1],
          ["removeProfile", 1],
        ],
      ]);
      expect(outcome.result.violations).toEqual([]);
      expect(outcome.running(Audit.allScriptErrors)).toBe(0);
      expect(outcome.left(Audit.objects)).toBe(0);
    }
  },
);

test("grace periods of the compiled build end while another CPU stalls, and afterwards where that is in a read section", () => {
  for (const place of places) {
    const machine = new CompiledRcuMachine(
      "kref",
      `in ${place}`,
      [
        [["switchTask", 0], ["post"], ["stall", 1000, place], ["waitFor", 1, 1]],
        [["switchTask", 1], ["waitFor", 0, 1], ["repeat", 3, 1], ["exec", 1], ["think", 1], ["post"]],
      ],
      1,
    );
    machine.each("run", 0);
    expect(machine.audit(Audit.allScriptErrors)).toBe(0);
    machine.each("teardown");
    machine.each("drain");
    machine.one("dismantle");
    machine.one("drain", 0);
    expect(explain(machine.finish())).toBe("");
  }
});

test("a stall without a task is a script error", () => {
  const cpu = new OneCpu("kref", [["stall", 1000, StallIn.section]]);
  cpu.run();
  expect(cpu.audit(Audit.scriptErrors + ScriptError.badTask)).toBe(1);
});
