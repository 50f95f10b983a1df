/** percpu_ref without a strategy, over test/programs/check/percpu-ref.ts. */
import { alike, bootCall, bound, call, softirq } from "./shapes.ts";
import type { CheckProgram, ProgramShape } from "./types.ts";

const source = "test/programs/check/percpu-ref.ts";
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

function shape(cpus: number, actors: ProgramShape["actors"], setting: Setting = {}): ProgramShape {
  const { held = 0, flags = 0, keep = false } = setting;
  return {
    actors: [...actors, softirq(cpus - 1)],
    cpus,
    boot: [bootCall(cpus - 1, "boot", held, flags, keep ? 1 : 0)],
    finish: [call("clear")],
  };
}

export const percpuRefPrograms: readonly CheckProgram[] = [
  {
    name: "percpu-ref-switch",
    title: "Users get and put while the count goes to atomic mode and back.",
    kind: "bare",
    source,
    strategy: false,
    bounds: {
      users: users(1),
      rounds: bound("pairs of each user", 1, 8, 0),
      switches: rounds("switches to and fro"),
      sync: bound("1: waits between the switch and the way back", 0, 1, 0),
    },
    build: ({ users = 0, rounds = 0, switches = 0, sync = 0 }) =>
      shape(
        users + 2,
        [
          ...alike("user", users, 0, "getPutLeave", rounds),
          ...alike("switcher", 1, users, "switcher", switches, sync),
        ],
        { held: users, flags: allowReinit },
      ),
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
    name: "percpu-ref-kill",
    title:
      "The object is killed while users look for live references: once that is confirmed nobody gets one.",
    kind: "bare",
    source,
    strategy: false,
    bounds: { users: users(1), rounds: rounds("look-ups of each user", 2) },
    build: ({ users = 0, rounds = 0 }) =>
      shape(
        users + 2,
        [...alike("user", users, 0, "lookUpLive", rounds), ...alike("killer", 1, users, "killer", 0)],
        { keep: true },
      ),
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
    name: "percpu-ref-last-put",
    title: "The object is hidden, killed and freed while users look it up and use it.",
    kind: "bare",
    source,
    strategy: false,
    bounds: {
      users: users(1),
      rounds: rounds("look-ups of each user"),
      atomic: bound("1: counts with one atomic counter from the start", 0, 1, 0),
    },
    build: ({ users = 0, rounds = 0, atomic = 0 }) =>
      shape(
        users + 2,
        [...alike("user", users, 0, "lookUp", rounds), ...alike("killer", 1, users, "killer", 1)],
        { flags: atomic * startAtomic },
      ),
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
    name: "percpu-ref-reinit",
    title: "The object is killed, drained and begun anew while users look it up.",
    kind: "bare",
    source,
    strategy: false,
    bounds: { users: users(1), rounds: rounds("look-ups of each user") },
    build: ({ users = 0, rounds = 0 }) =>
      shape(
        users + 2,
        [...alike("user", users, 0, "lookUp", rounds), ...alike("reiniter", 1, users, "reiniter")],
        { keep: true, flags: allowReinit },
      ),
  },
  {
    name: "percpu-ref-resurrect",
    title: "A kill is taken back while users look the object up and drop references.",
    kind: "bare",
    source,
    strategy: false,
    bounds: { users: users(1), rounds: rounds("look-ups of each user") },
    build: ({ users = 0, rounds = 0 }) =>
      shape(
        users + 2,
        [...alike("user", users, 0, "lookUp", rounds), ...alike("resurrecter", 1, users, "resurrecter")],
        { flags: allowReinit },
      ),
  },
];
