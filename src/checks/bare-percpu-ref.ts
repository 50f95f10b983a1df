/** percpu_ref without a strategy, over test/programs/check/percpu-ref.ts. */
import { alike, bootCall, bound, call, type EntryCall, softirq, withoutStrategy } from "./shapes.ts";
import type { CheckProgram, ProgramShape } from "./types.ts";

const common = { ...withoutStrategy, source: "test/programs/check/percpu-ref.ts" };
/** `RefInit` of the kernel's core. */
const startAtomic = 1;
const allowReinit = 4;
const users = (preset: number) => bound("users", preset, 6);
const rounds = (doc: string, preset = 1) => bound(doc, preset, 8);

interface Setting {
  /** References of users at boot. */
  readonly held?: number;
  readonly flags?: number;
  readonly keep?: boolean;
}

/** Users on the first CPUs, who call `use`; on the next one somebody who calls `other`, and is named after that entry. */
function shape(users: number, use: EntryCall, other: EntryCall, setting: Setting): ProgramShape {
  const { held = 0, flags = 0, keep = false } = setting;
  const last = users + 1;
  return {
    actors: [...alike("user", users, 0, ...use), ...alike(other[0], 1, users, ...other), softirq(last)],
    cpus: last + 1,
    boot: [bootCall(last, "boot", held, flags, keep ? 1 : 0)],
    finish: [call("clear")],
  };
}

export const percpuRefPrograms: readonly CheckProgram[] = [
  {
    ...common,
    name: "percpu-ref-switch",
    title: "Users get and put while the count goes to atomic mode and back.",
    bounds: {
      users: users(1),
      rounds: bound("pairs of each user", 1, 8, 0),
      switches: rounds("switches to and fro"),
      sync: bound("1: waits between the switch and the way back", 0, 1, 0),
    },
    build: ({ users = 0, rounds = 0, switches = 0, sync = 0 }) =>
      shape(users, ["getPutLeave", rounds], ["switcher", switches, sync], {
        held: users,
        flags: allowReinit,
      }),
    broken: [
      {
        value: 4,
        title: "the counters are summed without a grace period",
        verdict: "leak",
        model: "sc",
        // A put that gets lost, and no get that could be.
        bounds: { rounds: 0 },
      },
    ],
  },
  {
    ...common,
    name: "percpu-ref-kill",
    title:
      "The object is killed while users look for live references: once that is confirmed nobody gets one.",
    bounds: { users: users(1), rounds: rounds("look-ups of each user", 2) },
    build: ({ users = 0, rounds = 0 }) => shape(users, ["lookUpLive", rounds], ["killer", 0], { keep: true }),
    broken: [
      { value: 1, title: "it is killed twice", verdict: "assertion", model: "sc" },
      {
        value: 2,
        title: "a live reference is taken although the object is dead",
        verdict: "assertion",
        model: "sc",
      },
    ],
  },
  {
    ...common,
    name: "percpu-ref-last-put",
    title: "The object is hidden, killed and freed while users look it up and use it.",
    bounds: {
      users: users(1),
      rounds: rounds("look-ups of each user"),
      atomic: bound("1: counts with one atomic counter from the start", 0, 1, 0),
    },
    build: ({ users = 0, rounds = 0, atomic = 0 }) =>
      shape(users, ["lookUp", rounds], ["killer", 1], { flags: atomic * startAtomic }),
    broken: [
      {
        value: 3,
        title: "it is freed without a grace period",
        verdict: "use-after-free",
        model: "sc",
        // A switch from per-CPU counters has a grace period of its own, which does as well.
        bounds: { atomic: 1 },
      },
    ],
  },
  {
    ...common,
    name: "percpu-ref-reinit",
    title: "The object is killed, drained and begun anew while users look it up.",
    bounds: { users: users(1), rounds: rounds("look-ups of each user") },
    build: ({ users = 0, rounds = 0 }) =>
      shape(users, ["lookUp", rounds], ["reiniter"], { keep: true, flags: allowReinit }),
  },
  {
    ...common,
    name: "percpu-ref-resurrect",
    title: "A kill is taken back while users look the object up and drop references.",
    bounds: { users: users(1), rounds: rounds("look-ups of each user") },
    build: ({ users = 0, rounds = 0 }) =>
      shape(users, ["lookUp", rounds], ["resurrecter"], { flags: allowReinit }),
  },
];
