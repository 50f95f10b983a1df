/** What the kernel notes of labels that were retired: how many, which of them are gone, and the most that waited. */
import { expect, test } from "vitest";
import { Audit } from "../../src/kernel/audit.ts";
import { change, drop, keep, load, remove, replace, tell } from "./policy-story.ts";

test("a label that was replaced waits until the last who keeps it lets go, and a grace period is over", () => {
  tell([
    load("p"),
    change(0, "p"),
    keep(0, 0),
    change(0, "unconfined"),
    (story) => expect(story.audit(Audit.retired)).toBe(0),
    replace("p"),
    (story) => {
      story.settle();
      expect([Audit.retired, Audit.retiredFreed, Audit.waiting].map((one) => story.audit(one))).toEqual([
        1, 0, 1,
      ]);
    },
    drop(0),
    (story) => {
      expect(story.audit(Audit.waiting)).toBe(1);
      story.settle();
      expect([Audit.retired, Audit.retiredFreed, Audit.waiting].map((one) => story.audit(one))).toEqual([
        1, 1, 0,
      ]);
      expect(story.audit(Audit.mostWaiting)).toBe(1);
      // The root's unconfined, and the two versions.
      expect(story.audit(Audit.mostLabels)).toBe(3);
    },
  ]);
});

test("a label that is removed counts, one that is there does not", () => {
  tell([
    load("p"),
    load("q"),
    remove("q"),
    (story) => {
      story.settle();
      expect([Audit.retired, Audit.retiredFreed].map((one) => story.audit(one))).toEqual([1, 1]);
      expect(story.audit(Audit.waitingTicks)).toBe(0);
    },
  ]);
});
