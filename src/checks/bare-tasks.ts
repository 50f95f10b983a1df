/** Bare programs for what strategies are told of tasks, over test/programs/check/tasks.ts. */
import { alike, bootCall, bound, call, softirq } from "./shapes.ts";
import type { CheckProgram } from "./types.ts";

const common = {
  kind: "bare",
  source: "test/programs/check/tasks.ts",
  strategy: true,
  // Where the end of a label takes a grace period, three closers are too many, and what tasks do makes no difference there.
  needs: { releases: ["lastPut"] },
} as const;

export const taskPrograms: readonly CheckProgram[] = [
  {
    ...common,
    name: "close-by-others",
    title:
      "Tasks of other labels, and of the same one, close what a task opened, while it exits and its label is removed.",
    bounds: {
      closers: bound("tasks of other labels, which close a file each", 3, 4, 0),
      siblings: bound("tasks of the same label, which close a file each and exit", 0, 2, 0),
      files: bound("files that the opener opens and closes itself", 1, 4, 0),
    },
    build: ({ closers = 0, siblings = 0, files = 0 }) => {
      const bearers = siblings + 1;
      const writer = bearers + closers;
      return {
        actors: [
          ...alike("opener", 1, 0, "opener", files),
          ...alike("sibling", siblings, 1, "sibling"),
          ...alike("closer", closers, bearers, "closer"),
          ...alike("writer", 1, writer, "remove"),
          softirq(writer + 1),
        ],
        cpus: writer + 2,
        boot: [bootCall(writer + 1, "boot", bearers, closers)],
        finish: [],
      };
    },
  },
  {
    ...common,
    name: "task-moves",
    title:
      "A task goes from one CPU to another, changes its label there and exits, while others close its files and its old label is removed.",
    bounds: {
      closers: bound("tasks of other labels, which close a file each", 1, 3, 0),
      opens: bound("1: the task opens a file under its new label, 0: it does not", 1, 1, 0),
    },
    build: ({ closers = 0, opens = 0 }) => ({
      actors: [
        ...alike("cpu 0", 1, 0, "before"),
        ...alike("cpu 1", 1, 1, "after", opens),
        ...alike("closer", closers, 2, "closer"),
        ...alike("writer", 1, closers + 2, "remove"),
        softirq(closers + 3),
      ],
      cpus: closers + 4,
      boot: [bootCall(closers + 3, "bootWanderer", closers)],
      finish: [call("clearWanderer")],
    }),
  },
];
