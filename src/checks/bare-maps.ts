/**
 * Readers of /proc/PID/maps beside a writer: no gap may be told where pages are mapped all the time. One program for each of the
 * ten ways in which areas merge and split, and one for two of them in a row, read with areas' own locks; and copies that count if nothing has changed.
 */
import { MapsKind } from "../kernel/procfs/maps/kinds.ts";
import { alike, bound, call, softirq, withoutStrategy } from "./shapes.ts";
import type { BrokenVariant, CheckProgram } from "./types.ts";

/** `ReadMode` of src/kernel/procfs/maps/reader.ts. */
const mode = { locked: 0, validated: 1, perArea: 3 } as const;

/** What was lost on the way is told by the checker's books: in the end areas and tree are given back. */
function mapsProgram(
  program: Pick<CheckProgram, "name" | "title" | "broken">,
  readMode: number,
  change: number,
): CheckProgram {
  return {
    ...withoutStrategy,
    ...program,
    source: "test/programs/check/maps.ts",
    kinds: { [MapsKind.vma]: "vma", [MapsKind.mapleNode]: "mapleNode" },
    // Areas of 192 bytes and nodes of 256, new ones with every change. Two areas around make a tree of several leaves of 4 slots.
    options: { heapBytes: 16_384, mapleSlots: 4 },
    bounds: {
      readers: bound("readers, who do not write but for the areas' locks", 1, 3),
      around: bound("areas before those that change, and as many behind", 0, 3, 0),
    },
    build: ({ readers = 0, around = 0 }) => ({
      actors: [
        ...alike("reader", readers, 0, "reader", readMode, change, around),
        ...alike("writer", 1, readers, "writer", change),
        softirq(readers + 1),
      ],
      cpus: readers + 3,
      // A writer fills a new node between two atomic operations.
      bufferEntries: 160,
      boot: [call("boot", readers + 2, change, around)],
      finish: [call("clear", readers + 2)],
    }),
  };
}

const believesAreas: BrokenVariant = {
  value: 1,
  title: "the reader believes every area that it has locked",
  verdict: "assertion",
  model: "sc",
};

/** In the order of their numbers in the program. */
const changes: readonly (readonly [name: string, title: string, broken?: readonly BrokenVariant[]])[] = [
  ["merge-both", "an area becomes one with both of its neighbours"],
  ["merge-left-full", "an area becomes one with the one before it"],
  [
    "merge-left-partial",
    "an area loses its first pages to the one before it",
    [
      believesAreas,
      {
        value: 2,
        title: "the writer changes areas without locking them",
        verdict: "assertion",
        model: "sc",
      },
    ],
  ],
  ["merge-right-full", "an area becomes one with the one behind it"],
  ["merge-right-partial", "an area loses its last pages to the one behind it"],
  ["new-both", "new pages make one of the areas on both sides"],
  ["new-left", "new pages go to the area before them"],
  ["new-right", "new pages go to the area behind them"],
  ["split-below", "an area is split, and the new one is what is below", [believesAreas]],
  ["split-above", "an area is split, and the new one is what is above"],
  [
    "there-and-back",
    "an area becomes one with the one before it and is split again, what was above being the new one",
    [believesAreas],
  ],
];

const semaphore: CheckProgram = {
  ...withoutStrategy,
  name: "rw-semaphore",
  title: "Readers find two cells equal under a semaphore that writers queue for, too.",
  source: "test/programs/check/rwsem.ts",
  bounds: {
    readers: bound("readers", 1, 4),
    writers: bound("writers", 2, 3),
    rounds: bound("sections of each reader", 2, 4),
  },
  build: ({ readers = 0, writers = 0, rounds = 0 }) => ({
    actors: [
      ...alike("reader", readers, 0, "reader", rounds),
      ...alike("writer", writers, readers, "writer", 1),
    ],
    cpus: readers + writers + 1,
    boot: [call("boot")],
    finish: [call("counted", writers)],
  }),
  broken: [
    {
      value: 1,
      title: "the writer gives the semaphore back between two stores",
      verdict: "assertion",
      model: "sc",
    },
    { value: 2, title: "the reader leaves between two loads", verdict: "assertion", model: "sc" },
  ],
};

export const mapsPrograms: readonly CheckProgram[] = [
  semaphore,
  ...changes.map(([name, title, broken], index) =>
    mapsProgram(
      {
        name: `maps-${name}`,
        title: `A reader locks one area after the other while ${title}.`,
        ...(broken === undefined ? {} : { broken }),
      },
      mode.perArea,
      index + 1,
    ),
  ),
  mapsProgram(
    {
      name: "maps-copies",
      title:
        "A reader copies one area after the other and looks whether anything changed, while one is split.",
      broken: [
        { value: 1, title: "the reader does not look again", verdict: "assertion", model: "sc" },
        {
          value: 3,
          title: "the number moves only when the write lock is given back",
          verdict: "assertion",
          model: "sc",
        },
      ],
    },
    mode.validated,
    9,
  ),
  mapsProgram(
    {
      name: "maps-mmap-lock",
      title: "A reader has the lock of the whole address space while an area is split.",
    },
    mode.locked,
    9,
  ),
];
