/**
 * How many dentries and inodes the directories of one process take, by formula: what `proc-dedup` builds must come to the same, and
 * what is too large to be built is told by these alone. Exact while below 2^53: numbers are too large for 32 bits.
 *
 * T threads (the leader among them), F open files, K other entries in each directory of a process or a thread. fd and fdinfo with
 * their entries are 2 + 2F; a directory of a process is itself, K, these two, and `task`; one of a thread the same without `task`.
 */

export const dedupVariants = [
  "copies",
  "symlink-task",
  "symlink-files",
  "symlink-tgid",
  "hard-link",
] as const;
export type DedupVariant = (typeof dedupVariants)[number];

/** Who looks: `find` sees what readdir shows, so /proc/<tid> of the leader only; `every-tid` looks up each by its name. */
export const dedupWalkers = ["find", "every-tid"] as const;
export type DedupWalker = (typeof dedupWalkers)[number];

export interface DedupShape {
  readonly variant: DedupVariant;
  readonly walker: DedupWalker;
  readonly threads: number;
  readonly files: number;
  readonly others: number;
  /** Threads beside the leader that have left the shared descriptor table, and whether the leader has. */
  readonly unshared: number;
  readonly leaderUnshared: boolean;
}

export interface DedupCounts {
  /** Dentries, and inodes: pairs where there are as many. */
  readonly dentries: number;
  readonly inodes: number;
  /** Dentries of files below fd and fdinfo, all of them and those below task/<tid>. */
  readonly fileEntries: number;
  readonly threadFileEntries: number;
}

/** Whether fd and fdinfo of threads can be links. */
const linksFiles: Readonly<Record<DedupVariant, boolean>> = {
  copies: false,
  "symlink-task": false,
  "symlink-files": true,
  "symlink-tgid": true,
  "hard-link": false,
};

/** What is looked up, counted. */
export function dedupCounts(shape: DedupShape): DedupCounts {
  const { files, leaderUnshared, others, threads, unshared, variant, walker } = shape;
  const isTgid = variant === "symlink-tgid";
  /** Threads beside the leader with directories of their own where links are possible. */
  const own = leaderUnshared ? threads - 1 : unshared;
  /** fd directories (each with an fdinfo) that have entries: below task/<tid>, and in /proc/<tid> for the leader and for the others. */
  const inThreads = linksFiles[variant] ? own + (isTgid ? 1 : 0) : threads;
  const inLeader = isTgid ? 0 : 1;
  const inOthers = isTgid ? 0 : linksFiles[variant] ? own : threads - 1;

  // fd and fdinfo are there in any case, as directories or as links.
  const processDentries = 1 + others + 2 + 1;
  const threadDentries = 1 + others + 2;
  // With links for `task`, only the leader's is a directory; other variants repeat it below every tid.
  const taskDirectories =
    walker === "find" || variant === "symlink-task" || linksFiles[variant] ? 1 : threads;
  const processes = walker === "find" ? 1 : threads;

  const threadFileEntries = 2 * files * inThreads * taskDirectories;
  const ownFileEntries = 2 * files * (inLeader + (walker === "find" ? 0 : inOthers));
  const fileEntries = threadFileEntries + ownFileEntries;
  const dentries = processes * processDentries + taskDirectories * threads * threadDentries + fileEntries;
  const inodes = variant === "hard-link" ? dentries - fileEntries + 2 * files : dentries;
  return { dentries, inodes, fileEntries, threadFileEntries };
}
