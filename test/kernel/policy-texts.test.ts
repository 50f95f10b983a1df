/** Policy texts: the profiles of a set share one, and who has it open keeps it. */
import { expect, test } from "vitest";
import { Audit, ScriptError } from "../../src/kernel/audit.ts";
import { change, closeText, create, load, openText, refused, remove, replace, tell } from "./policy-story.ts";

test("the profiles of a set have one text", () => {
  tell([
    load("p", "q", "p//HAT"),
    (story) => expect(story.audit(Audit.rawdata)).toBe(1),
    replace("q"),
    (story) => {
      story.settle();
      expect(story.audit(Audit.rawdata)).toBe(2);
    },
  ]);
});

test("a text goes with the last profile that was loaded from it", () => {
  tell([
    load("p", "q"),
    remove("p"),
    (story) => {
      story.settle();
      expect(story.audit(Audit.rawdata)).toBe(1);
    },
    remove("q"),
    (story) => {
      story.settle();
      expect(story.audit(Audit.rawdata)).toBe(0);
    },
  ]);
});

test("an old version that somebody has keeps its text", () => {
  tell([
    load("p"),
    change(0, "p"),
    replace("p"),
    (story) => {
      story.settle();
      expect(story.audit(Audit.rawdata)).toBe(2);
    },
    change(0, "p"),
    (story) => {
      story.settle();
      expect(story.audit(Audit.rawdata)).toBe(1);
    },
  ]);
});

test("an open text stays when its profiles go", () => {
  tell([
    load("p"),
    openText("p", 0),
    openText("p", 1),
    remove("p"),
    (story) => {
      story.settle();
      expect(story.audit(Audit.rawdata)).toBe(1);
      expect(story.audit(Audit.profiles)).toBe(1);
    },
    closeText(0),
    (story) => {
      story.settle();
      expect(story.audit(Audit.rawdata)).toBe(1);
    },
    closeText(1),
    (story) => {
      story.settle();
      expect(story.audit(Audit.rawdata)).toBe(0);
    },
  ]);
});

test("a refused set leaves no text", () => {
  tell([
    load("p"),
    refused(load("q", "p"), "exists"),
    refused(load("q", ":a:r"), "noAccess"),
    (story) => {
      story.settle();
      expect(story.audit(Audit.rawdata)).toBe(1);
    },
  ]);
});

test("what is not there, was removed, or is unconfined has no text to open", () => {
  tell([
    refused(openText("p", 0), "noEntry"),
    refused(openText("unconfined", 0), "noEntry"),
    create("a"),
    refused(openText(":a:unconfined", 0), "noEntry"),
    load("p"),
    remove("p"),
    refused(openText("p", 0), "noEntry"),
  ]);
});

test("slots that are full or empty or not there are the script's mistake", () => {
  tell(
    [
      load("p"),
      openText("p", 0),
      (story) => expect(story.audit(Audit.allScriptErrors)).toBe(0),
      openText("p", 0),
      openText("p", 99),
      closeText(1),
      closeText(99),
      (story) => expect(story.audit(Audit.scriptErrors + ScriptError.badSlot)).toBe(4),
    ],
    { scriptErrors: 4 },
  );
});

test("whatever is open at the end is closed", () => {
  tell([load("p"), openText("p", 2)]);
});
