/** The policy text with a count for profiles and one for inodes and openers: programs that need no strategy. */
import { alike, bootCall, bound, call, softirq } from "./shapes.ts";
import type { CheckProgram, ProgramShape } from "./types.ts";

const plain = {
  kind: "bare",
  strategy: false,
  source: "test/programs/check/rawdata.ts",
} as const;

/** `users` CPUs with an actor each, softirq on the one behind them, where the first text lies, too. */
function shape(users: number, profiles: number, inode: number, actors: ProgramShape["actors"]): ProgramShape {
  return {
    actors: [...actors, softirq(users)],
    cpus: users + 1,
    boot: [bootCall(users, "boot", profiles, inode)],
    finish: [call("clear", profiles)],
  };
}

/** Profiles 0, 1, ... go, each on a CPU of its own. */
const droppers = (count: number, firstCpu: number): ProgramShape["actors"] =>
  Array.from({ length: count }, (_, profile) => ({
    name: `profile ${profile + 1}`,
    role: "script" as const,
    cpu: firstCpu + profile,
    entry: "dropper",
    args: [firstCpu + profile, profile],
  }));

const rounds = bound("times that each opens", 1, 4);

export const rawdataPrograms: readonly CheckProgram[] = [
  {
    ...plain,
    name: "rawdata-last-profile",
    title:
      "A policy text is opened through one of its profiles while they go, the last one with the count of all.",
    bounds: {
      openers: bound("openers", 2, 3),
      rounds,
      profiles: bound("profiles with the text", 2, 4),
    },
    build: ({ openers = 0, rounds = 0, profiles = 0 }) =>
      shape(openers + profiles, profiles, 0, [
        ...alike("opener", openers, 0, "opener", rounds),
        ...droppers(profiles, openers),
      ]),
    broken: [
      { value: 1, title: "the count is raised from 0", verdict: "double-free", model: "sc" },
      {
        value: 2,
        title: "the text is freed without a grace period",
        verdict: "use-after-free",
        model: "sc",
      },
      {
        value: 5,
        title: "every profile drops the count that they have together",
        verdict: "use-after-free",
        model: "sc",
      },
    ],
  },
  {
    ...plain,
    name: "rawdata-inode",
    title: "A policy text is opened through its inode, which goes only after the last profile.",
    bounds: { openers: bound("openers", 2, 4), rounds },
    build: ({ openers = 0, rounds = 0 }) =>
      shape(openers + 1, 1, 1, [
        ...alike("opener", openers, 0, "inodeOpener", rounds),
        ...alike("remover", 1, openers, "remover"),
      ]),
    broken: [
      {
        value: 3,
        title: "there is one count, of which the inode has none",
        verdict: "use-after-free",
        model: "sc",
      },
    ],
  },
  {
    ...plain,
    name: "rawdata-replace",
    title: "A policy text is opened through its profile while the profile gets another one.",
    bounds: {
      openers: bound("openers", 2, 4),
      rounds,
      replacements: bound("replacements", 1, 3),
    },
    build: ({ openers = 0, rounds = 0, replacements = 0 }) =>
      shape(openers + 1, 1, 0, [
        ...alike("opener", openers, 0, "opener", rounds),
        ...alike("replacer", 1, openers, "replacer", replacements),
      ]),
    broken: [
      {
        value: 4,
        title: "who opens is in no read section",
        verdict: "use-after-free",
        model: "sc",
      },
    ],
  },
];
