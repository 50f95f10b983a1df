/** Labels of several profiles: one for each vector, made anew when one of its profiles is. */
import { describe, expect, test } from "vitest";
import { Audit, PolicyError } from "../../src/kernel/audit.ts";
import { everythingThere } from "./policy-history.ts";
import { holderNames } from "./policy-history-model.ts";
import { policyStage } from "./policy-history-run.ts";
import {
  anyhow,
  change,
  drop,
  keep,
  load,
  parse,
  refused,
  remove,
  replace,
  type Story,
  stack,
  tell,
} from "./policy-story.ts";

const { slot, task } = holderNames;

const addressOf = (story: Story, holder: string): number | undefined => story.view.holders().get(holder);

describe.each([
  ["rwlock", 0],
  ["seqlock", 1],
  ["rcu-list", 2],
] as const)("in a %s set", (_, labelSet) => {
  const program = policyStage("kref", labelSet);

  test("the order in which profiles come together does not matter", () => {
    tell(
      [
        ...everythingThere,
        change(0, ":c:t"),
        stack(0, "p"),
        stack(0, ":a:r"),
        change(1, ":a:r"),
        stack(1, ":c:t"),
        stack(1, "p"),
        (story) => {
          expect(story.label(task(0))).toBe("p//&:a:r//&:c:t");
          expect(addressOf(story, task(0))).toBe(addressOf(story, task(1)));
        },
      ],
      { program },
    );
  });

  test("a profile is in a label once", () => {
    tell(
      [
        load("p", "q"),
        change(0, "p"),
        stack(0, "p"),
        (story) => expect(story.label(task(0))).toBe("p"),
        stack(0, "q"),
        stack(0, "p"),
        (story) => expect(story.label(task(0))).toBe("p//&q"),
      ],
      { program },
    );
  });

  test("a merge with what is in it already is the label itself", () => {
    tell(
      [
        load("p", "q"),
        change(0, "p"),
        stack(0, "q"),
        keep(0, 0),
        stack(0, "q"),
        (story) => {
          expect(addressOf(story, task(0))).toBe(addressOf(story, slot(0)));
          expect(story.audit(Audit.compoundsMade)).toBe(1);
        },
      ],
      { program },
    );
  });

  test("a label of more profiles than is allowed is refused, and the task keeps its own", () => {
    tell(
      [
        ...everythingThere,
        change(0, "p"),
        stack(0, "q"),
        stack(0, ":a:r"),
        stack(0, ":c:t"),
        refused(stack(0, ":a//b:s"), "tooManyParts"),
        (story) => {
          expect(story.label(task(0))).toBe("p//&q//&:a:r//&:c:t");
          expect(story.audit(Audit.policyErrors + PolicyError.tooManyParts)).toBe(1);
        },
        // What is in it already makes it no larger.
        stack(0, "p"),
      ],
      { program },
    );
  });

  test("it goes with its last holder, and its profiles stay", () => {
    tell(
      [
        load("p", "q"),
        change(0, "p"),
        stack(0, "q"),
        (story) => expect(story.compounds()).toEqual(["p//&q"]),
        change(0, "p"),
        (story) => {
          story.settle();
          expect(story.compounds()).toEqual([]);
          expect(story.audit(Audit.labels)).toBe(3);
        },
      ],
      { program },
    );
  });

  test("it keeps profiles that were removed", () => {
    tell(
      [
        load("p", "q"),
        change(0, "p"),
        stack(0, "q"),
        remove("p"),
        remove("q"),
        (story) => {
          story.settle();
          expect(story.label(task(0))).toBe("p//&q (stale)");
          expect(story.newest(task(0))).toBe("unconfined");
          expect(story.audit(Audit.profiles)).toBe(3);
        },
        change(0, "unconfined"),
        (story) => {
          story.settle();
          expect(story.audit(Audit.profiles)).toBe(1);
        },
      ],
      { program },
    );
  });

  test("a replaced profile makes all its compounds anew, and no others", () => {
    tell(
      [
        ...everythingThere,
        change(0, "p"),
        stack(0, "q"),
        keep(0, 0),
        stack(0, ":a:r"),
        keep(0, 1),
        change(0, "q"),
        stack(0, ":c:t"),
        keep(0, 2),
        replace("p"),
        (story) => {
          expect(story.label(slot(0))).toBe("p//&q (stale)");
          expect(story.newest(slot(0))).toBe("p//&q");
          expect(story.newest(slot(1))).toBe("p//&q//&:a:r");
          expect(story.label(slot(2))).toBe("q//&:c:t");
          expect(story.audit(Audit.rebuilt)).toBe(2);
          story.expectSound();
        },
      ],
      { program },
    );
  });

  test("two compounds may become one, with two proxies that lead to it", () => {
    tell(
      [
        load("p", "p//HAT", "q"),
        change(0, "p//HAT"),
        stack(0, "q"),
        keep(0, 0),
        change(0, "unconfined"),
        stack(0, "q"),
        keep(0, 1),
        remove("p//HAT"),
        (story) => {
          expect(story.newest(slot(0))).toBe("q//&unconfined");
          expect(story.view.newest(addressOf(story, slot(0)) ?? 0)).toBe(addressOf(story, slot(1)));
          story.expectSound();
        },
        drop(1),
        (story) => {
          story.settle();
          // The proxy of the old one keeps it.
          expect(story.newest(slot(0))).toBe("q//&unconfined");
          story.expectSound();
        },
      ],
      { program },
    );
  });

  test("a compound of unconfined profiles alone restricts nothing", () => {
    tell(
      [
        ...everythingThere,
        change(0, "unconfined"),
        stack(0, ":a:unconfined"),
        (story) => expect(story.view.isUnconfined(addressOf(story, task(0)) ?? 0)).toBe(true),
        stack(0, "p"),
        (story) => expect(story.view.isUnconfined(addressOf(story, task(0)) ?? 0)).toBe(false),
      ],
      { program },
    );
  });
});

