/** Creds that tasks count themselves: who leaves and who closes last, and whether the cred goes once. Needs no strategy. */
import { alike, bound, call, softirq } from "./shapes.ts";
import type { CheckProgram } from "./types.ts";

export const credPrograms: readonly CheckProgram[] = [
  {
    name: "cred-in-tasks",
    title:
      "Threads count files of their cred themselves and leave it, while somebody who does not bear it closes one.",
    kind: "bare",
    strategy: false,
    source: "test/programs/check/cred.ts",
    options: { creds: 1 },
    bounds: {
      files: bound("files that the opener opens and closes itself", 1, 4, 0),
      siblings: bound("threads that close a file of the opener's each", 1, 3, 0),
      closers: bound("others that close a file of the opener's each", 1, 3, 0),
    },
    build: ({ files = 0, siblings = 0, closers = 0 }) => {
      const cpus = siblings + closers + 2;
      return {
        actors: [
          ...alike("opener", 1, 0, "opener", files),
          ...alike("sibling", siblings, 1, "sibling"),
          ...alike("leaver", 1, siblings + 1, "leaver"),
          ...alike("closer", closers, siblings + 2, "closer"),
          softirq(cpus),
        ],
        cpus: cpus + 1,
        boot: [call("boot", siblings, closers)],
        finish: [],
      };
    },
    // Each with those actors that bring about one verdict only, in whatever order.
    broken: [
      {
        value: 1,
        title: "a task that leaves forgets what it took and others dropped",
        verdict: "leak",
        model: "sc",
        bounds: { closers: 0 },
      },
      {
        value: 2,
        title: "a task is off the users before its counts are added",
        verdict: "double-free",
        model: "sc",
        bounds: { closers: 0 },
      },
      {
        value: 3,
        title: "the last user is looked for behind the lock",
        verdict: "use-after-free",
        model: "sc",
      },
      {
        value: 4,
        title: "the numbers are changed without a lock",
        verdict: "leak",
        model: "sc",
        bounds: { closers: 0 },
      },
      {
        value: 5,
        title: "a task counts in itself what it drops of a cred that it does not bear",
        verdict: "leak",
        model: "sc",
      },
    ],
  },
];
