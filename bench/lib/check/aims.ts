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
    row: "kref, 6 x 3 pairs",
    program: "get-put",
    strategy: "kref",
    bounds: { users: 6, rounds: 3 },
    beyond: [
      { users: 8, rounds: 4 },
      { users: 8, rounds: 8 },
    ],
  },
  {
    row: "look-up with tryGet, 3 x 2 + 1 writer",
    program: "put-vs-look-up",
    strategy: "kref",
    bounds: { readers: 3, rounds: 2, writers: 1 },
    beyond: [
      { readers: 3, rounds: 1, writers: 2 },
      { readers: 4, rounds: 2, writers: 1 },
      { readers: 4, rounds: 3, writers: 1 },
      { readers: 5, rounds: 3, writers: 1 },
    ],
  },
  {
    row: "percpu switch, 3 users x 1",
    program: "percpu-ref-switch",
    strategy: null,
    bounds: { users: 3, rounds: 1 },
    beyond: [
      { users: 4, rounds: 1 },
      { users: 3, rounds: 2 },
    ],
  },
  {
    row: "percpu switch, 2 users x 3",
    program: "percpu-ref-switch",
    strategy: null,
    bounds: { users: 2, rounds: 3 },
    beyond: [
      { users: 2, rounds: 6 },
      { users: 2, rounds: 3, switches: 2 },
    ],
  },
  {
    row: "hazard pointer, 3 x 2 + 2 writers",
    program: "hazard",
    strategy: null,
    bounds: { readers: 3, rounds: 2, writers: 2 },
    beyond: [
      { readers: 3, rounds: 3, writers: 2 },
      { readers: 4, rounds: 2, writers: 2 },
      { readers: 3, rounds: 2, writers: 3 },
    ],
  },
  {
    row: "hazard then ref, 2 x 2 + 2 writers",
    program: "hazard-then-ref",
    strategy: null,
    bounds: { readers: 2, rounds: 2, writers: 2 },
    beyond: [
      { readers: 3, rounds: 1, writers: 2 },
      { readers: 3, rounds: 2, writers: 2 },
    ],
  },
  {
    // The strategy's own places and looks, with maintenance beside all that: far more steps than the bare algorithm above.
    row: "hazard-pointer's own borrows, 2 x 2 + 1 writer",
    program: "borrow-vs-remove",
    strategy: "hazard-pointer",
    bounds: { borrowers: 2, rounds: 2 },
    beyond: [{ borrowers: 3, rounds: 1 }],
  },
  {
    row: "hazard-pointer's own borrow, then get, 1 x 1 + 1 writer",
    program: "borrow-then-get",
    strategy: "hazard-pointer",
    bounds: { borrowers: 1, rounds: 1 },
    beyond: [
      { borrowers: 1, rounds: 2 },
      { borrowers: 2, rounds: 1 },
    ],
  },
];

/** Through hooks and label set, for every strategy that frees labels: two tasks open and close while a third retires the label. */
export const hookAim: Omit<ReachAim, "strategy"> = {
  row: "two tasks open and close, a third retires",
  program: "open-close-vs-remove",
  bounds: { tasks: 2, pairs: 1 },
  beyond: [
    { tasks: 2, pairs: 2 },
    { tasks: 3, pairs: 1 },
    { tasks: 3, pairs: 2 },
  ],
};

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
