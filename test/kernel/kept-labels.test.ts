/** Labels that something outside tasks and files keeps: kept as they are, looked up and parsed by their names. */
import { expect, test } from "vitest";
import { Audit, ScriptError } from "../../src/kernel/audit.ts";
import { everythingThere } from "./policy-history.ts";
import { holderNames } from "./policy-history-model.ts";
import {
  anyhow,
  change,
  destroy,
  drop,
  keep,
  load,
  lookUp,
  parse,
  refused,
  remove,
  replace,
  stack,
  tell,
} from "./policy-story.ts";

const { slot, task } = holderNames;

test("a slot keeps the newest version of the task's label", () => {
  tell([
    load("p"),
    change(0, "p"),
    replace("p"),
    keep(0, 0),
    (story) => {
      expect(story.label(task(0))).toBe("p (stale)");
      expect(story.label(slot(0))).toBe("p");
    },
  ]);
});

test("what is kept stays, stale or not, until it is dropped", () => {
  tell([
    load("p"),
    change(0, "p"),
    keep(0, 0),
    change(0, "unconfined"),
    remove("p"),
    (story) => {
      story.settle();
      expect(story.label(slot(0))).toBe("p (stale)");
      expect(story.audit(Audit.labels)).toBe(2);
    },
    drop(0),
    (story) => {
      story.settle();
      expect(story.label(slot(0))).toBe("none");
      expect(story.audit(Audit.labels)).toBe(1);
    },
  ]);
});

test("slots that are full or empty or not there are the script's mistake", () => {
  tell(
    [
      keep(0, 0),
      keep(0, 0),
      drop(0),
      drop(0),
      lookUp(0),
      drop(99),
      keep(0, 99),
      refused(parse(0), "noEntry"),
      (story) => expect(story.audit(Audit.scriptErrors + ScriptError.badSlot)).toBe(6),
    ],
    { scriptErrors: 6 },
  );
});

test("a look-up is counted, and takes and makes nothing", () => {
  let before = 0;
  tell([
    load("p", "q"),
    change(0, "p"),
    stack(0, "q"),
    keep(0, 0),
    replace("p"),
    (story) => {
      before = story.audit(Audit.lookUps);
    },
    lookUp(0),
    lookUp(0),
    (story) => {
      expect(story.audit(Audit.lookUps)).toBe(before + 2);
      expect(story.label(slot(0))).toBe("p//&q (stale)");
      expect(story.audit(Audit.compoundsMade)).toBe(2);
    },
  ]);
});

test("parsing finds the label that is there", () => {
  tell([
    load("p", "q"),
    change(0, "p"),
    stack(0, "q"),
    keep(0, 0),
    parse(0),
    (story) => expect(story.audit(Audit.compoundsMade)).toBe(1),
    change(0, "p"),
    keep(0, 1),
    parse(1),
    (story) => expect(story.audit(Audit.compoundsMade)).toBe(1),
  ]);
});

test("parsing a label with a profile that is gone is no entry", () => {
  tell([
    ...everythingThere,
    change(0, "p"),
    stack(0, ":c:t"),
    keep(0, 0),
    remove("p"),
    refused(parse(0), "noEntry"),
    load("p"),
    destroy("c"),
    refused(parse(0), "noEntry"),
  ]);
});

test("parsing goes by names: a profile that was removed and loaded again is meant, not the old one's successor", () => {
  tell([
    load("p", "q"),
    change(0, "p"),
    stack(0, "q"),
    keep(0, 0),
    change(0, "unconfined"),
    remove("p"),
    load("p"),
    parse(0),
    (story) => {
      expect(story.newest(slot(0))).toBe("q//&unconfined");
      // Made, and not kept by anybody.
      expect(story.compounds()).toContain("p//&q");
      story.expectSound();
    },
  ]);
});

test("parsing makes the label of the newest versions", () => {
  tell([
    load("p", "q"),
    change(0, "p"),
    stack(0, "q"),
    keep(0, 0),
    replace("q"),
    parse(0),
    (story) => {
      const newest = story.view.label(story.view.newest(story.view.holders().get(slot(0)) ?? 0));
      expect(newest.profiles).toEqual(["p", "q"].map((name) => story.listed(name)));
    },
  ]);
});

test("parsing without memory says so", () => {
  tell(
    [
      load("p", "q"),
      change(0, "p"),
      stack(0, "q"),
      keep(0, 0),
      change(0, "unconfined"),
      remove("p"),
      load("p"),
      (story) => story.takeMemory(),
      ...Array.from({ length: 60 }, () => anyhow(replace("q"))),
      refused(parse(0), "noMemory"),
      (story) => {
        story.settle();
        expect(story.label(slot(0))).toBe("p//&q (stale)");
      },
      parse(0),
    ],
    { exhausts: true },
  );
});
