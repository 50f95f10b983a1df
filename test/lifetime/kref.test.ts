/** What is special to kref: what the one counter of a label shows, at its ends above all. On the label stage in direct mode. */
import { describe, expect, it } from "vitest";
import { Mark } from "../../src/kernel/core/marks.ts";
import { builtin, StageDirect } from "../conformance/support.ts";

const maximum = 0x7fffffff;
/** The middle of the negative half. */
const saturated = -0x40000000;

/** A label in holder 0 of CPU 0, and a look at its counter. */
function begin() {
  const stage = new StageDirect(builtin("kref"));
  const label = stage.published();
  const count = (): number => stage.machine.call("strategyCell", [label]);
  const setCount = (value: number): number => stage.machine.call("setStrategyCell", [label, value]);
  const released = (): number => stage.marks(Mark.released);
  return { stage, label, count, setCount, released };
}

describe("a label with kref", () => {
  it("is counted once for each holder, whichever CPU's it is", () => {
    const { stage, count } = begin();
    expect(count()).toBe(1);
    stage.on(0, "copy", 0, 1);
    stage.on(1, "copyFrom", 0, 0, 0);
    expect(count()).toBe(3);
    stage.on(1, "drop", 0);
    expect(count()).toBe(2);
  });

  it("is not counted anew when a reference moves", () => {
    const { stage, count } = begin();
    stage.on(0, "carry", 0, 1, 2);
    expect(count()).toBe(1);
  });

  it("is released by the put that comes to 0, at once", () => {
    const { stage, count, released } = begin();
    stage.on(0, "copy", 0, 1);
    stage.on(0, "drop", 0);
    expect(released()).toBe(0);
    stage.on(0, "drop", 1);
    expect(released()).toBe(1);
    expect(count()).toBe(0);
    expect(stage.liveLabels()).toBe(1);
    stage.settle();
    expect(stage.liveLabels()).toBe(0);
  });

  it("stays at 0 for who looks it up then, and is released no second time", () => {
    const { stage, label, count, released } = begin();
    stage.on(0, "drop", 0);
    expect(stage.on(1, "lookUp", 0, label)).toBe(0);
    expect(count()).toBe(0);
    expect(released()).toBe(1);
  });
});

describe("kref saturates", () => {
  it("where somebody takes a reference from 0, and tells of it", () => {
    const { stage, label, count, released } = begin();
    stage.on(0, "drop", 0);
    stage.on(1, "rawGet", 0, label);
    expect(stage.marks(Mark.getFromZero)).toBe(1);
    expect(count()).toBe(saturated);
    stage.on(1, "rawPut", 0, label);
    expect(released()).toBe(1);
  });

  it("where there are more references than it can count, and keeps the label for ever", () => {
    const { stage, count, setCount, released } = begin();
    setCount(maximum);
    stage.on(0, "copy", 0, 1);
    expect(stage.marks(Mark.overflow)).toBe(1);
    expect(count()).toBe(saturated);
    for (const holder of [0, 1]) stage.on(0, "drop", holder);
    stage.settle();
    expect(count()).toBeLessThan(0);
    expect(released()).toBe(0);
    expect(stage.liveLabels()).toBe(1);
  });

  it("where somebody puts what he does not have, and tells of it", () => {
    const { stage, label, count, released } = begin();
    stage.on(0, "drop", 0);
    stage.on(1, "rawPut", 0, label);
    expect(stage.marks(Mark.underflow)).toBe(1);
    expect(count()).toBe(saturated);
    expect(released()).toBe(1);
  });

  it("and gives references of such a label to who looks it up", () => {
    const { stage, label, setCount, released } = begin();
    setCount(saturated);
    expect(stage.on(1, "lookUp", 0, label)).toBe(1);
    stage.on(1, "drop", 0);
    expect(released()).toBe(0);
  });
});
