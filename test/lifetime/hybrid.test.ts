/**
 * What is special to hybrid: which labels each part gets, that a label stays with its part when it becomes stale, what the parts cost
 * in memory, and labels of two parts that change places in a slot that others borrow from.
 */
import { describe, expect, it } from "vitest";
import { LabelClass } from "../../src/kernel/core/label-classes.ts";
import { Mark } from "../../src/kernel/core/marks.ts";
import { kernelProgram, linkProgram } from "../../src/link/link.ts";
import { nodeHost, packageRoot } from "../../src/link/node-host.ts";
import { bytesCountedBy } from "../../src/runner/label-bytes.ts";
import { builtin, linkTestProgram, StageDirect, withParts } from "../conformance/support.ts";

const hybrid = builtin("hybrid");
const { unconfined, profile, compound, namespace } = LabelClass;

const choose = (chosen: Readonly<Record<string, string>>) =>
  withParts(hybrid, Object.fromEntries(Object.entries(chosen).map(([part, name]) => [part, builtin(name)])));

/** percpu_ref for what everybody bears, kref for the rest: both release labels without maintenance. */
const usual = choose({ unconfined: "percpu-ref", namespace: "percpu-ref" });

/** A published label of that class in holder 0 of CPU 0. */
function published(stage: StageDirect, kind: LabelClass, holder = 0): number {
  const label = stage.on(0, "makeOf", holder, kind);
  stage.on(0, "publishLabel", label);
  return label;
}

describe("maintenance of hybrid", () => {
  /** Labels in all, one of each of two parts that scan, after each of so many calls. */
  function labelsAfterCalls(calls: number): { readonly done: number; readonly labels: number }[] {
    const managed = builtin("percpu-managed");
    const parts = {
      unconfined: { ...managed, options: { scanIntervalMs: 10 } },
      profile: { ...managed, options: { scanIntervalMs: 30 } },
    };
    const stage = new StageDirect(
      withParts(hybrid, { ...parts, compound: builtin("kref"), namespace: builtin("kref") }),
    );
    for (const [holder, kind] of [unconfined, profile].entries()) {
      published(stage, kind, holder);
      stage.on(0, "drop", holder);
    }
    return Array.from({ length: calls }, () => {
      const done = stage.on(0, "maintain");
      stage.machine.gracePeriod();
      return { done, labels: stage.liveLabels() };
    });
  }

  it("calls a part that asks for a longer interval the less often", () => {
    expect(labelsAfterCalls(4).map(({ labels }) => labels)).toEqual([1, 1, 0, 0]);
  });

  it("is idle only once all parts had their turn and found nothing to do", () => {
    const calls = labelsAfterCalls(8);
    const last = calls.findIndex(({ labels }) => labels === 0);
    expect(calls.slice(0, last + 1).every(({ done }) => done > 0)).toBe(true);
    expect(calls.slice(last + 1).map(({ done }) => Math.sign(done))).toEqual([1, 1, 0, 1, 1]);
  });
});

describe("a label of hybrid", () => {
  it.each([
    ["unconfined", unconfined, 8],
    ["profile", profile, 0],
    ["compound", compound, 0],
    ["namespace", namespace, 8],
  ])("that is %s is counted by the part for it", (_, kind, perCpu) => {
    const stage = new StageDirect(usual);
    published(stage, kind);
    expect(stage.machine.call("percpuBytesInUse")).toBe(perCpu);
  });

  it("goes with its last reference, whichever part counts it", () => {
    for (const kind of [unconfined, profile, compound, namespace]) {
      const stage = new StageDirect(usual);
      const label = published(stage, kind);
      stage.on(1, "lookUp", 0, label);
      stage.on(0, "retireLabel", label);
      stage.on(0, "drop", 0);
      stage.settle();
      expect(stage.liveLabels()).toBe(1);
      stage.on(1, "drop", 0);
      stage.settle();
      expect(stage.liveLabels()).toBe(0);
      expect(stage.machine.call("percpuBytesInUse")).toBe(0);
    }
  });

  it("has misuse detected by the part that counts it", () => {
    const stage = new StageDirect(usual);
    const label = stage.on(0, "makeOf", 0, profile);
    stage.on(0, "rawPut", 0, label);
    stage.on(0, "rawPut", 0, label);
    expect(stage.marks(Mark.underflow)).toBe(1);
  });
});

describe.each([
  ["hold the address alone", usual],
  ["hold places in lists", choose({ unconfined: "hazard-pointer", namespace: "percpu-ref" })],
])("labels of two parts in holders that %s", (_, strategy) => {
  it("change places in a slot, which is never empty, and are both kept", () => {
    const stage = new StageDirect(strategy);
    const first = published(stage, unconfined);
    const second = published(stage, profile, 1);
    stage.on(0, "show", 0);
    for (const shown of [second, first, second]) {
      stage.on(0, "exchangeShown", 1);
      expect(stage.on(1, "borrowShown")).toBe(shown);
      stage.settle();
      stage.on(1, "touch", shown);
      stage.on(1, "unborrow", shown);
      expect(stage.on(0, "held", 1)).toBe(shown === second ? first : second);
    }
    stage.on(0, "touch", first);
    expect(stage.liveLabels()).toBe(2);
    expect(stage.verdicts()).toEqual([]);
  });
});

describe("hybrid takes", () => {
  const constantsOf = (strategy: typeof hybrid) => linkTestProgram("label-stage", strategy).constants;
  const bytes = (strategy: typeof hybrid, area: string) => constantsOf(strategy).get(area);

  it("as much of a label as its largest part, and 8 bytes", () => {
    expect(bytes(usual, "labelStrategyBytes")).toBe(16 + 8);
    expect(bytes(choose({ unconfined: "rcuref", namespace: "rcuref" }), "labelStrategyBytes")).toBe(8 + 8);
  });

  it("what its part takes, and nothing else, where all classes have one", () => {
    const one = choose({ unconfined: "kref", namespace: "kref" });
    for (const area of ["labelStrategyBytes", "holderSlotBytes", "guardSlotBytes"])
      expect(bytes(one, area)).toBe(bytes(builtin("kref"), area));
  });

  it("8 bytes more of each holder where a part keeps more than the address there", () => {
    expect(bytes(usual, "holderSlotBytes")).toBe(8);
    expect(bytes(choose({ unconfined: "hazard-pointer" }), "holderSlotBytes")).toBe(8 + 32);
  });

  it("counters on CPUs for the classes whose part has them", () => {
    const host = nodeHost(packageRoot);
    const { path, parts } = usual;
    const program = linkProgram(kernelProgram({ path, ...(parts && { parts }) }, {}, host), host);
    const cost = (part: string) => bytesCountedBy(`strategy.${part}`, program, 192);
    expect(cost("profile")).toBe(cost("compound"));
    expect(cost("unconfined") - cost("profile")).toBe(8 * 192 + 64);
  });
});
