/**
 * The rules of the strategy contract, one by one, in direct mode: the same body for every strategy. What a strategy cannot
 * do by its own declaration is skipped with that reason; no case knows a strategy's name.
 *
 * `REFPLAY_STRATEGY=path/to/mine.ts npx vitest run test/conformance` tests a file of one's own.
 */
import { describe, expect, it } from "vitest";
import { Mark } from "../../src/kernel/core/marks.ts";
import { givenStrategies } from "./given.ts";
import { mixedStrategies, StageDirect, testedStrategies } from "./support.ts";

/** Every order of the numbers below `count`. */
function orders(count: number): number[][] {
  if (count === 0) return [[]];
  return orders(count - 1).flatMap((shorter) =>
    Array.from({ length: count }, (_, at) => [...shorter.slice(0, at), count - 1, ...shorter.slice(at)]),
  );
}

describe.each([...testedStrategies(), ...mixedStrategies(), ...givenStrategies()])(
  "the strategy $name",
  (strategy) => {
    const { releases, detects } = strategy.meta.capabilities;
    const stage = (cpus = 2) => new StageDirect(strategy, cpus);
    /** Cases about the end of a label. */
    const ending = releases === "never" ? it.skip : it;
    const why = releases === "never" ? " (skipped: it declares that it never releases)" : "";

    it("keeps the label's address in the holder", () => {
      const s = stage();
      const label = s.on(0, "make", 0);
      expect(s.on(0, "held", 0)).toBe(label);
      s.on(0, "copy", 0, 1);
      expect(s.on(0, "held", 1)).toBe(label);
    });

    it("clears a holder whose reference is dropped", () => {
      const s = stage();
      s.on(0, "make", 0);
      s.on(0, "copy", 0, 1);
      s.on(0, "drop", 1);
      expect(s.on(0, "held", 1)).toBe(0);
    });

    it("clears the old holder and fills the new one when a reference moves", () => {
      const s = stage();
      const label = s.on(0, "make", 0);
      s.on(0, "carry", 0, 1, 2);
      expect(s.on(0, "held", 0)).toBe(0);
      expect(s.on(1, "held", 2)).toBe(label);
    });

    it("gives a reference of a published label to who looks it up", () => {
      const s = stage();
      const label = s.published();
      expect(s.on(1, "lookUp", 0, label)).toBe(1);
      expect(s.on(1, "held", 0)).toBe(label);
    });

    it("lends what a shared slot shows, and 0 where it shows nothing", () => {
      const s = stage();
      expect(s.on(1, "borrowShown")).toBe(0);
      const label = s.published();
      s.on(0, "show", 0);
      expect(s.on(1, "borrowShown")).toBe(label);
      s.on(1, "touch", label);
      s.on(1, "unborrow", label);
    });

    it("lets the references in a shared slot and in a holder change places", () => {
      const s = stage();
      const old = s.published();
      s.on(0, "show", 0);
      s.on(0, "drop", 0);
      const fresh = s.on(0, "make", 1);
      s.on(0, "publishLabel", fresh);
      s.on(0, "exchangeShown", 1);
      expect(s.on(0, "held", 1)).toBe(old);
      expect(s.on(1, "borrowShown")).toBe(fresh);
      s.on(1, "unborrow", fresh);
      s.settle();
      s.on(0, "touch", old);
      s.on(0, "touch", fresh);
      expect(s.verdicts()).toEqual([]);
    });

    it("lets a reference change places with an empty holder, or with an empty slot", () => {
      const s = stage();
      const label = s.published();
      s.on(0, "exchangeShown", 0);
      expect(s.on(0, "held", 0)).toBe(0);
      expect(s.machine.call("shown")).toBe(label);
      s.on(0, "exchangeShown", 2);
      expect(s.on(0, "held", 2)).toBe(label);
      expect(s.machine.call("shown")).toBe(0);
      s.on(0, "touch", label);
    });

    it("keeps a label while it is published and held", () => {
      const s = stage();
      s.published();
      s.settle();
      expect(s.marks(Mark.released)).toBe(0);
      expect(s.liveLabels()).toBe(1);
    });

    ending(`releases a label that was never published when its only reference is dropped${why}`, () => {
      const s = stage();
      s.on(0, "make", 0);
      s.on(0, "drop", 0);
      s.settle();
      expect(s.marks(Mark.released)).toBe(1);
      expect(s.liveLabels()).toBe(0);
    });

    ending(`releases a retired label once when the last reference is dropped${why}`, () => {
      const s = stage();
      const label = s.published();
      s.on(0, "copy", 0, 1);
      s.on(0, "retireLabel", label);
      s.on(0, "drop", 0);
      s.settle();
      expect(s.marks(Mark.released)).toBe(0);
      s.on(0, "touch", label);
      s.on(0, "drop", 1);
      s.settle();
      expect(s.marks(Mark.released)).toBe(1);
      expect(s.liveLabels()).toBe(0);
      expect(s.verdicts()).toEqual([]);
    });

    ending(`does not release a label that is still borrowed${why}`, () => {
      const s = stage();
      const label = s.published();
      s.on(0, "show", 0);
      s.on(1, "borrowShown");
      s.on(0, "hide");
      s.on(0, "retireLabel", label);
      s.on(0, "drop", 0);
      s.settle();
      s.on(1, "touch", label);
      expect(s.marks(Mark.released)).toBe(0);
      s.on(1, "unborrow", label);
      s.settle();
      expect(s.marks(Mark.released)).toBe(1);
      expect(s.liveLabels()).toBe(0);
    });

    ending(`refuses a look-up once release has begun${why}`, () => {
      const s = stage();
      const label = s.published();
      s.on(0, "retireLabel", label);
      s.on(0, "drop", 0);
      // The label itself is freed a grace period after its release, so look in between.
      for (let round = 0; round < 100 && s.marks(Mark.released) === 0; round++) {
        s.on(0, "maintain");
        if (s.marks(Mark.released) === 0) s.machine.gracePeriod();
      }
      expect(s.marks(Mark.released)).toBe(1);
      expect(s.on(1, "rawTryGet", 0, label)).toBe(0);
      expect(s.on(1, "held", 0)).toBe(0);
    });

    ending(`does not care in which order references are dropped, and where${why}`, () => {
      for (const order of orders(4)) {
        const s = stage(4);
        const label = s.published();
        // One reference on each CPU, all taken from CPU 0's.
        for (const cpu of [1, 2, 3]) s.on(cpu, "copyFrom", 0, 0, 0);
        s.on(0, "retireLabel", label);
        order.forEach((cpu, dropped) => {
          expect(s.marks(Mark.released), `after ${dropped} of ${order}`).toBe(0);
          s.on(cpu, "drop", 0);
        });
        s.settle();
        expect(s.marks(Mark.released), `order ${order}`).toBe(1);
        expect(s.liveLabels()).toBe(0);
      }
    });

    ending(`lets a reference be dropped on another CPU than it was taken on${why}`, () => {
      const s = stage(3);
      const label = s.published();
      for (let round = 0; round < 5; round++) {
        s.on(1, "lookUp", 0, label);
        s.on(1, "carry", 0, 2, 0);
        s.on(2, "drop", 0);
      }
      s.on(0, "retireLabel", label);
      s.on(0, "drop", 0);
      s.settle();
      expect(s.marks(Mark.released)).toBe(1);
      expect(s.liveLabels()).toBe(0);
    });

    ending(`gives all its memory back with the label${why}`, () => {
      const s = stage();
      const before = s.machine.liveObjects().length;
      for (let round = 0; round < 20; round++) {
        const label = s.published();
        s.on(0, "retireLabel", label);
        s.on(0, "drop", 0);
        s.settle();
      }
      expect(s.machine.liveObjects().length).toBe(before);
      expect(s.machine.call("percpuBytesInUse")).toBe(0);
    });

    ending(`replaces the label of a shared slot without losing one${why}`, () => {
      const s = stage();
      for (let round = 0; round < 10; round++) {
        s.on(round % 2, "replace");
        s.settle();
        expect(s.liveLabels()).toBe(1);
      }
      s.on(0, "retireShown");
      s.settle();
      expect(s.liveLabels()).toBe(0);
      expect(s.marks(Mark.released)).toBe(10);
    });

    const misuse = (kind: (typeof detects)[number]) =>
      detects.includes(kind)
        ? { test: it, why: "" }
        : { test: it.skip, why: ` (skipped: it does not declare to detect ${kind})` };

    const underflow = misuse("underflow");
    underflow.test(`warns of a put that nobody owns, and keeps the label for ever${underflow.why}`, () => {
      const s = stage();
      const label = s.on(0, "make", 0);
      s.on(0, "rawPut", 0, label);
      s.on(0, "rawPut", 0, label);
      expect(s.marks(Mark.underflow)).toBe(1);
      s.on(0, "rawGet", 0, label);
      s.on(0, "rawPut", 0, label);
      s.on(0, "rawPut", 0, label);
      expect(s.marks(Mark.released)).toBe(1);
    });

    const zero = misuse("getFromZero");
    zero.test(`warns of a get from zero, and does not release a second time${zero.why}`, () => {
      const s = stage();
      const label = s.on(0, "make", 0);
      s.on(0, "rawPut", 0, label);
      s.on(0, "rawGet", 0, label);
      expect(s.marks(Mark.getFromZero)).toBe(1);
      s.on(0, "rawPut", 0, label);
      expect(s.marks(Mark.released)).toBe(1);
    });

    const overflow = misuse("overflow");
    overflow.test(
      `warns of more references than it can count, and keeps the label for ever${overflow.why}`,
      () => {
        const s = stage();
        const label = s.on(0, "make", 0);
        // Nobody has 2^31 holders: the test sets the counter, which such a strategy keeps in its first cell.
        s.machine.call("setStrategyCell", [label, 0x7fffffff]);
        s.on(0, "rawGet", 1, label);
        expect(s.marks(Mark.overflow)).toBe(1);
        s.on(0, "rawPut", 1, label);
        s.on(0, "rawPut", 0, label);
        s.settle();
        expect(s.marks(Mark.released)).toBe(0);
        expect(s.liveLabels()).toBe(1);
      },
    );
  },
);
