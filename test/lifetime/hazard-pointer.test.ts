/**
 * What is special to hazard-pointer: nothing is counted, so a label lives until a look by maintenance meets it nowhere. On the label
 * stage in direct mode; CPU 1 does the looking.
 */
import { describe, expect, it } from "vitest";
import { Mark } from "../../src/kernel/core/marks.ts";
import { builtin, StageDirect } from "../conformance/support.ts";

/** `LabelClass.compound`: the file that says so is portable code, which nobody but the linker reads. */
const compoundClass = 2;

/** States of a label. */
const alive = 0;
const released = 2;

function begin() {
  const stage = new StageDirect(builtin("hazard-pointer"));
  return {
    stage,
    /** How many labels a look released. */
    look: (): number => stage.on(1, "maintain"),
    stateOf: (label: number): number => stage.machine.call("strategyCell", [label]),
    gone: (): number => stage.marks(Mark.released),
  };
}

describe("a label with hazard-pointer", () => {
  it("is not written when it is held, copied and dropped", () => {
    const { stage, stateOf } = begin();
    const label = stage.published();
    stage.on(0, "copy", 0, 1);
    expect(stateOf(label)).toBe(alive);
    stage.on(0, "drop", 1);
    expect(stateOf(label)).toBe(alive);
  });

  it("stays after its last holder dropped it, until somebody looks", () => {
    const { stage, look, stateOf, gone } = begin();
    const label = stage.published();
    stage.on(0, "retireLabel", label);
    stage.on(0, "drop", 0);
    expect(gone()).toBe(0);
    expect(look()).toBe(1);
    expect(stateOf(label)).toBe(released);
    expect(stage.liveLabels()).toBe(1);
    stage.settle();
    expect(stage.liveLabels()).toBe(0);
  });

  it("is met in any holder on any CPU's list, and stays", () => {
    const { stage, look, gone } = begin();
    const label = stage.published();
    stage.on(1, "copyFrom", 3, 0, 0);
    stage.on(0, "retireLabel", label);
    stage.on(0, "drop", 0);
    expect(look()).toBe(0);
    stage.on(1, "touch", label);
    stage.on(1, "drop", 3);
    expect(look()).toBe(1);
    expect(gone()).toBe(1);
  });

  it("is met in the holder that a reference moved to", () => {
    const { stage, look } = begin();
    const label = stage.published();
    stage.on(0, "retireLabel", label);
    stage.on(0, "carry", 0, 1, 2);
    expect(look()).toBe(0);
    stage.on(1, "drop", 2);
    expect(look()).toBe(1);
  });

  it("is met in a slot while it is borrowed, and goes with a look after that", () => {
    const { stage, look } = begin();
    const label = stage.published();
    stage.on(0, "show", 0);
    expect(stage.on(1, "borrowShown")).toBe(label);
    stage.on(0, "hide");
    stage.on(0, "retireLabel", label);
    stage.on(0, "drop", 0);
    expect(look()).toBe(0);
    stage.on(1, "touch", label);
    stage.on(1, "unborrow", label);
    expect(look()).toBe(1);
  });

  it("is not looked for while its profile is in the list, whoever drops it", () => {
    const { stage, look, gone } = begin();
    const label = stage.published();
    stage.on(0, "drop", 0);
    expect(look()).toBe(0);
    // Without a holder it is kept by its owner alone.
    expect(gone()).toBe(0);
    expect(stage.on(0, "lookUp", 0, label)).toBe(1);
  });

  it("goes without being retired where it has no owner: a compound, or one that was never published", () => {
    const { stage, look } = begin();
    const compound = stage.on(0, "makeOf", 0, compoundClass);
    stage.on(0, "publishLabel", compound);
    stage.on(0, "make", 1);
    for (const holder of [0, 1]) stage.on(0, "drop", holder);
    expect(look()).toBe(2);
  });

  it("is refused to look-ups once it is released, and given to them before", () => {
    const { stage, look } = begin();
    const one = stage.published();
    stage.on(0, "retireLabel", one);
    stage.on(0, "drop", 0);
    expect(stage.on(0, "lookUp", 0, one)).toBe(1);
    expect(look()).toBe(0);
    stage.on(0, "drop", 0);
    expect(look()).toBe(1);
    expect(stage.on(0, "lookUp", 0, one)).toBe(0);
  });
});

describe("a look", () => {
  it("has nothing to do where no label lost a place since the last one", () => {
    const { stage, look, gone } = begin();
    const label = stage.published();
    stage.on(0, "retireLabel", label);
    for (let round = 0; round < 3; round++) expect(look()).toBe(0);
    expect(gone()).toBe(0);
    stage.on(0, "drop", 0);
    expect(look()).toBe(1);
    expect(look()).toBe(0);
  });

  it("releases all that nobody has, and nothing else", () => {
    const { stage, look } = begin();
    const labels = [0, 1, 2, 3].map((holder) => stage.on(0, "make", holder));
    for (const holder of [0, 2]) stage.on(0, "drop", holder);
    expect(look()).toBe(2);
    for (const at of [1, 3]) stage.on(1, "touch", labels[at] ?? 0);
    for (const holder of [1, 3]) stage.on(0, "drop", holder);
    expect(look()).toBe(2);
    stage.settle();
    expect(stage.liveLabels()).toBe(0);
  });

  it("notices a put of a holder that has another label, and does nothing", () => {
    const { stage, look } = begin();
    const [one = 0, other = 0] = [0, 1].map((holder) => stage.on(0, "make", holder));
    stage.on(0, "rawPut", 0, other);
    expect(stage.marks(Mark.underflow)).toBe(1);
    expect(look()).toBe(0);
    stage.on(0, "touch", one);
  });
});
