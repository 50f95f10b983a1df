/** Path walks in procfs that meet the end of a process: programs that need no strategy. */
import { ProcKind } from "../kernel/procfs/kinds.ts";
import { WalkName } from "../kernel/procfs/walk/walk-names.ts";
import { alike, bound, call, softirq, withoutStrategy } from "./shapes.ts";
import type { CheckProgram } from "./types.ts";

/** Where walks go to: the process's directory, or a file in it. */
const directory = 0;
const file = WalkName.stat;

const kinds = {
  [ProcKind.dentry]: "dentry",
  [ProcKind.inode]: "inode",
  [ProcKind.pid]: "pid",
  [ProcKind.task]: "task",
} as const;

/** How walks go, and what ends with an inode; see the program's options. */
interface Choice {
  readonly target: number;
  readonly rcuRevalidate: 0 | 1;
  readonly wholeEviction?: 0 | 1;
}

type Texts = Pick<CheckProgram, "name" | "title" | "broken">;

function walks(texts: Texts, choice: Choice, actors: { walker: string; exiter: string }, boot: string) {
  const { rcuRevalidate, target, wholeEviction = 0 } = choice;
  return {
    ...withoutStrategy,
    ...texts,
    source: "test/programs/check/proc-walk.ts",
    kinds,
    bounds: { walkers: bound("walkers", 1, 2), exits: bound("processes that exit", 1, 1, 0) },
    // Inodes are large.
    options: { heapBytes: 8192, rcuRevalidate, wholeEviction },
    build: ({ walkers = 0, exits = 0 }) => ({
      actors: [
        // First, because the bugs show where it runs through: depth first, they are found sooner.
        ...alike("exiter", exits, walkers, actors.exiter),
        ...alike("walker", walkers, 0, actors.walker, target),
        softirq(walkers + exits),
      ],
      cpus: walkers + exits + 1,
      boot: [call("bootWalk"), call(boot, target)],
      finish: [call("ended")],
    }),
  } satisfies CheckProgram;
}

/** The dcache knows where walks go to, and nobody has it. */
function unused(texts: Texts, choice: Choice): CheckProgram {
  return walks(texts, choice, { walker: "walker", exiter: "exiter" }, "warm");
}

/** Somebody has what walks go to, so that it stays alive when the process exits. */
function kept(texts: Texts, choice: Choice): CheckProgram {
  return walks(texts, choice, { walker: "lateWalker", exiter: "keptExiter" }, "keep");
}

export const procWalkPrograms: readonly CheckProgram[] = [
  unused(
    { name: "proc-rcu-walk", title: "A process exits while others walk to its directory under RCU." },
    { target: directory, rcuRevalidate: 1 },
  ),
  unused(
    { name: "proc-ref-walk", title: "A process exits while others walk to its directory, with references." },
    { target: directory, rcuRevalidate: 0 },
  ),
  kept(
    {
      name: "proc-walk-dropped",
      title:
        "A process exits while others walk to its directory under RCU. Somebody keeps the directory, but no walk gets it any more.",
      broken: [
        {
          value: 1,
          title: "a walk takes its reference and does not look at the sequence number again",
          verdict: "assertion",
          model: "sc",
        },
        {
          value: 2,
          title: "a dentry that leaves the hash table keeps its sequence number",
          verdict: "assertion",
          model: "sc",
        },
      ],
    },
    { target: directory, rcuRevalidate: 1 },
  ),
  kept(
    {
      name: "proc-file-rcu-walk",
      title: "The same with a file in the directory: two components under RCU.",
    },
    { target: file, rcuRevalidate: 1 },
  ),
  kept(
    {
      name: "proc-file-ref-walk",
      title: "The same, and walks go on with references from the directory on.",
    },
    { target: file, rcuRevalidate: 0 },
  ),
  walks(
    {
      name: "proc-eviction",
      title:
        "A process exits while the last reference to its directory goes. Their ends take all of their locks.",
    },
    { target: directory, rcuRevalidate: 1, wholeEviction: 1 },
    { walker: "putter", exiter: "exiter" },
    "keep",
  ),
];
