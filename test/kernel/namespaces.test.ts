/** Namespaces: they are created inside each other, and users of what was destroyed become the parent's unconfined. */
import { expect, test } from "vitest";
import { Audit } from "../../src/kernel/audit.ts";
import { everythingThere } from "./policy-history.ts";
import { holderNames } from "./policy-history-model.ts";
import {
  anyhow,
  change,
  create,
  destroy,
  grace,
  keep,
  load,
  open,
  refused,
  replace,
  stack,
  tell,
} from "./policy-story.ts";

const { slot, task } = holderNames;

test("a namespace is created once, inside one that is there", () => {
  tell([
    refused(create("a", "b"), "noEntry"),
    create("a"),
    refused(create("a"), "exists"),
    create("a", "b"),
    (story) => expect(story.audit(Audit.namespaces)).toBe(3),
  ]);
});

test("the root exists and cannot be destroyed", () => {
  tell([refused(create(), "exists"), refused(destroy(), "busy")]);
});

test("a namespace is destroyed once, and may be created again", () => {
  tell([
    refused(destroy("a"), "noEntry"),
    create("a"),
    destroy("a"),
    refused(destroy("a"), "noEntry"),
    create("a"),
    load(":a:r"),
  ]);
});

test("a namespace has its own unconfined, which tasks may have", () => {
  tell([
    refused(change(0, ":a:unconfined"), "noEntry"),
    create("a"),
    change(0, ":a:unconfined"),
    (story) => expect(story.label(task(0))).toBe(":a:unconfined"),
  ]);
});

test("users of a destroyed namespace become the root's unconfined, from the innermost on", () => {
  tell([
    ...everythingThere,
    change(0, ":a//b:s"),
    change(1, ":a:r"),
    change(2, ":a//b:unconfined"),
    destroy("a"),
    (story) => {
      for (const number of [0, 1, 2]) expect(story.newest(task(number))).toBe("unconfined");
      story.expectSound();
    },
    refused(change(3, ":a//b:s"), "noEntry"),
    refused(destroy("a", "b"), "noEntry"),
  ]);
});

test("a namespace inside is destroyed and the outer one stays", () => {
  tell([
    ...everythingThere,
    change(0, ":a//b:s"),
    change(1, ":a:r"),
    destroy("a", "b"),
    (story) => {
      expect(story.newest(task(0))).toBe(":a:unconfined");
      expect(story.newest(task(1))).toBe(":a:r");
    },
    destroy("a"),
    // The way leads over a label that is stale itself.
    (story) => expect(story.newest(task(0))).toBe("unconfined"),
  ]);
});

test("a compound goes on without the profiles of a destroyed namespace", () => {
  tell([
    ...everythingThere,
    change(0, ":a//b:s"),
    stack(0, "p"),
    stack(0, ":c:t"),
    keep(0, 0),
    (story) => expect(story.label(slot(0))).toBe("p//&:c:t//&:a//b:s"),
    destroy("a", "b"),
    (story) => {
      expect(story.label(slot(0))).toBe("p//&:c:t//&:a//b:s (stale)");
      expect(story.newest(slot(0))).toBe("p//&:a:unconfined//&:c:t");
      story.expectSound();
    },
  ]);
});

test("a compound of two destroyed namespaces ends at one profile", () => {
  tell([
    ...everythingThere,
    change(0, ":a:r"),
    stack(0, ":c:t"),
    destroy("a"),
    destroy("c"),
    (story) => {
      expect(story.newest(task(0))).toBe("unconfined");
      expect(story.compounds().filter((text) => !text.endsWith("(stale)"))).toEqual([]);
    },
  ]);
});

test("a namespace that a label is left of is kept until the label goes", () => {
  tell([
    ...everythingThere,
    change(0, ":c:t"),
    destroy("c"),
    grace,
    grace,
    (story) => expect(story.audit(Audit.namespaces)).toBe(4),
    open(0, 0),
    (story) => {
      story.settle();
      expect(story.audit(Audit.namespaces)).toBe(3);
    },
  ]);
});

test("a new namespace of an old name has nothing to do with the old one", () => {
  tell([
    ...everythingThere,
    change(0, ":c:t"),
    keep(0, 0),
    destroy("c"),
    create("c"),
    load(":c:t"),
    change(1, ":c:t"),
    (story) => {
      expect(story.newest(slot(0))).toBe("unconfined");
      expect(story.newest(task(1))).toBe(":c:t");
      story.expectSound();
    },
    replace(":c:t"),
    (story) => expect(story.label(task(1))).toBe(":c:t (stale)"),
  ]);
});

test("a namespace without memory for its profile is refused, and can be created later", () => {
  tell(
    [
      load("p"),
      (story) => story.takeMemory(),
      // Versions that wait for a grace period use up what is left.
      ...Array.from({ length: 60 }, () => anyhow(replace("p"))),
      refused(create("a"), "noMemory"),
      refused(create("a"), "noMemory"),
      (story) => {
        story.expectSound();
        expect(story.audit(Audit.namespaces)).toBe(1);
        story.settle();
      },
      create("a"),
      change(0, ":a:unconfined"),
    ],
    { exhausts: true },
  );
});
