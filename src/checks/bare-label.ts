/** Bare programs for strategies, over test/programs/check/label.ts: one label, one slot, checked once per strategy. */
import { alike, bootCall, bound, call, softirq } from "./shapes.ts";
import type { CheckProgram, ProgramShape } from "./types.ts";

const source = "test/programs/check/label.ts";
const frees = { releases: ["lastPut", "retire", "scan"] } as const;
const rounds = (doc: string, preset = 1) => bound(doc, preset, 8);

function labelProgram(
  program: Omit<CheckProgram, "kind" | "source" | "strategy" | "needs">,
  needs: CheckProgram["needs"] = frees,
): CheckProgram {
  return { kind: "bare", source, strategy: true, ...(needs === undefined ? {} : { needs }), ...program };
}

/** Boot with a published label and `users` references; what is left is dropped at the end. */
function shape(
  users: number,
  cpus: number,
  actors: ProgramShape["actors"],
  more: Partial<ProgramShape> = {},
): ProgramShape {
  return {
    actors: [...actors, softirq(cpus - 1)],
    cpus,
    boot: [bootCall(cpus - 1, "boot", users, 1)],
    finish: [call("clear", users)],
    ...more,
  };
}

export const labelPrograms: readonly CheckProgram[] = [
  labelProgram({
    name: "get-put",
    title: "Users take and drop references while each has one all along.",
    bounds: { users: bound("users", 3, 8), rounds: rounds("pairs of each user") },
    build: ({ users = 0, rounds = 0 }) => shape(users, users + 1, alike("user", users, 0, "getPut", rounds)),
    // All orders of two atomic operations of each user on one counter: 6! / (2!)^3.
    exact: { sc: { traces: 90, strategy: "kref" }, tso: { traces: 90, strategy: "kref" } },
  }),
  labelProgram({
    name: "last-put-race",
    title: "Users drop the only references at once, after the label was retired.",
    bounds: { users: bound("users", 3, 8) },
    build: ({ users = 0 }) =>
      shape(users, users + 1, alike("user", users, 0, "leave"), {
        boot: [bootCall(users, "boot", users, 1), bootCall(users, "remove", users, 1)],
      }),
  }),
  labelProgram({
    name: "put-vs-look-up",
    title: "Readers look a label up and use it while a writer takes it away and drops the last reference.",
    bounds: {
      readers: bound("readers", 1, 6),
      rounds: rounds("look-ups of each reader", 2),
      writers: bound("writers", 1, 3),
    },
    build: ({ readers = 0, rounds = 0, writers = 0 }) =>
      shape(0, readers + writers + 1, [
        ...alike("reader", readers, 0, "lookUp", rounds),
        ...alike("writer", writers, readers, "remove", writers),
      ]),
  }),
  labelProgram({
    name: "replace-vs-look-up",
    title: "Readers look a label up and use it while writers put new labels in its place.",
    bounds: {
      readers: bound("readers", 1, 6),
      rounds: rounds("look-ups of each reader"),
      writers: bound("writers", 1, 3),
      labels: bound("new labels of each writer", 1, 4),
    },
    options: { percpuBytes: 1024, heapBytes: 2048 },
    build: ({ readers = 0, rounds = 0, writers = 0, labels = 0 }) =>
      shape(0, readers + writers + 1, [
        ...alike("reader", readers, 0, "lookUp", rounds),
        ...alike("writer", writers, readers, "replace", labels, writers),
      ]),
  }),
  labelProgram(
    {
      name: "borrow-vs-remove",
      title: "Borrowers use what the slot shows while a writer takes it away and drops the last reference.",
      bounds: { borrowers: bound("borrowers", 1, 6), rounds: rounds("borrows of each borrower", 2) },
      build: ({ borrowers = 0, rounds = 0 }) =>
        shape(
          0,
          borrowers + 2,
          [
            ...alike("borrower", borrowers, 0, "borrower", rounds),
            ...alike("writer", 1, borrowers, "remove", 1),
          ],
          { leaks: false },
        ),
    },
    // Also for strategies that never release a label, which is then left over.
    {},
  ),
  labelProgram({
    name: "borrow-then-get",
    title:
      "Borrowers take references to what the slot shows and go on with those while a writer takes it away.",
    bounds: { borrowers: bound("borrowers", 1, 4), rounds: rounds("borrows of each borrower") },
    build: ({ borrowers = 0, rounds = 0 }) =>
      shape(0, borrowers + 2, [
        ...alike("borrower", borrowers, 0, "borrowGetter", rounds),
        ...alike("writer", 1, borrowers, "remove", 1),
      ]),
  }),
  labelProgram({
    name: "borrow-vs-drop",
    title: "Borrowers use a label that nobody retires while the only holder of it drops it.",
    bounds: { borrowers: bound("borrowers", 1, 4), rounds: rounds("borrows of each borrower") },
    build: ({ borrowers = 0, rounds = 0 }) => ({
      actors: [
        ...alike("borrower", borrowers, 0, "borrower", rounds),
        ...alike("dropper", 1, borrowers, "dropHeld"),
        softirq(borrowers + 1),
      ],
      cpus: borrowers + 2,
      boot: [bootCall(borrowers + 1, "bootOwnerless")],
      finish: [],
    }),
  }),
  labelProgram({
    name: "borrow-vs-swap",
    title: "Borrowers use what a holder refers to while writers let it change places with a new label.",
    bounds: {
      borrowers: bound("borrowers", 1, 4),
      rounds: rounds("borrows of each borrower"),
      writers: bound("writers", 1, 2),
    },
    options: { percpuBytes: 1024, heapBytes: 2048 },
    build: ({ borrowers = 0, rounds = 0, writers = 0 }) => ({
      actors: [
        ...alike("borrower", borrowers, 0, "heldBorrower", rounds),
        ...alike("writer", writers, borrowers, "swapper", 1, writers),
        softirq(borrowers + writers),
      ],
      cpus: borrowers + writers + 1,
      boot: [bootCall(borrowers + writers, "bootHeld")],
      finish: [call("clearHeld")],
    }),
  }),
  labelProgram({
    name: "switch-vs-users",
    title:
      "Users take, use and drop references, the last of them their own, while the label is published (mode switch) and retired (kill).",
    bounds: {
      users: bound("users", 1, 6),
      rounds: rounds("pairs of each user", 2),
      published: bound("1: published before the users begin, 0: meanwhile", 0, 1, 0),
    },
    build: ({ users = 0, rounds = 0, published = 0 }) =>
      shape(
        users,
        users + 2,
        [
          ...alike("user", users, 0, "getPutLeave", rounds),
          ...alike("switcher", 1, users, published === 1 ? "remove" : "publishRemove", 1),
        ],
        { boot: [bootCall(users + 1, "boot", users, published)] },
      ),
  }),
  labelProgram({
    name: "hand-over",
    title: "References move to other CPUs and are dropped there, while the label is retired.",
    bounds: { givers: bound("givers, each with a receiver", 1, 3) },
    build: ({ givers = 0 }) =>
      shape(givers, 2 * givers + 2, [
        ...alike("giver", givers, 0, "give"),
        ...Array.from({ length: givers }, (_, giver) => {
          const cpu = givers + giver;
          return {
            name: `receiver ${giver + 1}`,
            role: "script" as const,
            cpu,
            entry: "receive",
            args: [cpu, giver],
          };
        }),
        ...alike("writer", 1, 2 * givers, "remove", 1),
      ]),
  }),
];
