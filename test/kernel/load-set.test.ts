/** Loading, replacing and removing profiles: sets take effect whole or not at all. */
import { describe, expect, test } from "vitest";
import { Audit, ScriptError } from "../../src/kernel/audit.ts";
import { everythingThere } from "./policy-history.ts";
import { holderNames } from "./policy-history-model.ts";
import { policyStage } from "./policy-history-run.ts";
import {
  anyhow,
  change,
  create,
  drop,
  grace,
  keep,
  load,
  open,
  profile,
  refused,
  remove,
  replace,
  type Story,
  stack,
  tell,
} from "./policy-story.ts";

const { file, slot, task } = holderNames;

const isThere = (story: Story, name: string): boolean => story.listed(name) !== 0;

test("a profile is loaded once, and replaced as often as one likes", () => {
  tell([load("p"), refused(load("p"), "exists"), replace("p"), replace("p"), (story) => story.expectSound()]);
});

test("what is to be replaced need not be there", () => {
  tell([replace("p"), change(0, "p"), (story) => expect(story.label(task(0))).toBe("p")]);
});

test("a child needs its parent, loaded before or in the same set", () => {
  tell([
    refused(load("p//HAT"), "noEntry"),
    refused(replace("p//HAT"), "noEntry"),
    load("p//HAT", "p"),
    load("p//child"),
  ]);
});

test("a profile needs its namespace", () => {
  tell([refused(load(":a:r"), "noEntry"), create("a"), load(":a:r")]);
});

test("unconfined profiles cannot be loaded", () => {
  tell([
    refused(replace("unconfined"), "notPermitted"),
    create("a"),
    refused(replace(":a:unconfined"), "notPermitted"),
    refused(load("p", "unconfined"), "notPermitted"),
    (story) => expect(isThere(story, "p")).toBe(false),
  ]);
});

test("a set has one namespace", () => {
  tell([
    create("a"),
    refused(load("p", ":a:r"), "noAccess"),
    (story) => expect(isThere(story, "p")).toBe(false),
  ]);
});

test("a profile is in a set once", () => {
  tell([refused(replace("p", "q", "p"), "exists"), (story) => expect(isThere(story, "q")).toBe(false)]);
});

test("of a set with one profile at fault nothing is loaded", () => {
  tell([
    load("q"),
    change(0, "q"),
    refused(load("p", "q"), "exists"),
    refused(replace("q", ":a:r"), "noAccess"),
    (story) => {
      expect(isThere(story, "p")).toBe(false);
      expect(story.label(task(0))).toBe("q");
      story.settle();
      // Nothing is left of what was prepared: unconfined and q.
      expect(story.audit(Audit.profiles)).toBe(2);
      expect(story.audit(Audit.rawdata)).toBe(1);
    },
    // What follows begins anew.
    load("p"),
  ]);
});

test("whichever of a set is at fault, nothing is loaded; of several the first is named", () => {
  tell([
    load("q"),
    refused(load("q", "p"), "exists"),
    refused(load("p", "q"), "exists"),
    refused(load("p//HAT", "q"), "noEntry"),
    refused(load("q", "p//HAT"), "exists"),
    (story) => expect([isThere(story, "p"), isThere(story, "p//HAT")]).toEqual([false, false]),
  ]);
});

test("users of a replaced profile find its newest version, those of a removed one unconfined", () => {
  tell([
    load("p", "q"),
    change(0, "p"),
    change(1, "q"),
    replace("p"),
    remove("q"),
    (story) => {
      expect(story.label(task(0))).toBe("p (stale)");
      expect(story.newest(task(0))).toBe("p");
      expect(story.newest(task(1))).toBe("unconfined");
    },
    refused(change(2, "q"), "noEntry"),
    refused(stack(2, "q"), "noEntry"),
  ]);
});

test("a removed profile takes its children along", () => {
  tell([
    load("p", "p//HAT", "p//child", "q"),
    change(0, "p//HAT"),
    remove("p"),
    (story) => {
      for (const name of ["p", "p//HAT", "p//child"]) expect(isThere(story, name)).toBe(false);
      expect(isThere(story, "q")).toBe(true);
      expect(story.newest(task(0))).toBe("unconfined");
    },
  ]);
});

test("a child is removed without its parent", () => {
  tell([load("p", "p//HAT"), remove("p//HAT"), (story) => expect(isThere(story, "p")).toBe(true)]);
});

test("what is not there cannot be removed, nor can unconfined", () => {
  tell([
    refused(remove("p"), "noEntry"),
    load("p"),
    remove("p"),
    refused(remove("p"), "noEntry"),
    refused(remove("unconfined"), "noEntry"),
    create("a"),
    refused(remove(":a:unconfined"), "noEntry"),
  ]);
});

test("a profile of the old name is another one after a removal", () => {
  tell([
    load("p"),
    change(0, "p"),
    remove("p"),
    load("p"),
    (story) => expect(story.newest(task(0))).toBe("unconfined"),
    replace("p"),
    (story) => expect(story.newest(task(0))).toBe("unconfined"),
  ]);
});

