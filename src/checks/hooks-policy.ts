/**
 * Programs in which policy changes under its users, through the kernel, each with all three label sets: tasks work, merge labels
 * and look at each other while their profiles are replaced or removed and namespaces go. What compounds are made of and who makes
 * them first is looked at without tasks in `bare-policy.ts`.
 */
import { Event, LoadFlags, PolicyMode } from "../kernel/events.ts";
import {
  type CpuScript,
  confined,
  kernelShape,
  remover,
  repeated,
  row,
  type ScriptLine,
} from "./hook-shapes.ts";
import { hookProgram } from "./hooks.ts";
import { variants } from "./label-sets.ts";
import { bound } from "./shapes.ts";
import type { CheckProgram } from "./types.ts";

/** Access mask of reading. */
const read = 4;

const krefOnly = { strategies: ["kref"] } as const;

/**
 * One program for each label set. What takes long is checked with kref only (`needs`): how references are counted has nothing to do
 * with it, and other strategies multiply the states.
 */
function policyProgram(
  program: Pick<CheckProgram, "name" | "title" | "needs" | "bounds" | "build">,
): CheckProgram[] {
  return Object.entries(variants).map(([variant, labelSet]) =>
    hookProgram({
      ...program,
      name: `${program.name}-${variant}`,
      options: { labelSet, labelSetRetries: 1 },
    }),
  );
}

/** A CPU that loads a new version of profile `profile`, again and again. */
function replacer(name: string, profile: number, times: number): CpuScript {
  return {
    name,
    before: [],
    script: repeated(times, [[Event.loadProfile, profile, PolicyMode.enforce, LoadFlags.replace]]),
  };
}

const openClose: readonly ScriptLine[] = [
  [Event.open, 0],
  [Event.close, 0],
];

/** Names of namespace 1: its unconfined and a profile, behind the root's profile 1. */
const inside = { unconfined: 2, profile: 3 } as const;

/** The records that confine task `task` by profile 1 of the root and the unconfined of namespace 1. */
function stack(task: number): ScriptLine[] {
  return [...confined(task, 1), [Event.stackProfile, inside.unconfined]];
}

/** Makes namespace 1 with its profile. */
const makeNamespace: readonly ScriptLine[] = [
  [Event.nameProfile, inside.unconfined, 1, 2],
  [Event.nameProfile, inside.profile, 1, 3],
  [Event.createNamespace, 1, 0, inside.unconfined],
  [Event.loadProfile, inside.profile, PolicyMode.enforce, 0],
];

