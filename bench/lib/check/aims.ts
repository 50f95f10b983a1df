/** What must be reached, as data: issue numbers of the project, one row each, and how far to try beyond. */

/** Values of a program's bounds by their names. */
export type Bounds = Readonly<Record<string, number>>;

export interface ReachAim {
  readonly row: string;
  readonly program: string;
  /** Name of a shipped strategy, or null where the program calls none. */
  readonly strategy: string | null;
  readonly bounds: Bounds;
  /** Larger bounds, each tried only where the one before was reached. */
  readonly beyond: readonly Bounds[];
}

/** Bare programs, x86-TSO, every state. */
export const bareAims: readonly ReachAim[] = [
  {
    row: "kref, actors x pairs",
    program: "get-put",
    strategy: "kref",
    bounds: { actors: 6, pairs: 3 },
    beyond: [
      { actors: 7, pairs: 3 },
      { actors: 8, pairs: 4 },
    ],
  },
  {
    row: "look-up with tryGet, readers x rounds + 1 writer",
    program: "look-up-tryget",
    strategy: "kref",
    bounds: { readers: 3, rounds: 2 },
    beyond: [
      { readers: 3, rounds: 3 },
      { readers: 4, rounds: 2 },
      { readers: 4, rounds: 3 },
    ],
  },
  {
    row: "percpu switch, users x pairs",
    program: "percpu-switch",
    strategy: null,
    bounds: { users: 3, pairs: 1 },
    beyond: [
      { users: 3, pairs: 2 },
      { users: 4, pairs: 1 },
    ],
  },
  {
    row: "percpu switch, users x pairs",
    program: "percpu-switch",
    strategy: null,
    bounds: { users: 2, pairs: 3 },
    beyond: [{ users: 2, pairs: 4 }],
  },
  {
    row: "hazard pointer, readers x rounds + writers",
    program: "hazard",
    strategy: null,
    bounds: { readers: 3, rounds: 2, writers: 2 },
    beyond: [
      { readers: 3, rounds: 3, writers: 2 },
      { readers: 4, rounds: 2, writers: 2 },
    ],
  },
];

/** Through hooks and label set, for every strategy: two tasks open and close while a third retires the label. */
export const hookAim = {
  row: "two tasks open and close, a third retires",
  program: "open-close-vs-retire",
  bounds: {} as Bounds,
  beyond: [] as readonly Bounds[],
} as const;

/** Milliseconds of search in which a broken strategy is found. */
export const brokenAimMs = 100;
/** Milliseconds of search for all litmus tests, both models. */
export const litmusAimMs = 2000;
/** Share of executions that DPOR begins and gives up. */
export const sleepBlockedAim = 0.02;
/** Our total time over SPIN's. */
export const spinRatioAim = 2;
/** Bytes that a search may hold. */
export const memoryAimBytes = 4 * 2 ** 30;
/** Seconds that it may take. */
export const limitAimS = 60;