test("a merge without memory is refused, and the task keeps its label", () => {
  let refusals = 0;
  for (let kept = 1; kept <= 24; kept++) {
    // Old compounds that somebody keeps use up the blocks of labels of two profiles.
    const keeping = Array.from({ length: kept }, (_, at) => [
      replace("q"),
      change(1, "p"),
      stack(1, "q"),
      keep(1, at),
    ]);
    let refusedNow = false;
    tell(
      [
        ...everythingThere,
        ...keeping.flat(),
        change(0, "p"),
        (story) => {
          story.settle();
          story.takeMemory();
        },
        anyhow(stack(0, ":c:t")),
        (story) => {
          refusedNow = story.audit(Audit.policyErrors + PolicyError.noMemory) === 1;
          expect(story.label(task(0))).toBe(refusedNow ? "p" : "p//&:c:t");
          story.expectSound();
        },
        ...Array.from({ length: kept }, (_, at) => drop(at)),
        change(1, "unconfined"),
        (story) => story.settle(),
        stack(0, ":c:t"),
        (story) => expect(story.label(task(0))).toBe("p//&:c:t"),
      ],
      { population: { labelSlots: 24 }, exhausts: true },
    );
    if (refusedNow) refusals++;
  }
  expect(refusals).toBeGreaterThan(0);
});

test("memory that ends while compounds are made anew leaves nobody with a wrong label", () => {
  for (let kept = 1; kept <= 36; kept++) {
    // Kept labels use up blocks of labels and proxies, so that the renewal of three compounds fails at each of its steps once.
    const keeping = Array.from({ length: kept }, (_, at) => [
      replace(":c:t"),
      change(1, ":c:t"),
      keep(1, at + 3),
    ]).flat();
    const compounds = ["p", "p//HAT", ":a:r"].flatMap((name, at) => [
      change(0, "q"),
      stack(0, name),
      keep(0, at),
    ]);
    tell(
      [
        ...everythingThere,
        ...keeping,
        ...compounds,
        change(0, "unconfined"),
        (story) => {
          story.settle();
          story.takeMemory();
        },
        anyhow(replace("q")),
        (story) => {
          // Found by name or through a proxy: a label of the listed profiles, or one whose renewal is due.
          expect(story.machine.call("checkSets")).toBe(0);
          expect(story.audit(Audit.allViolations)).toBe(0);
        },
        ...Array.from({ length: kept }, (_, at) => drop(at + 3)),
        change(1, "unconfined"),
        (story) => story.settle(),
        replace("q"),
        (story) => {
          story.expectSound();
          expect([0, 1, 2].map((at) => story.newest(slot(at)))).toEqual(["p//&q", "p//HAT//&q", "q//&:a:r"]);
        },
      ],
      { population: { labelSlots: 40 }, exhausts: true },
    );
  }
});

test("a compound that could not be made anew is made when it is parsed", () => {
  tell([
    load("p", "q"),
    change(0, "p"),
    stack(0, "q"),
    keep(0, 0),
    replace("p"),
    change(0, "unconfined"),
    parse(0),
    (story) => {
      expect(story.newest(slot(0))).toBe("p//&q");
      story.expectSound();
    },
  ]);
});
