/** A file's label: its opener's, and with each other task that uses the file that one's profiles, too. */
import { expect, test } from "vitest";
import { Audit } from "../../src/kernel/audit.ts";
import { everythingThere, numbers } from "./policy-history.ts";
import { holderNames } from "./policy-history-model.ts";
import {
  anyhow,
  change,
  close,
  destroy,
  fork,
  open,
  pass,
  profile,
  receive,
  remove,
  replace,
  type Story,
  stack,
  tell,
  use,
} from "./policy-story.ts";

const { file, task } = holderNames;
const read = 4;
const write = 2;

/** Task 0 opens a file under p; task 1 has it, too, under another label. */
const shared = (other: string) => [
  ...everythingThere,
  change(0, "p"),
  open(0, 0),
  fork(0, 1),
  change(1, other),
];

test("a file has the label of who opened it", () => {
  tell([
    ...everythingThere,
    change(0, "p"),
    open(0, 0),
    (story) => expect(story.label(file(0, 0))).toBe("p"),
  ]);
});

test("who opens a file with an old version of his label gets the newest one, and so does the file", () => {
  tell([
    ...everythingThere,
    change(0, "p"),
    replace("p"),
    open(0, 0),
    (story) => {
      expect(story.label(task(0))).toBe("p");
      expect(story.label(file(0, 0))).toBe("p");
    },
  ]);
});

test("another task's use adds its profiles", () => {
  tell([
    ...shared("q"),
    use(1, 0, read),
    (story) => {
      expect(story.label(file(0, 0))).toBe("p//&q");
      expect(story.audit(Audit.fileMerges)).toBe(1);
    },
    // It is in there now.
    use(1, 0, read),
    use(0, 0, read),
    (story) => expect(story.audit(Audit.fileMerges)).toBe(1),
  ]);
});

test("access that was not asked for before is checked, without a new label", () => {
  tell([
    ...shared("q"),
    use(1, 0, read),
    use(1, 0, write),
    use(1, 0, write),
    (story) => {
      expect(story.label(file(0, 0))).toBe("p//&q");
      expect(story.audit(Audit.fileMerges)).toBe(1);
      expect(story.audit(Audit.merges)).toBe(1);
    },
  ]);
});

test("an unconfined task leaves no trace", () => {
  tell([...shared("unconfined"), use(1, 0, write), (story) => expect(story.label(file(0, 0))).toBe("p")]);
});

test("a file that an unconfined task opened keeps its label", () => {
  tell([
    ...everythingThere,
    open(0, 0),
    fork(0, 1),
    change(1, "q"),
    use(1, 0, write),
    (story) => expect(story.label(file(0, 0))).toBe("unconfined"),
  ]);
});

test("a file that is received is used by that", () => {
  tell([
    ...everythingThere,
    change(0, "p"),
    open(0, 0),
    pass(0, 0),
    close(0, 0),
    change(1, "q"),
    receive(1, 2),
    (story) => expect(story.label(file(1, 2))).toBe("p//&q"),
  ]);
});

test("a merge takes the newest versions of both", () => {
  tell([
    ...shared("q"),
    replace("p"),
    replace("q"),
    use(1, 0, read),
    (story) => {
      expect(story.label(file(0, 0))).toBe("p//&q");
      expect(story.newest(file(0, 0))).toBe("p//&q");
      // The task keeps its old one: this hook must not sleep.
      expect(story.label(task(1))).toBe("q (stale)");
      story.expectSound();
    },
  ]);
});

test("of a removed profile unconfined is left in the file's label", () => {
  tell([
    ...shared("q"),
    use(1, 0, read),
    remove("p"),
    (story) => expect(story.newest(file(0, 0))).toBe("q//&unconfined"),
    change(1, ":c:t"),
    use(1, 0, read),
    (story) => expect(story.label(file(0, 0))).toBe("q//&unconfined//&:c:t"),
  ]);
});

test("a destroyed namespace takes its part out", () => {
  tell([
    ...shared(":c:t"),
    use(1, 0, read),
    destroy("c"),
    (story) => expect(story.newest(file(0, 0))).toBe("p//&unconfined"),
  ]);
});

test("a file keeps its label where the merged one would have too many profiles", () => {
  tell([
    ...everythingThere,
    change(0, "p"),
    stack(0, "q"),
    stack(0, ":a:r"),
    stack(0, ":c:t"),
    open(0, 0),
    fork(0, 1),
    change(1, ":a//b:s"),
    use(1, 0, read),
    (story) => {
      expect(story.label(file(0, 0))).toBe("p//&q//&:a:r//&:c:t");
      expect(story.audit(Audit.fileMergesRefused)).toBe(1);
      // No event asked for the label.
      expect(story.audit(Audit.allPolicyErrors)).toBe(0);
    },
  ]);
});

test("a file keeps its label where there is no memory for the merged one", () => {
  tell(
    [
      ...shared("q"),
      (story) => story.takeMemory(),
      ...Array.from({ length: 60 }, () => anyhow(replace(":c:t"))),
      use(1, 0, read),
      (story: Story) => {
        expect(story.label(file(0, 0))).toBe("p");
        expect(story.audit(Audit.fileMerges)).toBe(0);
        story.expectSound();
      },
    ],
    { exhausts: true },
  );
});

test("the merged label goes with the file", () => {
  tell([
    ...shared("q"),
    use(1, 0, read),
    close(0, 0),
    (story) => expect(story.compounds()).toEqual(["p//&q"]),
    close(1, 0),
    (story) => {
      story.settle();
      expect(story.compounds()).toEqual([]);
    },
  ]);
});

test("a profile that says it is unconfined is treated so", () => {
  const unconfined = { profile: profile("q"), mode: "unconfined" as const };
  tell([
    ...shared("q"),
    { do: "load", set: [unconfined], replace: true },
    use(1, 0, write),
    (story) => {
      expect(story.label(file(0, 0))).toBe("p");
      expect(numbers.isHat(profile("q"))).toBe(false);
    },
  ]);
});
