/** Hazard pointers, and the parts that the kernel is built from: programs that need no strategy. */
import { alike, bound, call, type EntryCall, withoutStrategy } from "./shapes.ts";
import type { BrokenVariant, CheckProgram, ProgramShape } from "./types.ts";

const hazards = "test/programs/check/hazard.ts";
const core = "test/programs/check/core.ts";
const rounds = (doc: string, preset = 1) => bound(doc, preset, 8);

const readersAndWriters = (what: string) => ({
  readers: bound("readers", 2, 6),
  rounds: rounds(what),
  writers: bound("writers", 1, 3),
});

/** Readers on the first CPUs, writers on those behind; the objects in the area of one more. */
function hazardProgram(
  program: Pick<CheckProgram, "name" | "title" | "broken">,
  readerCall: (rounds: number, readers: number) => EntryCall,
  writerEntry: string,
): CheckProgram {
  return {
    ...withoutStrategy,
    ...program,
    source: hazards,
    bounds: readersAndWriters("uses of each reader"),
    build: ({ readers = 0, rounds = 0, writers = 0 }) => ({
      actors: [
        ...alike("reader", readers, 0, ...readerCall(rounds, readers)),
        ...alike("writer", writers, readers, writerEntry, readers),
      ],
      cpus: readers + writers + 1,
      boot: [call("boot", readers, writers)],
      finish: [call("clear")],
    }),
  };
}

/** What readers may do wrong, whatever they do with the object. */
const readerBugs: readonly BrokenVariant[] = [
  { value: 1, title: "the hazard is published without a barrier", verdict: "use-after-free", model: "tso" },
  { value: 2, title: "the reader does not look again", verdict: "use-after-free", model: "sc" },
];

function coreShape(actors: ProgramShape["actors"], finish: ProgramShape["finish"]): ProgramShape {
  return { actors, cpus: actors.length + 1, boot: [call("boot")], finish };
}

export const hazardPrograms: readonly CheckProgram[] = [
  hazardProgram(
    {
      name: "hazard",
      title: "Readers use what is shown under a hazard pointer while writers replace and free it.",
      broken: [
        ...readerBugs,
        {
          value: 3,
          title: "the writer skips the last reader's slot",
          verdict: "use-after-free",
          model: "sc",
        },
        { value: 4, title: "the writer frees at once", verdict: "use-after-free", model: "sc" },
      ],
    },
    (rounds) => ["reader", rounds],
    "writer",
  ),
  hazardProgram(
    {
      name: "hazard-then-ref",
      title: "Readers protect what is shown until they have a reference to it, while writers replace it.",
      broken: readerBugs,
    },
    (rounds, readers) => ["refReader", rounds, readers],
    "refWriter",
  ),
];

export const corePrograms: readonly CheckProgram[] = [
  {
    ...withoutStrategy,
    name: "spinlock",
    title: "Actors change two cells under a spinlock.",
    source: core,
    bounds: { actors: bound("actors", 2, 6), rounds: rounds("sections of each actor", 2) },
    build: ({ actors = 0, rounds = 0 }) =>
      coreShape(alike("actor", actors, 0, "locker", rounds), [call("counted", actors * rounds)]),
    broken: [{ value: 3, title: "the lock is given back too early", verdict: "assertion", model: "sc" }],
  },
  {
    ...withoutStrategy,
    name: "rwlock",
    title: "Readers find two cells equal under a lock that a writer changes them under.",
    source: core,
    bounds: readersAndWriters("sections of each actor"),
    build: ({ readers = 0, rounds = 0, writers = 0 }) =>
      coreShape(
        [
          ...alike("reader", readers, 0, "lockReader", rounds),
          ...alike("writer", writers, readers, "lockWriter", rounds),
        ],
        [call("counted", writers * rounds)],
      ),
  },
  {
    ...withoutStrategy,
    name: "seqcount",
    title: "Readers find two cells equal that a writer changes, by looking at its number again.",
    source: core,
    bounds: {
      readers: bound("readers", 2, 6),
      rounds: rounds("reads of each reader"),
      changes: bound("changes of the writer", 2, 8),
    },
    build: ({ readers = 0, rounds = 0, changes = 0 }) =>
      coreShape(
        [
          ...alike("reader", readers, 0, "sequenceReader", rounds),
          ...alike("writer", 1, readers, "sequenceWriter", changes),
        ],
        [call("counted", changes)],
      ),
    broken: [
      { value: 1, title: "the reader does not look at the number again", verdict: "assertion", model: "sc" },
    ],
  },
  {
    ...withoutStrategy,
    name: "llist",
    title: "Nodes are pushed while the list is taken away: each is taken once, and complete.",
    source: core,
    bounds: {
      pushers: bound("pushers of a node each", 2, 6),
      drains: rounds("times that the list is taken", 2),
    },
    build: ({ pushers = 0, drains = 0 }) =>
      coreShape(
        [...alike("pusher", pushers, 0, "pusher"), ...alike("drainer", 1, pushers, "drainer", drains)],
        [call("allTaken", pushers), call("clear")],
      ),
    broken: [{ value: 4, title: "a node is pushed with a plain store", verdict: "assertion", model: "sc" }],
  },
  {
    ...withoutStrategy,
    name: "rcu-free",
    title: "Readers use an object inside read sections while a writer takes it away, waits and frees it.",
    source: core,
    bounds: { readers: bound("readers", 2, 6), rounds: rounds("sections of each reader", 2) },
    build: ({ readers = 0, rounds = 0 }) =>
      coreShape(
        [
          ...alike("reader", readers, 0, "sectionReader", rounds),
          ...alike("writer", 1, readers, "sectionWriter"),
        ],
        [call("clear")],
      ),
    broken: [
      {
        value: 2,
        title: "the object is freed without a grace period",
        verdict: "use-after-free",
        model: "sc",
      },
    ],
  },
];
