/** The work buffers that CPUs share: programs that need no strategy. */
import { alike, bound, call } from "./shapes.ts";
import type { BrokenVariant, CheckProgram } from "./types.ts";

function bufferProgram(
  name: string,
  title: string,
  buffers: number,
  broken: readonly BrokenVariant[],
): CheckProgram {
  return {
    name,
    title,
    kind: "bare",
    strategy: false,
    source: "test/programs/check/buffers.ts",
    bounds: {
      users: bound("users", 2, 4),
      rounds: bound("uses by each", 2, 6),
      hands: bound("buffers that each has at a time", 1, 2),
      spare: bound("buffers in the list beside the reserve", 1, 4, 0),
    },
    options: { buffers },
    build: ({ users = 0, rounds = 0, hands = 0, spare = 0 }) => ({
      actors: alike("user", users, 0, "user", rounds, hands),
      cpus: users + 1,
      boot: [call("boot", spare)],
      finish: [call("ended")],
    }),
    broken,
  };
}

export const bufferPrograms: readonly CheckProgram[] = [
  bufferProgram("buffers-pool", "Users take work buffers from a list that grows, and give them back.", 2, [
    { value: 1, title: "a buffer is given back without the lock", verdict: "assertion", model: "sc" },
    { value: 2, title: "a buffer is taken without the lock", verdict: "assertion", model: "sc" },
    {
      value: 3,
      title: "the lock is given back before the buffer is off the list",
      verdict: "assertion",
      model: "sc",
    },
  ]),
  bufferProgram(
    "buffers-hybrid",
    "Users take work buffers from a list or a cache of their own, and give them back to either.",
    3,
    [
      {
        value: 4,
        title: "a buffer is given to the list although the lock is taken",
        verdict: "assertion",
        model: "sc",
      },
      { value: 5, title: "all CPUs have one cache", verdict: "assertion", model: "sc" },
    ],
  ),
];
