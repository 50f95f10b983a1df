/**
 * How many dentries and inodes the directories of one process take, by formula: what `proc-dedup` builds must come to the same, and
 * what is too large to be built is told by these alone. Exact while below 2^53: numbers are too large for 32 bits.
 *
 * T threads (the leader among them), F open files. A directory of a thread is itself, fd and fdinfo with F entries each, ns, net and
 * attr with theirs, and other entries; one of a process has `task` beside. What is not below fd and fdinfo is the same for each, K.
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
  /** Entries of ns, net and attr together, and other entries of each directory of a process or thread. */
  readonly inDirectories: number;
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
  const { files, inDirectories, leaderUnshared, others, threads, unshared, variant, walker } = shape;
  const isTgid = variant === "symlink-tgid";
  /** Threads beside the leader that do not share its descriptor table: their links are directories, and hard links end at them. */
  const own = leaderUnshared ? threads - 1 : unshared;
  /** fd directories (each with an fdinfo) that have entries: below task/<tid>, and in /proc/<tid> for the leader and for the others. */
  const inThreads = linksFiles[variant] ? own + (isTgid ? 1 : 0) : threads;
  const inLeader = isTgid ? 0 : 1;
  const inOthers = isTgid ? 0 : linksFiles[variant] ? own : threads - 1;

  // fd, fdinfo, ns, net and attr are there in any case, as directories or as links.
  const threadDentries = 1 + others + 5 + inDirectories;
  const processDentries = 1 + others + 5 + 1 + (isTgid ? 0 : inDirectories);
  // With links for `task`, only the leader's is a directory; other variants repeat it below every tid.
  const taskDirectories =
    walker === "find" || variant === "symlink-task" || linksFiles[variant] ? 1 : threads;
  const processes = walker === "find" ? 1 : threads;

  const threadFileEntries = 2 * files * inThreads * taskDirectories;
  const ownFileEntries = 2 * files * (inLeader + (walker === "find" ? 0 : inOthers));
  const fileEntries = threadFileEntries + ownFileEntries;
  const dentries = processes * processDentries + taskDirectories * threads * threadDentries + fileEntries;
  // One inode for a descriptor of the leader's table, and of each thread's that does not share it.
  const inodes = variant === "hard-link" ? dentries - fileEntries + 2 * files * (1 + own) : dentries;
  return { dentries, inodes, fileEntries, threadFileEntries };
}
