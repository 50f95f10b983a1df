/** The red-black tree of the label set under look-ups without a lock: programs that need no strategy. */
import { alike, bound, call, withoutStrategy } from "./shapes.ts";
import type { CheckProgram } from "./types.ts";

export const treePrograms: readonly CheckProgram[] = [
  {
    ...withoutStrategy,
    name: "tree-walk",
    title: "Readers walk a tree under its sequence counter while a writer puts keys in and takes them out.",
    source: "test/programs/check/tree.ts",
    bounds: {
      readers: bound("readers, who never write: a second one matters to grace periods only", 1, 4),
      keys: bound("keys that each reader looks up", 2, 4),
      changes: bound("changes of the writer, one kind of rebalancing after the other", 7, 7),
    },
    build: ({ readers = 0, keys = 0, changes = 0 }) => ({
      actors: [
        ...alike("reader", readers, 0, "reader", keys),
        ...alike("writer", 1, readers, "writer", changes),
      ],
      cpus: readers + 2,
      boot: [call("boot", readers + 1)],
      finish: [call("clear", changes)],
    }),
    broken: [
      { value: 1, title: "the reader does not look at the counter again", verdict: "assertion", model: "sc" },
      {
        value: 2,
        title: "what was taken out is freed without a grace period",
        verdict: "use-after-free",
        model: "sc",
      },
      {
        value: 3,
        title: "the reader begins while a change is under way",
        verdict: "assertion",
        model: "sc",
      },
      { value: 4, title: "the counter moves only after the change", verdict: "assertion", model: "sc" },
    ],
  },
];
