/**
 * What is special to percpu-ref: when a label counts per CPU and when with one counter, and that only retirement leads to its
 * release. On the label stage in direct mode.
 */
import { describe, expect, it } from "vitest";
import { Mark } from "../../src/kernel/core/marks.ts";
import { RefMode } from "../../src/kernel/core/percpu-ref-layout.ts";
import { builtin, StageDirect } from "../conformance/support.ts";

/** `LabelClass.compound`: the file that says so is portable code, which nobody but the linker reads. */
const compoundClass = 2;

function begin() {
  const stage = new StageDirect(builtin("percpu-ref"));
  const modeOf = (label: number): number => stage.machine.call("strategyCell", [label]) & RefMode.mask;
  const released = (): number => stage.marks(Mark.released);
  return { stage, modeOf, released };
}

describe("a label with percpu-ref", () => {
  it("counts with one counter until it is published, and per CPU from then on", () => {
    const { stage, modeOf } = begin();
    const label = stage.on(0, "make", 0);
    expect(modeOf(label)).toBe(RefMode.atomic);
    stage.on(0, "publishLabel", label);
    expect(modeOf(label)).toBe(RefMode.percpu);
  });

  it("counts with one counter for ever where it is a compound, which nobody will retire", () => {
    const { stage, modeOf, released } = begin();
    const label = stage.on(0, "makeOf", 0, compoundClass);
    stage.on(0, "publishLabel", label);
    expect(modeOf(label)).toBe(RefMode.atomic);
    stage.on(0, "drop", 0);
    expect(released()).toBe(1);
  });

  it("is not released while it counts per CPU, even if nobody holds it", () => {
    const { stage, modeOf, released } = begin();
    const label = stage.published();
    stage.on(0, "copy", 0, 1);
    for (const holder of [0, 1]) stage.on(0, "drop", holder);
    stage.settle();
    expect(modeOf(label)).toBe(RefMode.percpu);
    expect(released()).toBe(0);
    // Who retires it keeps it meanwhile: here the look-up's reference.
    expect(stage.on(0, "lookUp", 0, label)).toBe(1);
  });

  it("is dead and counts with one counter once it is retired", () => {
    const { stage, modeOf, released } = begin();
    const label = stage.published();
    stage.on(0, "retireLabel", label);
    expect(modeOf(label)).toBe(RefMode.atomic | RefMode.dead);
    expect(released()).toBe(0);
  });

  it("is released by its last put, if the sum of all CPUs' counters is there by then", () => {
    const { stage, released } = begin();
    const label = stage.published();
    stage.on(0, "retireLabel", label);
    stage.machine.gracePeriod();
    expect(stage.marks(Mark.switchedToAtomic)).toBe(1);
    stage.on(0, "drop", 0);
    expect(released()).toBe(1);
  });

  it("is released by the sum where the last put came before it", () => {
    const { stage, released } = begin();
    const label = stage.published();
    stage.on(0, "retireLabel", label);
    stage.on(0, "drop", 0);
    expect(released()).toBe(0);
    stage.machine.gracePeriod();
    expect(released()).toBe(1);
    stage.settle();
    expect(stage.liveLabels()).toBe(0);
    expect(stage.machine.call("percpuBytesInUse")).toBe(0);
  });

  it("counts a reference that is taken on one CPU and dropped on another", () => {
    const { stage, released } = begin();
    const label = stage.published();
    // More puts than gets on CPU 1, whose counter goes below 0.
    for (const holder of [1, 2]) {
      stage.on(0, "copy", 0, holder);
      stage.on(0, "carry", holder, 1, holder);
      stage.on(1, "drop", holder);
    }
    stage.on(0, "retireLabel", label);
    stage.settle();
    expect(released()).toBe(0);
    stage.on(0, "drop", 0);
    expect(released()).toBe(1);
    expect(stage.marks(Mark.sumNotPositive)).toBe(0);
  });

  it("may be looked up while it is retired and held, and not once it is released", () => {
    const { stage } = begin();
    const made = stage.published();
    stage.on(0, "retireLabel", made);
    expect(stage.on(1, "lookUp", 0, made)).toBe(1);
    stage.machine.gracePeriod();
    stage.on(1, "drop", 0);
    stage.on(0, "drop", 0);
    expect(stage.on(1, "lookUp", 0, made)).toBe(0);
  });
});
