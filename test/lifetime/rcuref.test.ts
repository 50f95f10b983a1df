/**
 * What is special to rcuref: the zones of its counter, which holds references minus one, and what comes of puts and look-ups that
 * meet in them. On the label stage in direct mode.
 */
import { describe, expect, it } from "vitest";
import { Mark } from "../../src/kernel/core/marks.ts";
import { builtin, StageDirect } from "../conformance/support.ts";

const noReference = -1;
/** The middle of each zone. */
const dead = -0x20000000;
const saturated = -0x60000000;

/** A label in holder 0 of CPU 0, and a look at its counter. */
function begin() {
  const stage = new StageDirect(builtin("rcuref"));
  const label = stage.published();
  const count = (): number => stage.machine.call("strategyCell", [label]);
  const setCount = (value: number): number => stage.machine.call("setStrategyCell", [label, value]);
  const released = (): number => stage.marks(Mark.released);
  return { stage, label, count, setCount, released };
}

describe("a label with rcuref", () => {
  it("is counted from 0, so that the sign tells of the last put", () => {
    const { stage, count } = begin();
    expect(count()).toBe(0);
    stage.on(0, "copy", 0, 1);
    expect(count()).toBe(1);
    stage.on(0, "drop", 0);
    expect(count()).toBe(0);
  });

  it("is dead after the last put, and freed a grace period later", () => {
    const { stage, count, released } = begin();
    stage.on(0, "drop", 0);
    expect(count()).toBe(dead);
    expect(released()).toBe(1);
    expect(stage.liveLabels()).toBe(1);
    stage.machine.gracePeriod();
    expect(stage.liveLabels()).toBe(0);
  });

  it("stays dead however often it is looked up: each look-up sets its counter back", () => {
    const { stage, label, count, released } = begin();
    stage.on(0, "drop", 0);
    for (let round = 0; round < 5; round++) {
      expect(stage.on(1, "lookUp", 0, label)).toBe(0);
      expect(count()).toBe(dead);
    }
    expect(released()).toBe(1);
  });

  it("lives on where a look-up comes between the last subtraction and the decision", () => {
    const { stage, label, count, setCount, released } = begin();
    // As the last put leaves it before it decides.
    setCount(noReference);
    expect(stage.on(1, "lookUp", 0, label)).toBe(1);
    expect(count()).toBe(0);
    stage.on(1, "drop", 0);
    expect(released()).toBe(1);
    expect(count()).toBe(dead);
  });
});

describe("rcuref tells of misuse and keeps the label", () => {
  it("where a reference is taken of a dead label", () => {
    const { stage, label, count, released } = begin();
    stage.on(0, "drop", 0);
    stage.on(1, "rawGet", 0, label);
    expect(stage.marks(Mark.getFromZero)).toBe(1);
    expect(count()).toBe(dead);
    expect(released()).toBe(1);
  });

  it("where a dead label is put", () => {
    const { stage, label, count, released } = begin();
    stage.on(0, "drop", 0);
    stage.on(1, "rawPut", 0, label);
    expect(stage.marks(Mark.underflow)).toBe(1);
    expect(count()).toBe(dead);
    expect(released()).toBe(1);
  });

  it("where there are more references than it can count: such a label is saturated for ever", () => {
    const { stage, count, setCount, released } = begin();
    setCount(0x7fffffff);
    stage.on(0, "copy", 0, 1);
    expect(stage.marks(Mark.overflow)).toBe(1);
    expect(count()).toBe(saturated);
    for (const holder of [0, 1]) {
      stage.on(0, "drop", holder);
      expect(count()).toBe(saturated);
    }
    stage.settle();
    expect(released()).toBe(0);
    expect(stage.liveLabels()).toBe(1);
  });

  it("and a look-up finds a saturated label alive", () => {
    const { stage, label, count, setCount } = begin();
    setCount(saturated);
    expect(stage.on(1, "lookUp", 0, label)).toBe(1);
    expect(count()).toBe(saturated);
  });
});
