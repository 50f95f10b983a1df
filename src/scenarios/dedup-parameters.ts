/** What a user can say of `proc-dedup`, and the shapes that follow from it: the one that is built, and the full scale. */
import { z } from "zod";
import { type DedupCounts, type DedupVariant, dedupCounts, dedupWalkers } from "./dedup-counts.ts";

const size = (from: number, to: number) => z.int().min(from).max(to);

export const dedupParameters = z.strictObject({
  walker: z
    .enum(dedupWalkers)
    .default("find")
    .describe(
      "who looked everything up: find sees the leader's directory, every-tid looks up /proc/<tid> of each thread",
    ),
  threads: size(1, 4096).default(128).describe("threads that are built"),
  files: size(0, 16_384).default(32).describe("open files of the process that are built"),
  others: size(0, 200)
    .default(1)
    .describe("other entries that are built in each directory of a process or thread"),
  ns: size(0, 16).default(1).describe("entries of its directory ns that are built"),
  net: size(0, 200).default(1).describe("entries of its directory net that are built"),
  attr: size(0, 16).default(1).describe("entries of its directory attr that are built"),
  unshared: size(0, 4096)
    .default(0)
    .describe("threads beside the leader that leave the shared descriptor table (unshare(CLONE_FILES))"),
  leaderUnshares: z.boolean().default(false).describe("whether the leader leaves it"),
  unshareWhen: z
    .enum(["before", "after"])
    .default("before")
    .describe(
      "whether they leave before everything is looked up, or after, and then it is looked up once more",
    ),
  fullThreads: size(1, 100_000).default(4096).describe("threads of the full scale, which is computed"),
  fullFiles: size(0, 1_000_000).default(16_384).describe("its open files"),
  fullOthers: size(0, 1000)
    .default(40)
    .describe("its other entries: files of a thread's directory in v4.16 with a distribution's options"),
  fullNs: size(0, 16).default(8).describe("entries of its directory ns: as in v4.16"),
  fullNet: size(0, 1000)
    .default(78)
    .describe(
      "entries of its directory net: fitted, so that a thread's directory is the 138 that come to the published 600,000",
    ),
  fullAttr: size(0, 16).default(6).describe("entries of its directory attr: as in v4.16"),
});
export type DedupParameters = z.infer<typeof dedupParameters>;

/** The shape that is built. */
export function builtShape(given: DedupParameters, variant: string) {
  const { attr, files, leaderUnshares, net, ns, others, threads, walker } = given;
  const unshared = Math.min(given.unshared, threads - 1);
  return {
    variant: variant as DedupVariant,
    walker,
    threads,
    files,
    inDirectories: ns + net + attr,
    others,
    unshared,
    leaderUnshared: leaderUnshares,
  };
}

/** The same at full scale, with nobody unshared. */
export function fullCounts(given: DedupParameters, variant: string): DedupCounts {
  const { fullFiles: files, fullOthers: others, fullThreads: threads, walker } = given;
  return dedupCounts({
    variant: variant as DedupVariant,
    walker,
    threads,
    files,
    inDirectories: given.fullNs + given.fullNet + given.fullAttr,
    others,
    unshared: 0,
    leaderUnshared: false,
  });
}
