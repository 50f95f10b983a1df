/**
 * Compounds and profiles that are replaced, with kref, in all variants of the label set: what may happen between those who merge
 * labels, look them up or go on to the newest version, those who drop the last reference, and who replaces a profile.
 */
import { type Variant, variants } from "./label-sets.ts";
import { alike, bootCall, bound, call, softirq } from "./shapes.ts";
import type { BrokenVariant, CheckProgram, ProgramShape } from "./types.ts";

interface PolicyProgram extends Pick<CheckProgram, "name" | "title" | "bounds" | "build"> {
  /** Deliberate bugs, looked for with the last variant. */
  readonly broken?: readonly BrokenVariant[];
}

/** One program for each label set. */
function policyProgram({ name, broken, ...program }: PolicyProgram): CheckProgram[] {
  const chosen = Object.keys(variants) as Variant[];
  return chosen.map((variant) => ({
    ...program,
    name: `${name}-${variant}`,
    kind: "bare",
    source: "test/programs/check/policy.ts",
    strategy: true,
    needs: { strategies: ["kref"] },
    options: { labelSet: variants[variant], labelSetRetries: 1, heapBytes: 4096 },
    ...(broken === undefined || variant !== chosen.at(-1) ? {} : { broken }),
  }));
}

/** What `boot` keeps: see `Keep` of the program. */
const keep = { nothing: 0, profiles: 1, compound: 2, owned: 4, replaced: 8, begun: 16 } as const;

/** `users` CPUs with an actor each, softirq on the one behind them, where what boot makes lies, too. */
function shape(users: number, profiles: number, kept: number, actors: ProgramShape["actors"]): ProgramShape {
  return {
    actors: [...actors, softirq(users)],
    cpus: users + 1,
    boot: [bootCall(users, "boot", profiles, kept)],
    finish: [call("check", users), call("dismantle")],
  };
}

const times = bound("new versions, one after the other", 1, 3);

export const policyBarePrograms: readonly CheckProgram[] = [
  ...policyProgram({
    name: "replaced-look-up",
    title: "A profile's label, or a compound with it, is looked up while the profile is replaced.",
    bounds: {
      finders: bound("look-ups at once of the profile's label", 1, 2, 0),
      compounds: bound("look-ups at once of the compound", 0, 2, 0),
      rounds: bound("look-ups of each", 1, 3),
      times,
    },
    build: ({ finders = 0, compounds = 0, rounds = 0, times = 0 }) =>
      shape(
        finders + compounds + 1,
        2,
        (finders > 0 ? keep.profiles : 0) | (compounds > 0 ? keep.compound : 0),
        [
          ...alike("finder", finders, 0, "finder", 1, rounds),
          ...alike("compound finder", compounds, finders, "finder", 0, rounds),
          ...alike("replacer", 1, finders + compounds, "replacer", 1, times),
        ],
      ),
    broken: [
      { value: 4, title: "a replaced label stays in the set", verdict: "lost-label", model: "sc" },
      {
        value: 8,
        title: "a compound does not keep its profiles",
        verdict: "use-after-free",
        model: "sc",
        bounds: { finders: 0, compounds: 1 },
      },
    ],
  }),
  ...policyProgram({
    name: "replace-vs-newest",
    title: "Who has an old version of a label goes on to the newest while another version comes.",
    bounds: {
      users: bound("who goes on to the newest", 1, 2),
      rounds: bound("times that each does so", 1, 3),
      before: bound("1: the label had been replaced once before, 0: it had not", 1, 1, 0),
      times,
    },
    build: ({ users = 0, rounds = 0, before = 0, times = 0 }) =>
      shape(users + 1, 2, keep.profiles | (before * keep.replaced), [
        ...alike("user", users, 0, "refresher", 1, rounds),
        ...alike("replacer", 1, users, "replacer", 1, times),
      ]),
    broken: [
      {
        value: 3,
        title: "a replaced label is marked stale before its proxy leads to the new one",
        verdict: "assertion",
        model: "sc",
        bounds: { before: 0 },
      },
      {
        value: 7,
        title: "the proxy gives up the newest version although an old one is there beside it",
        verdict: "assertion",
        model: "sc",
      },
    ],
  }),
  ...policyProgram({
    name: "compound-creators",
    title: "Creators of one compound at once: all must end with one label.",
    bounds: { creators: bound("creators", 2, 3) },
    build: ({ creators = 0 }) =>
      shape(creators, 2, keep.profiles, alike("creator", creators, 0, "creator", 1, 2, 0)),
  }),
  ...policyProgram({
    name: "compound-drain",
    title: "A creator drops its compound, the last reference perhaps, while others make the same one.",
    bounds: { creators: bound("creators who keep it", 1, 2) },
    build: ({ creators = 0 }) =>
      shape(creators + 1, 2, keep.profiles, [
        ...alike("creator", creators, 0, "creator", 1, 2, 0),
        ...alike("leaver", 1, creators, "creator", 1, 2, 1),
      ]),
  }),
  ...policyProgram({
    name: "compound-merge",
    title: "Labels of two profiles that are looked up by name are merged several times at once.",
    bounds: { mergers: bound("who merges, at once", 2, 3) },
    build: ({ mergers = 0 }) => shape(mergers, 2, keep.nothing, alike("merger", mergers, 0, "merger", 1, 2)),
    broken: [
      {
        value: 2,
        title: "merging forgets to drop one of the references that it took",
        verdict: "leak",
        model: "sc",
      },
    ],
  }),
  ...policyProgram({
    name: "compound-last-put",
    title: "The last reference of a compound goes while it is made by somebody else.",
    bounds: { creators: bound("creators", 1, 2) },
    build: ({ creators = 0 }) =>
      shape(creators + 1, 2, keep.profiles | keep.owned, [
        ...alike("leaver", 1, 0, "leaver"),
        ...alike("creator", creators, 1, "creator", 1, 2, 0),
      ]),
    broken: [
      {
        value: 1,
        title: "a new compound shares the proxy of an equal one that is dead",
        verdict: "use-after-free",
        model: "sc",
      },
    ],
  }),
  ...policyProgram({
    name: "replace-vs-merge",
    title: "Labels of two profiles are merged, and kept, while one of the profiles is replaced.",
    bounds: {
      creators: bound("who merges, at once", 1, 2),
      kept: bound("1: somebody has the old label all the time, 0: nobody has", 0, 1, 0),
      times,
    },
    build: ({ creators = 0, kept = 0, times = 0 }) =>
      shape(creators + 1, 2, keep.profiles | (kept * keep.compound), [
        ...alike("creator", creators, 0, "creator", 1, 2, 0),
        ...alike("replacer", 1, creators, "replacer", 1, times),
      ]),
    broken: [
      {
        value: 5,
        title: "who replaces a profile looks for compounds before the old one is marked stale",
        verdict: "assertion",
        model: "sc",
      },
      {
        value: 6,
        title: "who makes a compound does not look at its profiles again",
        verdict: "assertion",
        model: "sc",
      },
    ],
  }),
];
