/**
 * Programs that go through the kernel: the real hooks and the real interpreter, on scripts of a few events. Profile 1 is the
 * one that goes away. Who removes it while others run has a task of its own, the last, which stays unconfined.
 */
import { Event } from "../kernel/events.ts";
import { confined, kernelShape, remover, repeated, row, type ScriptLine } from "./hook-shapes.ts";
import { bound } from "./shapes.ts";
import type { CheckProgram } from "./types.ts";

/** Access mask of reading. */
const read = 4;

/** A strategy that never releases a label leaves one over whenever a profile is removed. */
const needs = { releases: ["lastPut", "retire", "scan"] } as const;

/** A program through the kernel: what all of them have in common. */
export function hookProgram({
  options = {},
  ...program
}: Omit<CheckProgram, "kind" | "source" | "strategy">): CheckProgram {
  return {
    kind: "hooks",
    source: "src/kernel/program.ts",
    strategy: true,
    needs,
    options: { percpuBytes: 1024, heapBytes: 8192, buffers: 0, bufferBytes: 64, ...options },
    ...program,
  };
}

const openClose: readonly ScriptLine[] = [
  [Event.open, 0],
  [Event.close, 0],
];

export const hookPrograms: readonly CheckProgram[] = [
  hookProgram({
    name: "open-close-vs-remove",
    title: "Tasks open and close a file each while their profile is removed.",
    bounds: {
      tasks: { ...bound("tasks", 2, 4), maintained: 1 },
      pairs: bound("files of each task, one after the other", 1, 8),
    },
    build: ({ tasks = 0, pairs = 0 }) =>
      kernelShape({
        profiles: 1,
        tasks: tasks + 1,
        descriptors: 1,
        cpus: [
          ...row("opener", tasks, (name, task) => ({
            name,
            before: confined(task, 1),
            script: repeated(pairs, openClose),
          })),
          remover("remover", tasks, 1),
        ],
      }),
  }),
  hookProgram({
    name: "open-vs-change-profile",
    title:
      "A thread opens and closes a file while another leaves their removed profile, and with it their cred.",
    bounds: {
      pairs: bound("files, one after the other", 1, 8),
      threads: { ...bound("threads that leave", 2, 3), maintained: 1 },
    },
    build: ({ pairs = 0, threads = 0 }) =>
      kernelShape({
        profiles: 2,
        tasks: threads + 1,
        descriptors: 1,
        cpus: [
          {
            name: "opener",
            before: [
              ...confined(0, 1),
              ...row("", threads, (_, index): ScriptLine => [Event.fork, index + 1, 1]),
              [Event.removeProfile, 1],
            ],
            script: repeated(pairs, openClose),
          },
          ...row("changer", threads, (name, index) => ({
            name,
            before: [[Event.switchTask, index + 1]] as const,
            script: [[Event.changeProfile, 2]] as const,
          })),
        ],
      }),
  }),
  hookProgram({
    name: "last-put-vs-look-up",
    title: "Tasks change to a profile, which looks its label up, and back while the profile is removed.",
    bounds: {
      tasks: bound("tasks", 1, 3),
      rounds: bound("changes of each task to the profile and back", 1, 4),
    },
    build: ({ tasks = 0, rounds = 0 }) =>
      kernelShape({
        profiles: 1,
        tasks: tasks + 1,
        descriptors: 0,
        cpus: [
          ...row("changer", tasks, (name, task) => ({
            name,
            before: [[Event.switchTask, task]] as const,
            script: repeated(rounds, [
              [Event.changeProfile, 1],
              [Event.changeProfile, 0],
            ]),
          })),
          remover("remover", tasks, 1),
        ],
      }),
  }),
  hookProgram({
    name: "pass-file",
    title: "A task passes its file to others, which close it, and exits while its profile is removed.",
    bounds: { receivers: bound("tasks that get the file, from one channel", 1, 3) },
    build: ({ receivers = 0 }) =>
      kernelShape({
        profiles: 1,
        tasks: receivers + 2,
        descriptors: 1,
        channels: 1,
        cpus: [
          {
            name: "sender",
            before: [...confined(0, 1), [Event.open, 0]],
            script: [...repeated(receivers, [[Event.passFile, 0, 0]]), [Event.exit]],
          },
          ...row("receiver", receivers, (name, index) => ({
            name,
            before: [[Event.switchTask, index + 1]] as const,
            script: [
              [Event.receiveFile, 0, 0],
              [Event.close, 0],
            ] as const,
          })),
          remover("remover", receivers + 1, 1),
        ],
      }),
  }),
  hookProgram({
    name: "fork-exit",
    title:
      "A task with an open file forks a child onto another CPU; both exit while their profile is removed.",
    needs: { ...needs, maintenance: false },
    bounds: {
      shared: bound("1: the child is a thread that shares the cred, 0: it has one of its own", 1, 1, 0),
    },
    build: ({ shared = 0 }) =>
      kernelShape({
        profiles: 1,
        tasks: 3,
        descriptors: 1,
        cpus: [
          {
            name: "parent",
            before: [...confined(0, 1), [Event.open, 0]],
            script: [[Event.fork, 1, shared], [Event.post], [Event.exit]],
          },
          { name: "child", before: [], script: [[Event.waitFor, 0, 1], [Event.switchTask, 1], [Event.exit]] },
          remover("remover", 2, 1),
        ],
      }),
  }),
  hookProgram({
    name: "exit-vs-remove",
    title: "Tasks with an open file exit while their profile is removed.",
    bounds: {
      tasks: { ...bound("tasks", 2, 4), maintained: 1 },
      files: bound("open files of each task", 1, 4, 0),
    },
    build: ({ tasks = 0, files = 0 }) =>
      kernelShape({
        profiles: 1,
        tasks: tasks + 1,
        descriptors: files,
        cpus: [
          ...row("leaver", tasks, (name, task) => ({
            name,
            before: [...confined(task, 1), ...row("", files, (_, fd): ScriptLine => [Event.open, fd])],
            script: [[Event.exit]] as const,
          })),
          remover("remover", tasks, 1),
        ],
      }),
  }),
  hookProgram({
    name: "permission-vs-close",
    title:
      "Tasks with one of the profiles of a file's label read the file, which they inherited, and close it, while the other one is removed.",
    bounds: {
      readers: { ...bound("readers", 2, 3), maintained: 1 },
      reads: bound("reads of each", 1, 4),
      removed: {
        ...bound("1: the other profile is removed meanwhile, 0: it is not", 1, 1, 0),
        maintained: 0,
      },
    },
    build: ({ readers = 0, reads = 0, removed = 0 }) =>
      kernelShape({
        profiles: 2,
        tasks: readers + 2,
        descriptors: 1,
        cpus: [
          ...row("reader", readers, (name, index) => ({
            name,
            before: [
              ...(index > 0
                ? []
                : [
                    ...confined(0, 1),
                    [Event.stackProfile, 2] as const,
                    [Event.open, 0] as const,
                    ...row("", readers, (_, child): ScriptLine => [Event.fork, child + 1, 0]),
                    [Event.exit] as const,
                  ]),
              ...confined(index + 1, 2),
            ],
            script: [...repeated(reads, [[Event.permission, 0, read]]), [Event.close, 0] as const],
          })),
          ...(removed === 0 ? [] : [remover("remover", readers + 1, 1)]),
        ],
      }),
  }),
  hookProgram({
    name: "secid-vs-remove",
    title:
      "Tasks are asked for their secid, with a reference to their label as in v6.6, while it is removed.",
    bounds: { tasks: bound("tasks", 2, 4), asks: bound("questions to each task", 1, 8) },
    options: { hooks: 66 },
    build: ({ tasks = 0, asks = 0 }) =>
      kernelShape({
        profiles: 1,
        tasks: tasks + 1,
        descriptors: 0,
        cpus: [
          ...row("asker", tasks, (name, task) => ({
            name,
            before: confined(task, 1),
            script: repeated(asks, [[Event.secid]]),
          })),
          remover("remover", tasks, 1),
        ],
      }),
  }),
  hookProgram({
    name: "two-removals",
    title: "A profile is removed on several CPUs at once: all but one find nothing to remove.",
    bounds: { removers: bound("removers", 2, 4) },
    build: ({ removers = 0 }) =>
      kernelShape({
        profiles: 1,
        tasks: removers,
        descriptors: 0,
        cpus: row("remover", removers, (name, task) => remover(name, task, 1)),
      }),
  }),
  hookProgram({
    name: "task-hand-over",
    title:
      "A task goes from one CPU to the next, closes its file there and exits while its profile is removed.",
    bounds: { moves: bound("moves to a further CPU", 1, 3) },
    build: ({ moves = 0 }) =>
      kernelShape({
        profiles: 1,
        tasks: moves + 2,
        descriptors: 1,
        cpus: [
          {
            name: "cpu 0",
            before: [...confined(0, 1), [Event.open, 0]],
            script: [[Event.switchTask, 1], [Event.post]],
          },
          ...row("cpu", moves, (_, index) => ({
            name: `cpu ${index + 1}`,
            before: [] as const,
            script: [
              [Event.waitFor, index, 1],
              [Event.switchTask, 0],
              ...(index + 1 < moves
                ? ([[Event.switchTask, index + 2], [Event.post]] as const)
                : ([[Event.close, 0], [Event.exit]] as const)),
            ] as const,
          })),
          remover("remover", moves + 1, 1),
        ],
      }),
  }),
];