test("replacing keeps children, and a child is replaced on its own", () => {
  tell([
    load("p", "p//HAT"),
    change(0, "p//HAT"),
    replace("p"),
    (story) => expect(story.label(task(0))).toBe("p//HAT"),
    replace("p//HAT"),
    (story) => expect(story.label(task(0))).toBe("p//HAT (stale)"),
  ]);
});

describe.each(["kref", "percpu-ref"] as const)("versions with %s", (strategy) => {
  const program = policyStage(strategy, 0);

  test("a holder of the first one comes to the fiftieth in one step", () => {
    tell(
      [
        load("p"),
        change(0, "p"),
        keep(0, 0),
        ...Array.from({ length: 49 }, () => [replace("p"), grace]).flat(),
        (story) => {
          const kept = story.view.holders().get(slot(0)) ?? 0;
          expect(story.view.successor(kept)).toBe(story.view.newest(kept));
          expect(story.newest(slot(0))).toBe("p");
          story.settle();
          // Unconfined, the first and the last: nobody keeps those between.
          expect(story.audit(Audit.labels)).toBe(3);
          expect(story.audit(Audit.proxies)).toBe(2);
        },
      ],
      { program },
    );
  });

  test("labels do not pile up over a hundred replacements, compounds among them", () => {
    tell(
      [
        load("p", "q"),
        change(0, "p"),
        stack(0, "q"),
        keep(0, 0),
        ...Array.from({ length: 100 }, () => [
          replace("p"),
          grace,
          grace,
          (story: Story) => expect(story.audit(Audit.labels)).toBeLessThanOrEqual(10),
        ]).flat(),
        (story) => {
          const kept = story.view.holders().get(slot(0)) ?? 0;
          expect(story.view.successor(kept)).toBe(story.view.newest(kept));
        },
      ],
      { program },
    );
  });

  test("the newest version is let go with the last old one", () => {
    tell(
      [
        load("p"),
        change(0, "p"),
        replace("p"),
        (story) => expect(story.label(task(0))).toBe("p (stale)"),
        change(0, "unconfined"),
        remove("p"),
        (story) => {
          story.settle();
          // The proxy kept the newest while there was an old version; now nobody keeps either.
          expect(story.audit(Audit.labels)).toBe(1);
          expect(story.audit(Audit.proxies)).toBe(1);
        },
      ],
      { program },
    );
  });

  test("the same where the proxy's newest compound is all that is left", () => {
    tell(
      [
        load("p", "q"),
        change(0, "p"),
        stack(0, "q"),
        keep(0, 0),
        change(0, "unconfined"),
        replace("q"),
        drop(0),
        (story) => {
          story.settle();
          expect(story.compounds()).toEqual([]);
          expect(story.audit(Audit.labels)).toBe(3);
          expect(story.audit(Audit.proxies)).toBe(3);
        },
      ],
      { program },
    );
  });
});

test("memory that ends anywhere in a set leaves the old profiles whole", () => {
  // Blocks that are free when memory ends: fewer with each label that is kept, so each allocation of the set fails once.
  for (let kept = 0; kept < 40; kept++) {
    const keeping = Array.from({ length: kept }, (_, at) => [
      replace("q"),
      change(1, "q"),
      keep(1, at),
    ]).flat();
    let before: readonly number[] = [];
    tell(
      [
        load("p", "q"),
        change(0, "p"),
        ...keeping,
        (story) => {
          story.takeMemory();
          before = story.view.listed();
        },
        anyhow(replace("p", "q", "p//HAT")),
        (story) => {
          story.expectSound();
          const now = story.view.listed();
          const changed = ["p", "q", "p//HAT"].filter((name) => now[profile(name)] !== before[profile(name)]);
          expect([0, 3], `with ${kept} kept`).toContain(changed.length);
        },
      ],
      { population: { labelSlots: 40 }, exhausts: true },
    );
  }
});

test("a load without memory says so, and works once there is some", () => {
  tell(
    [
      load("p"),
      (story) => story.takeMemory(),
      // Versions that wait for a grace period use up what is left.
      ...Array.from({ length: 60 }, () => anyhow(replace("p"))),
      refused(replace("p"), "noMemory"),
      refused(load("q"), "noMemory"),
      refused(replace("p", "q"), "noMemory"),
      (story) => {
        expect(isThere(story, "p")).toBe(true);
        expect(isThere(story, "q")).toBe(false);
        story.expectSound();
        story.settle();
      },
      replace("p", "q"),
    ],
    { exhausts: true },
  );
});

test("a file's label follows its profile", () => {
  tell([
    ...everythingThere,
    change(0, ":a:r"),
    open(0, 1),
    change(0, "unconfined"),
    replace(":a:r"),
    (story) => {
      expect(story.label(file(0, 1))).toBe(":a:r (stale)");
      expect(story.newest(file(0, 1))).toBe(":a:r");
      expect(story.audit(Audit.scriptErrors + ScriptError.badProfile)).toBe(0);
    },
  ]);
});
