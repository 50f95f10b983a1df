/** Hats: a task goes to a child of its profile and back to the label it had, in its newest version. */
import { expect, test } from "vitest";
import { Audit } from "../../src/kernel/audit.ts";
import { everythingThere } from "./policy-history.ts";
import { holderNames } from "./policy-history-model.ts";
import { change, fork, hat, leaveHat, open, refused, remove, replace, stack, tell } from "./policy-story.ts";

const { previous, task } = holderNames;

test("a task goes to a hat of its profile and back", () => {
  tell([
    ...everythingThere,
    change(0, "p"),
    hat(0, "p//HAT"),
    (story) => {
      expect(story.label(task(0))).toBe("p//HAT");
      expect(story.label(previous(0))).toBe("p");
    },
    leaveHat(0),
    (story) => {
      expect(story.label(task(0))).toBe("p");
      expect(story.label(previous(0))).toBe("none");
    },
  ]);
});

test("there is nothing to leave outside a hat", () => {
  tell([...everythingThere, change(0, "p"), refused(leaveHat(0), "noAccess")]);
});

test("a hat that is not there is no entry", () => {
  tell([...everythingThere, remove("p//HAT"), change(0, "p"), refused(hat(0, "p//HAT"), "noEntry")]);
});

test("neither another profile's hat nor a child that is none can be entered", () => {
  tell([
    ...everythingThere,
    change(0, "p"),
    refused(hat(0, ":a:r//HAT"), "noAccess"),
    refused(hat(0, "p//child"), "noAccess"),
    refused(hat(0, "q"), "noAccess"),
    (story) => expect(story.label(task(0))).toBe("p"),
  ]);
});

test("who is in a hat leaves it before the next one", () => {
  tell([
    ...everythingThere,
    change(0, "p"),
    hat(0, "p//HAT"),
    refused(hat(0, "p//HAT"), "noAccess"),
    leaveHat(0),
    hat(0, "p//HAT"),
  ]);
});

test("a task of several profiles goes to a hat of any of them", () => {
  tell([
    ...everythingThere,
    change(0, ":a:r"),
    stack(0, "p"),
    hat(0, ":a:r//HAT"),
    (story) => expect(story.label(task(0))).toBe(":a:r//HAT"),
    leaveHat(0),
    (story) => expect(story.label(task(0))).toBe("p//&:a:r"),
    hat(0, "p//HAT"),
  ]);
});

test("the way back leads to the newest version", () => {
  tell([
    ...everythingThere,
    change(0, "p"),
    hat(0, "p//HAT"),
    replace("p"),
    (story) => expect(story.label(previous(0))).toBe("p (stale)"),
    leaveHat(0),
    (story) => expect(story.label(task(0))).toBe("p"),
  ]);
});

test("the way back from a hat of a removed profile leads to unconfined", () => {
  tell([
    ...everythingThere,
    change(0, "p"),
    hat(0, "p//HAT"),
    remove("p"),
    leaveHat(0),
    (story) => {
      expect(story.label(task(0))).toBe("unconfined");
      story.settle();
    },
  ]);
});

test("a task with an old version of its profile goes to the hat and back to the new one", () => {
  tell([
    ...everythingThere,
    change(0, "p"),
    replace("p"),
    hat(0, "p//HAT"),
    (story) => expect(story.label(previous(0))).toBe("p"),
  ]);
});

test("a change of profile forgets the way back, and so does a stack", () => {
  tell([
    ...everythingThere,
    change(0, "p"),
    hat(0, "p//HAT"),
    change(0, "q"),
    refused(leaveHat(0), "noAccess"),
    change(0, "p"),
    hat(0, "p//HAT"),
    stack(0, "q"),
    refused(leaveHat(0), "noAccess"),
    (story) => expect(story.label(task(0))).toBe("p//HAT//&q"),
  ]);
});

test("a change that is refused forgets nothing", () => {
  tell([
    ...everythingThere,
    remove("q"),
    change(0, "p"),
    hat(0, "p//HAT"),
    refused(change(0, "q"), "noEntry"),
    refused(stack(0, "q"), "noEntry"),
    leaveHat(0),
  ]);
});

test("a child of a task in a hat can leave it, too, and is outside without it", () => {
  tell([
    ...everythingThere,
    change(0, "p"),
    hat(0, "p//HAT"),
    fork(0, 1),
    leaveHat(0),
    open(1, 0),
    (story) => expect(story.label(task(1))).toBe("p//HAT"),
    leaveHat(1),
    (story) => expect(story.label(task(1))).toBe("p"),
    fork(0, 1),
    refused(leaveHat(1), "noAccess"),
  ]);
});

test("the label before a hat is kept as long as the hat is", () => {
  tell([
    ...everythingThere,
    change(0, "p"),
    hat(0, "p//HAT"),
    replace("p"),
    (story) => {
      story.settle();
      expect(story.label(previous(0))).toBe("p (stale)");
      expect(story.audit(Audit.profiles)).toBe(13);
    },
    leaveHat(0),
    (story) => {
      story.settle();
      expect(story.audit(Audit.profiles)).toBe(12);
    },
  ]);
});
