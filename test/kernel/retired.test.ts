/** When the kernel tells a strategy that a label is retired: once each, of whatever new users are led away from. */
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { steppedTestProgram, strategyAt } from "../conformance/support.ts";
import { everythingThere, maxLabelParts } from "./policy-history.ts";
import { holderNames } from "./policy-history-model.ts";
import {
  change,
  create,
  destroy,
  grace,
  keep,
  load,
  remove,
  replace,
  type Story,
  stack,
  tell,
} from "./policy-story.ts";

const { slot } = holderNames;
const path = fileURLToPath(new URL("../programs/retire-told.ts", import.meta.url));
const options = { verify: 1, percpuBytes: 1024, quarantine: 8, labelSet: 2, maxLabelParts };
const program = steppedTestProgram("policy-stage", strategyAt(path), options);
const retiredMark = program.constants.get("strategy.retired");

/** Tells the story; each look is asked with the addresses of the labels that were retired since the one before. */
function tellRetired(scenes: readonly (Parameters<typeof tell>[0][number] | Look)[]): void {
  let retired: number[] = [];
  const onMark = ({ event, argument }: { event: number; argument: number }): void => {
    if (event === retiredMark) retired.push(argument);
  };
  const asked = scenes.map((scene) =>
    typeof scene !== "object" || !("look" in scene)
      ? scene
      : (story: Story): void => {
          const since = retired;
          retired = [];
          scene.look(story, since);
        },
  );
  tell(asked, { program, onMark });
}

interface Look {
  readonly look: (story: Story, retired: readonly number[]) => void;
}

const look = (then: Look["look"]): Look => ({ look: then });
const sorted = (addresses: readonly number[]): number[] => [...addresses].sort((a, b) => a - b);
const inSlots = (story: Story, ...slots: number[]): number[] =>
  sorted(slots.map((number) => story.view.holders().get(slot(number)) ?? 0));

/** Slot 0 keeps the label of q, which has no hats, slot 1 that of p and q. */
const keptBoth = [
  ...everythingThere,
  change(0, "q"),
  keep(0, 0),
  stack(0, "p"),
  keep(0, 1),
  look((_, retired) => expect(retired).toEqual([])),
];

test("a profile that is replaced is retired, and so is a compound with it, once each", () => {
  tellRetired([
    ...keptBoth,
    replace("q"),
    look((story, retired) => expect(sorted(retired)).toEqual(inSlots(story, 0, 1))),
    // Those that took their places.
    stack(0, "p"),
    keep(0, 2),
    replace("q"),
    look((story, retired) => {
      expect(retired).toHaveLength(2);
      expect(retired).toContain(inSlots(story, 2)[0]);
    }),
  ]);
});

test("a profile that is removed is retired, and so is a compound with it, once each", () => {
  tellRetired([
    ...keptBoth,
    remove("q"),
    look((story, retired) => expect(sorted(retired)).toEqual(inSlots(story, 0, 1))),
  ]);
});

test("a compound that its last user drops is not retired: nobody is led away from it", () => {
  tellRetired([
    ...everythingThere,
    change(0, "p"),
    stack(0, "q"),
    change(0, ":a:r"),
    grace,
    grace,
    look((_, retired) => expect(retired).toEqual([])),
  ]);
});

test("all labels of a namespace that goes are retired, its unconfined among them", () => {
  tellRetired([
    create("a"),
    load(":a:r"),
    change(0, ":a:r"),
    keep(0, 0),
    change(0, ":a:unconfined"),
    keep(0, 1),
    look((_, retired) => expect(retired).toEqual([])),
    destroy("a"),
    look((story, retired) => {
      expect(sorted(retired)).toEqual(inSlots(story, 0, 1));
    }),
  ]);
});