export const policyPrograms: readonly CheckProgram[] = [
  ...policyProgram({
    name: "replace-vs-open",
    title: "A task opens and closes files while its profile is replaced.",
    bounds: {
      pairs: bound("files, one after the other", 1, 4),
      times: bound("new versions, one after the other", 1, 3),
    },
    build: ({ pairs = 0, times = 0 }) =>
      kernelShape({
        profiles: 1,
        tasks: 1,
        descriptors: 1,
        cpus: [
          { name: "opener", before: confined(0, 1), script: repeated(pairs, openClose) },
          replacer("replacer", 1, times),
        ],
      }),
  }),
  ...policyProgram({
    name: "file-merge-vs-close",
    title: "Tasks of another profile read one file, each merging its label into the file's, and close it.",
    needs: krefOnly,
    bounds: { readers: bound("tasks that have the file", 2, 3) },
    build: ({ readers = 0 }) =>
      kernelShape({
        profiles: 2,
        tasks: readers + 1,
        descriptors: 1,
        cpus: row("reader", readers, (name, index) => ({
          name,
          before: [
            ...(index === 0
              ? [
                  ...confined(0, 1),
                  [Event.open, 0] as const,
                  ...row("", readers, (_, task): ScriptLine => [Event.fork, task + 1, 0]),
                  [Event.exit] as const,
                ]
              : []),
            ...confined(index + 1, 2),
          ],
          script: [
            [Event.permission, 0, read],
            [Event.close, 0],
          ] as const,
        })),
      }),
  }),
  ...policyProgram({
    name: "destroy-namespace",
    title:
      "A namespace is destroyed while tasks with its unconfined, alone or in a compound, open and close files.",
    needs: krefOnly,
    bounds: {
      users: bound("tasks with the namespace's unconfined", 1, 2, 0),
      stacked: bound("tasks with a profile of the root as well", 0, 2, 0),
      finders: bound("look-ups of the compound", 1, 2, 0),
      parsers: bound(
        "look-ups of the compound by its profiles' names, which make it where it is not",
        0,
        2,
        0,
      ),
    },
    build: ({ users = 0, stacked = 0, finders = 0, parsers = 0 }) =>
      kernelShape({
        profiles: 1,
        namedProfiles: 1,
        namespaces: 1,
        labelSlots: 1,
        tasks: users + stacked + 1,
        descriptors: 1,
        cpus: [
          {
            name: "destroyer",
            before: [
              [Event.nameProfile, inside.unconfined, 1, 2],
              [Event.createNamespace, 1, 0, inside.unconfined],
              ...(finders + parsers === 0
                ? []
                : [...stack(0), [Event.keepLabel, 0] as const, [Event.exit] as const]),
            ],
            script: [[Event.destroyNamespace, 1]],
          },
          ...row("user", users, (name, index) => ({
            name,
            before: confined(index + 1, inside.unconfined),
            script: openClose,
          })),
          ...row("stacked", stacked, (name, index) => ({
            name,
            before: stack(users + index + 1),
            script: openClose,
          })),
          ...row("finder", finders, (name) => ({
            name,
            before: [],
            script: [[Event.lookUpLabel, 0]] as const,
          })),
          ...row("parser", parsers, (name) => ({
            name,
            before: [],
            script: [[Event.parseLabel, 0]] as const,
          })),
        ],
      }),
  }),
  ...policyProgram({
    name: "remove-vs-newest",
    title: "A task that has an old version of its profile goes on to the newest while that is removed.",
    needs: krefOnly,
    bounds: { inside: bound("1: with the profile its whole namespace goes, 0: the profile alone", 0, 1, 0) },
    build: ({ inside: whole = 0 }) => {
      const profile = whole === 0 ? 1 : inside.profile;
      return kernelShape({
        profiles: 1,
        namedProfiles: 2,
        namespaces: 1,
        tasks: 2,
        descriptors: 1,
        cpus: [
          {
            name: "opener",
            before: [
              ...makeNamespace,
              ...confined(0, profile),
              [Event.loadProfile, profile, PolicyMode.enforce, LoadFlags.replace],
            ],
            script: openClose,
          },
          whole === 0
            ? remover("remover", 1, profile)
            : { name: "destroyer", before: [], script: [[Event.destroyNamespace, 1]] },
        ],
      });
    },
  }),
  ...policyProgram({
    name: "signal-vs-change",
    title: "A task is sent signals, by tasks that look at its label, while it changes its profile and exits.",
    bounds: {
      senders: bound("tasks that send a signal", 1, 3),
      changes: {
        ...bound("changes of its profile, there and back, before the exit", 1, 3, 0),
        maintained: 0,
      },
    },
    build: ({ senders = 0, changes = 0 }) =>
      kernelShape({
        profiles: 2,
        tasks: senders + 1,
        descriptors: 0,
        cpus: [
          {
            name: "target",
            before: [...confined(0, 1), [Event.removeProfile, 1]],
            script: [
              ...repeated(changes, [
                [Event.changeProfile, 2],
                [Event.changeProfile, 0],
              ]),
              [Event.exit],
            ],
          },
          ...row("sender", senders, (name, index) => ({
            name,
            before: [[Event.switchTask, index + 1]] as const,
            script: [[Event.signalTask, 0]] as const,
          })),
        ],
      }),
  }),
];
