/** procfs' locks, lockref and inodes: programs that need no strategy. */
import { alike, bound, call, softirq, withoutStrategy } from "./shapes.ts";
import type { CheckProgram } from "./types.ts";

const folder = "test/programs/check";
const locks = { ...withoutStrategy, source: `${folder}/proc-locks.ts` } as const;
const lockref = { ...withoutStrategy, source: `${folder}/proc-lockref.ts` } as const;
const inodes = { ...withoutStrategy, source: `${folder}/proc-inodes.ts` } as const;

export const procfsPrograms: readonly CheckProgram[] = [
  {
    name: "queued-lock",
    title: "CPUs queue up for a spinlock, one at a time is inside.",
    ...locks,
    bounds: { lockers: bound("CPUs", 3, 4), rounds: bound("times that each takes the lock", 1, 3) },
    build: ({ lockers = 0, rounds = 0 }) => ({
      actors: alike("locker", lockers, 0, "locker", rounds),
      cpus: lockers,
      boot: [call("bootLock")],
      finish: [call("lockEnded")],
    }),
    broken: [
      { value: 1, title: "the lock is taken with a load and a store", verdict: "assertion", model: "sc" },
    ],
  },
  {
    name: "mutex",
    title: "CPUs spin for a mutex whose holder runs, one at a time is inside.",
    ...locks,
    bounds: { lockers: bound("CPUs", 3, 4), rounds: bound("times that each takes the mutex", 1, 3) },
    build: ({ lockers = 0, rounds = 0 }) => ({
      actors: alike("locker", lockers, 0, "mutexLocker", rounds),
      cpus: lockers,
      boot: [call("bootLock")],
      finish: [call("mutexEnded")],
    }),
    broken: [
      {
        value: 2,
        title: "whoever waits for the owner to leave takes the mutex with a store",
        verdict: "assertion",
        model: "sc",
      },
    ],
  },
  {
    name: "inode-list",
    title: "CPUs make inodes and drop some of them; all that are there are on one list.",
    ...inodes,
    bounds: { users: bound("CPUs", 2, 3) },
    // Inodes are large.
    options: { heapBytes: 8192 },
    build: ({ users = 0 }) => ({
      actors: [...alike("user", users, 0, "inodeUser"), softirq(users)],
      cpus: users + 1,
      boot: [call("bootList")],
      finish: [call("listEnded")],
    }),
    broken: [
      {
        value: 1,
        title: "a new inode goes on the list without the lock",
        verdict: "assertion",
        model: "sc",
      },
    ],
  },
  {
    name: "inode-end",
    title:
      "An inode is looked up under RCU while its last reference goes, and with it the inode, by all locks of an eviction.",
    ...inodes,
    bounds: { finders: bound("CPUs that look it up", 2, 3) },
    // Inodes are large.
    options: { heapBytes: 8192, wholeEviction: 1 },
    build: ({ finders = 0 }) => ({
      actors: [
        ...alike("finder", finders, 0, "finder"),
        ...alike("owner", 1, finders, "inodeOwner"),
        softirq(finders + 1),
      ],
      cpus: finders + 3,
      boot: [call("bootInode")],
      finish: [call("inodeEnded")],
    }),
    broken: [
      {
        value: 2,
        title: "a look-up uses an inode that is being freed",
        verdict: "use-after-free",
        model: "sc",
      },
      {
        value: 3,
        title: "a put that is not the last is a load and a store",
        verdict: "assertion",
        model: "sc",
      },
    ],
  },
  {
    name: "lockref-end",
    title: "An object with a lockref is looked up under RCU while its last reference goes.",
    ...lockref,
    bounds: { users: bound("users", 2, 3) },
    build: ({ users = 0 }) => ({
      actors: [...alike("user", users, 0, "user"), ...alike("owner", 1, users, "owner"), softirq(users + 1)],
      cpus: users + 2,
      boot: [call("bootRef")],
      finish: [],
    }),
    broken: [
      {
        value: 1,
        title: "a look-up uses the object although it is dead",
        verdict: "use-after-free",
        model: "sc",
      },
      {
        value: 2,
        title: "the last put does not mark the object dead",
        verdict: "use-after-free",
        model: "sc",
      },
      {
        value: 3,
        title: "whether a put is the last is decided before the lock is taken",
        verdict: "use-after-free",
        model: "sc",
      },
    ],
  },
];
