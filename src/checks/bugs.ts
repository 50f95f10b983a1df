/**
 * Published bugs of the kernel, each as a small program of its shape: as it was before the fix (`--broken`) and as it is after it.
 * Their stories are told in docs/kernel-bugs.md.
 */
import { alike, bootCall, bound, call, softirq } from "./shapes.ts";
import type { BrokenVariant, CheckProgram, KernelBug, ProgramShape } from "./types.ts";

interface BugProgram extends Pick<CheckProgram, "name" | "title" | "bounds" | "build"> {
  /** File in test/programs/check/bugs/. */
  readonly file: string;
  readonly bug: KernelBug;
  readonly before: Pick<BrokenVariant, "title" | "verdict"> & { readonly value?: number };
}

function bugProgram({ file, before, ...program }: BugProgram): CheckProgram {
  return {
    kind: "kernel bug",
    strategy: false,
    source: `test/programs/check/bugs/${file}.ts`,
    ...program,
    broken: [{ value: 1, model: "sc", ...before }],
  };
}

/** Actors on the first CPUs; the objects in the area of the one behind them, where callbacks run, too, where there are any. */
function shape(
  actors: ProgramShape["actors"],
  { callbacks = false, clear = false, boot = [] as readonly number[] } = {},
): ProgramShape {
  const last = actors.length;
  return {
    actors: callbacks ? [...actors, softirq(last)] : actors,
    cpus: last + 1,
    boot: [bootCall(last, "boot", ...boot)],
    finish: clear ? [call("clear")] : [],
  };
}

