/**
 * When labels of percpu-ref and percpu-managed are in a slow window: what is told of a window's costs is right only if every one
 * begins where references get dear, and ends. In short stories of policy, in direct mode.
 */
import { describe, expect, it } from "vitest";
import { createDirect, type Direct } from "../../src/engines/reference/index.ts";
import { Audit } from "../../src/kernel/audit.ts";
import { bootArguments } from "../../src/kernel/boot-arguments.ts";
import type { SteppedProgram } from "../../src/link/stepped/index.ts";
import { policyStage } from "../kernel/policy-history-run.ts";
import { change, drop, keep, load, open, replace, type Story, stack, tell } from "../kernel/policy-story.ts";
import { kernel, smallPopulation } from "../kernel/support.ts";

const program = policyStage("percpu-ref", 2);

/** Windows that are open, and how many ever began. */
function windowsOf({ constants }: SteppedProgram, machine: Direct): { open: number; begun: number } {
  const cell = constants.get("slowWindows") ?? 0;
  expect(cell).toBeGreaterThan(0);
  return { open: machine.read(cell) & 0xffff, begun: machine.read(cell + 4) };
}

const expectWindows = (story: Story, open: number, begun: number): void =>
  expect(windowsOf(program, story.machine)).toEqual({ open, begun });

/** Tells the story; how many windows are open when everything is gone. */
function openAfter(scenes: Parameters<typeof tell>[0]): number | undefined {
  let machine: Direct | undefined;
  const remember = (story: Story): void => {
    machine = story.machine;
  };
  tell([remember, ...scenes], { program });
  return machine && windowsOf(program, machine).open;
}

describe("a label with percpu-ref", () => {
  it("is in a slow window from its retirement to its last put", () => {
    const left = openAfter([
      load("p"),
      change(0, "p"),
      keep(0, 0),
      change(0, "unconfined"),
      (story) => expectWindows(story, 0, 0),
      replace("p"),
      (story) => {
        story.settle();
        expectWindows(story, 1, 1);
      },
      drop(0),
      (story) => expectWindows(story, 0, 1),
    ]);
    expect(left).toBe(0);
  });

  it("is in none where it is a compound, whose references cost the same before", () => {
    const left = openAfter([
      load("p"),
      load("q"),
      change(0, "p"),
      stack(0, "q"),
      replace("p"),
      open(0, 0),
      (story) => {
        // The old p, and the compound that the task had.
        expect(story.audit(Audit.retired)).toBe(2);
        expectWindows(story, 1, 1);
      },
    ]);
    expect(left).toBe(0);
  });
});

describe("a label with percpu-managed", () => {
  it("is in a slow window while it is scanned", () => {
    const program = kernel("percpu-managed", { verify: 1 });
    const machine = createDirect(program, { memoryWords: 1 << 18 });
    machine.call("boot", bootArguments(smallPopulation));
    machine.call("bootCpu", [0]);
    expect(windowsOf(program, machine)).toEqual({ open: 0, begun: 0 });
    machine.call("maintain", [0]);
    // The root's unconfined and the profiles, one after the other.
    expect(windowsOf(program, machine)).toEqual({ open: 0, begun: 1 + smallPopulation.profiles });
  });
});
