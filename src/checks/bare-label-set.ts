/** The label set in its variants, with kref: what may happen between creators, the drain of the list, look-ups, puts and updates. */
import { type Variant, variants } from "./label-sets.ts";
import { alike, bootCall, bound, call, type EntryCall, softirq } from "./shapes.ts";
import type { BrokenVariant, CheckProgram, ProgramShape } from "./types.ts";

interface SetProgram extends Pick<CheckProgram, "title" | "bounds" | "build"> {
  readonly name: string;
  /** Times that a look-up begins again before it takes the lock; 1 unless given. */
  readonly retries?: number;
  /** All unless given. */
  readonly variants?: readonly Variant[];
  /** Deliberate bugs; all are of `rcu-list`. */
  readonly broken?: readonly BrokenVariant[];
}

function setProgram({ name, broken, retries = 1, ...program }: SetProgram): CheckProgram[] {
  const chosen = program.variants ?? (Object.keys(variants) as Variant[]);
  return chosen.map((variant) => ({
    name: `${name}-${variant}`,
    title: program.title,
    kind: "bare",
    source: "test/programs/check/label-set.ts",
    strategy: true,
    needs: { strategies: ["kref"] },
    bounds: program.bounds,
    options: { labelSet: variants[variant], labelSetRetries: retries },
    build: program.build,
    ...(broken === undefined || variant !== "rcu-list" ? {} : { broken }),
  }));
}

/** `users` CPUs with an actor each, softirq on the one behind them; `planted` is a set of keys, as bits. */
function shape(users: number, planted: number, owner: number, actors: ProgramShape["actors"]): ProgramShape {
  return {
    actors: [...actors, softirq(users)],
    cpus: users + 1,
    boot: [bootCall(users, "boot", planted, owner)],
    finish: [call("clear", users), call("emptied")],
  };
}

/** Creators of labels of their own, keys 0, 1, ... */
const differentCreators = (count: number): ProgramShape["actors"] =>
  Array.from({ length: count }, (_, cpu) => ({
    name: `creator ${cpu + 1}`,
    role: "script" as const,
    cpu,
    entry: "creator",
    args: [cpu, cpu],
  }));

const nobody = -1;

/**
 * Look-ups and creators of a label at once, and its owner on the CPU behind theirs, named after the entry that it calls.
 * `there`: what look-ups must find, see the entry `finder`.
 */
function ownerProgram(there: number, owner: EntryCall): Pick<SetProgram, "bounds" | "build"> {
  return {
    bounds: { finders: bound("look-ups at once", 1, 3), creators: bound("creators", 1, 3, 0) },
    build: ({ finders = 0, creators = 0 }) =>
      shape(finders + creators + 1, 0b10, finders + creators, [
        ...alike("finder", finders, 0, "finder", 1, there, 1),
        ...alike("creator", creators, finders, "creator", 1),
        ...alike(owner[0], 1, finders + creators, ...owner),
      ]),
  };
}

export const labelSetPrograms: readonly CheckProgram[] = [
  ...setProgram({
    name: "set-creators",
    title: "Creators of one and the same label at once: all must end with one label.",
    bounds: { creators: bound("creators", 2, 4) },
    build: ({ creators = 0 }) => shape(creators, 0, nobody, alike("creator", creators, 0, "creator", 1)),
    broken: [
      {
        value: 7,
        title: "the list is emptied before its labels are in the tree",
        verdict: "duplicate-label",
        model: "sc",
      },
      { value: 8, title: "an empty list always looks the same", verdict: "duplicate-label", model: "sc" },
      {
        value: 10,
        title: "the list is looked at after the tree",
        verdict: "duplicate-label",
        model: "sc",
      },
    ],
  }),
  ...setProgram({
    name: "set-drain",
    title: "Creators of different labels: one appends while another one drains the list.",
    variants: ["rcu-list"],
    bounds: { creators: bound("creators", 2, 4) },
    build: ({ creators = 0 }) => shape(creators, 0, nobody, differentCreators(creators)),
    broken: [
      {
        value: 1,
        title: "the list is emptied with a plain store, whatever was appended meanwhile",
        verdict: "lost-label",
        model: "sc",
      },
      { value: 2, title: "the drain does not take the lock", verdict: "assertion", model: "sc" },
      { value: 5, title: "nobody looks at the list again", verdict: "assertion", model: "sc" },
      {
        value: 6,
        title: "looking at the list again is not ordered behind giving the lock back",
        verdict: "assertion",
        model: "tso",
      },
    ],
  }),
  ...setProgram({
    name: "set-no-wait",
    title: "Creators and a look-up get on while somebody has the lock until they are done.",
    variants: ["rcu-list"],
    bounds: { creators: bound("creators of one label", 1, 3) },
    build: ({ creators = 0 }) =>
      shape(creators + 2, 0b1, nobody, [
        ...alike("creator", creators, 0, "quickCreator", 1),
        ...alike("finder", 1, creators, "finder", 0, 1, 1),
        ...alike("holder", 1, creators + 1, "longUpdate", creators),
      ]),
    broken: [{ value: 11, title: "creators take the lock", verdict: "deadlock", model: "sc" }],
  }),
  ...setProgram({
    name: "set-rebalance",
    title: "A look-up of a label that is there while a creator's label makes the tree turn around it.",
    retries: 0,
    bounds: { finders: bound("look-ups at once", 1, 3), rounds: bound("look-ups of each", 1, 4) },
    build: ({ finders = 0, rounds = 0 }) =>
      shape(finders + 1, 0b11, nobody, [
        ...alike("finder", finders, 0, "finder", 1, 1, rounds),
        ...alike("creator", 1, finders, "creator", 2),
      ]),
    broken: [
      {
        value: 3,
        title: "a miss is believed without another look at the sequence counter",
        verdict: "lost-label",
        model: "sc",
      },
    ],
  }),
  ...setProgram({
    name: "set-last-put",
    title: "The last reference of a label goes while it is looked up, and made again.",
    ...ownerProgram(0, ["leaver"]),
    broken: [
      {
        value: 4,
        title: "a new label is not put in the place of an equal one that is dead",
        verdict: "lost-label",
        model: "sc",
      },
      {
        value: 9,
        title: "a removed label is freed without a second grace period",
        verdict: "use-after-free",
        model: "sc",
      },
    ],
  }),
  ...setProgram({
    name: "set-replace",
    title: "A label is replaced by a new version while it is looked up, and made by somebody else.",
    ...ownerProgram(2, ["replacer", 1]),
  }),
];