export const bugPrograms: readonly CheckProgram[] = [
  bugProgram({
    name: "bug-rawdata-open",
    title: "The file with a profile's text is opened while the last profile goes.",
    file: "apparmorfs",
    bug: { commit: "a0b7091c4de4", subject: "apparmor: fix race on rawdata dereference" },
    before: { title: "the inode has no count of the text", verdict: "use-after-free" },
    bounds: { openers: bound("openers", 1, 3) },
    build: ({ openers = 0 }) =>
      shape([...alike("opener", openers, 0, "opener"), ...alike("remover", 1, openers, "remover")]),
  }),
  bugProgram({
    name: "bug-inode-private",
    title: "A file of apparmorfs is open while its directory entry is removed.",
    file: "apparmorfs",
    bug: {
      commit: "8e135b8aee5a",
      subject: "apparmor: fix race between freeing data and fs accessing it",
    },
    before: {
      value: 2,
      title: "the inode's count of the text goes with the directory entry",
      verdict: "use-after-free",
    },
    bounds: { openers: bound("openers", 1, 3) },
    build: ({ openers = 0 }) =>
      shape([...alike("opener", openers, 0, "opener"), ...alike("remover", 1, openers, "remover")]),
  }),
  bugProgram({
    name: "bug-aio-look-up",
    title: "An AIO context is looked up under RCU while it is destroyed.",
    file: "aio-look-up",
    bug: { commit: "3bd9a5d734c7", subject: "aio: fix rcu ioctx lookup" },
    before: { title: "the look-up adds to a count of 0", verdict: "use-after-free" },
    bounds: { submitters: bound("submitters", 1, 3) },
    build: ({ submitters = 0 }) =>
      shape(
        [
          ...alike("submitter", submitters, 0, "submitter"),
          ...alike("destroyer", 1, submitters, "destroyer"),
        ],
        { callbacks: true },
      ),
  }),
  bugProgram({
    name: "bug-epoll-dead-file",
    title: "A watched file is polled while it is closed.",
    file: "epoll",
    bug: { commit: "4efaa5acf0a1", subject: "epoll: be better about file lifetimes" },
    before: { title: "a driver takes a count of a file that has none left", verdict: "use-after-free" },
    bounds: { pollers: bound("pollers", 1, 3) },
    build: ({ pollers = 0 }) =>
      shape([...alike("poller", pollers, 0, "poller"), ...alike("closer", 1, pollers, "closer")]),
  }),
  bugProgram({
    name: "bug-fget-closed",
    title: "A descriptor is looked up while it is closed and its file is collected as garbage.",
    file: "fget",
    bug: {
      commit: "054aa8d439b9",
      subject: "fget: check that the fd still exists after getting a ref to it",
    },
    before: { title: "the look-up does not look at the descriptor again", verdict: "use-after-free" },
    bounds: { receivers: bound("receivers", 1, 3) },
    build: ({ receivers = 0 }) => {
      const actors = [
        ...alike("receiver", receivers, 0, "receiver"),
        ...alike("closer", 1, receivers, "closer"),
      ];
      // Garbage that was in use when it was looked for is found the next time.
      return { ...shape(actors, { callbacks: true }), finish: [call("collect", 0)] };
    },
  }),
  bugProgram({
    name: "bug-recycled-vma",
    title: "A memory area that was found under RCU is another process's by the time it is locked.",
    file: "recycled-vma",
    bug: {
      commit: "9bbffee67ffd",
      subject: "mm: fix a UAF when vma->mm is freed after vma->vm_refcnt got dropped",
    },
    before: {
      title: "nothing keeps the other address space when its area is dropped",
      verdict: "use-after-free",
    },
    bounds: { readers: bound("readers", 1, 3) },
    build: ({ readers = 0 }) =>
      shape([...alike("reader", readers, 0, "reader"), ...alike("recycler", 1, readers, "recycler")], {
        clear: true,
      }),
  }),
  bugProgram({
    name: "bug-rcuref-late-put",
    title: "An rcuref comes to no reference twice, because a look-up came in between.",
    file: "rcuref-put",
    bug: { commit: "b9a49520679e", subject: "rcuref: Plug slowpath race in rcuref_put()" },
    before: { title: "a late put reads the count again", verdict: "negative-count" },
    bounds: { readers: bound("readers", 1, 3) },
    build: ({ readers = 0 }) =>
      shape([...alike("reader", readers, 0, "reader"), ...alike("owner", 1, readers, "owner")], {
        callbacks: true,
      }),
  }),
  bugProgram({
    name: "bug-hugetlb-split",
    title: "A memory area is split; both halves are unmapped while their control group is removed.",
    file: "hugetlb-split",
    bug: { commit: "09a26e832705", subject: "hugetlb: fix hugetlb cgroup refcounting during vma split" },
    before: {
      title: "the second half has the pointer to the group and no count of it",
      verdict: "negative-count",
    },
    bounds: {},
    build: () =>
      shape([...alike("unmapper", 2, 0, "unmapper"), ...alike("remover", 1, 2, "remover")], {
        callbacks: true,
      }),
  }),
  bugProgram({
    name: "bug-nvmet-queue",
    title: "A queue is destroyed while one of its commands waits for an event.",
    file: "nvmet-queue",
    bug: { commit: "819f7b88b48f", subject: "nvmet: fail outstanding host posted AEN req" },
    before: { title: "a command that waits for an event is not ended", verdict: "deadlock" },
    bounds: {},
    build: () =>
      shape([...alike("worker", 1, 0, "worker"), ...alike("destroyer", 1, 1, "destroyer")], {
        callbacks: true,
      }),
  }),
  bugProgram({
    name: "bug-namespace-unconfined",
    title: "A namespace's unconfined is used while the namespace is removed.",
    file: "unconfined",
    bug: { commit: "fa2ac468db51", subject: "apparmor: update how unconfined is handled" },
    before: { title: "the pointer to it is read outside RCU", verdict: "use-after-free" },
    bounds: { users: bound("users", 1, 3) },
    build: ({ users = 0 }) =>
      shape([...alike("user", users, 0, "user"), ...alike("remover", 1, users, "remover")], {
        callbacks: true,
        clear: true,
      }),
  }),
  bugProgram({
    name: "bug-policy-update",
    title: "A task without permission to manage policy writes some.",
    file: "policy-update",
    bug: { commit: "c6b39f070722", subject: "apparmor: Fix aa_label refcnt leak in policy_update" },
    before: { title: "the way out after the refusal drops no count", verdict: "leak" },
    bounds: { allowed: bound("1: it has the permission", 0, 1, 0) },
    build: ({ allowed = 0 }) =>
      shape([...alike("writer", 1, 0, "writer"), ...alike("remover", 1, 1, "remover")], { boot: [allowed] }),
  }),
  bugProgram({
    name: "bug-proc-pid",
    title: "A walk under RCU asks a dentry of procfs for its process while the dentry goes.",
    file: "proc-pid",
    bug: {
      commit: "47458802f660",
      subject: "procfs: move dropping pde and pid from ->evict_inode() to ->free_inode()",
    },
    before: {
      title: "an inode gives its pid up when it is evicted",
      verdict: "use-after-free",
    },
    bounds: { walkers: bound("walkers", 1, 3) },
    build: ({ walkers = 0 }) =>
      shape([...alike("walker", walkers, 0, "walker"), ...alike("invalidator", 1, walkers, "invalidator")], {
        callbacks: true,
      }),
  }),
];
