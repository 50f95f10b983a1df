/** Hard links: whose inodes names have, before and after unshare(CLONE_FILES), and what happens to them when threads exit. */
import { describe, expect, it } from "vitest";
import { DedupAudit } from "../../../../src/kernel/procfs/dedup/dedup-names.ts";
import { ProcEvent } from "../../../../src/kernel/procfs/events.ts";
import { procProgram, procRun } from "../support.ts";
import { bootOf, dedupSource, process, type Step, scriptOf } from "./support.ts";

const size = { threads: 3, files: 2, others: 0, ns: 0, net: 0, attr: 0 };
const walkLeader: readonly Step[] = [
  [ProcEvent.walkProcess, 0],
  [ProcEvent.walkTasks, 0],
];
/** Names of descriptors: F in fd and fdinfo of the process and of three threads. */
const fileNames = 2 * size.files * (1 + size.threads);

/** Inodes of descriptors after these steps, and dentries found to be wrong. */
function filesAfter(steps: readonly Step[]): readonly [inodes: number, invalidated: number] {
  const one = process({ hardLinks: 1 }, size, steps);
  one.run(0);
  const [dentries, inodes] = one.pairs();
  const invalidated = one.audit(DedupAudit.invalidated);
  const found = inodes - (dentries - fileNames);
  expect(one.audit(DedupAudit.badRecords)).toBe(0);
  expect(one.end()).toEqual([0, 0, 0, 0, 0]);
  return [found, invalidated];
}

describe("inodes of descriptors", () => {
  it("are one for all threads that share the table", () => {
    expect(filesAfter(walkLeader)).toEqual([2 * size.files, 0]);
  });

  it("are a thread's own once it has left the table, whether before or after they were looked up", () => {
    const leave: Step = [ProcEvent.unshareFiles, 1];
    expect(filesAfter([leave, ...walkLeader])).toEqual([4 * size.files, 0]);
    expect(filesAfter([...walkLeader, leave, ...walkLeader])).toEqual([4 * size.files, 2 * size.files]);
  });

  it("are everybody's own when the leader has left it", () => {
    const leave: Step = [ProcEvent.unshareFiles, 0];
    expect(filesAfter([leave, ...walkLeader])).toEqual([6 * size.files, 0]);
    expect(filesAfter([...walkLeader, leave, ...walkLeader])).toEqual([6 * size.files, 4 * size.files]);
  });

  it("of a thread that exits go with it, the leader's stay", () => {
    const steps: readonly Step[] = [[ProcEvent.unshareFiles, 1], ...walkLeader, [ProcEvent.exitThread, 1]];
    const one = process({ hardLinks: 1 }, size, steps);
    one.run(3);
    const [, before] = one.pairs();
    one.run(0);
    const [, after] = one.pairs();
    // Its directory, the five in it, and two inodes for each file.
    expect(before - after).toBe(6 + 2 * size.files);
    expect(one.end()).toEqual([0, 0, 0, 0, 0]);
  });
});

describe("look-ups that meet the end of threads", () => {
  // Two look everything up while the others' owner exits, then the leader, in any order.
  const walks = Array.from({ length: 3 }, () => walkLeader).flat();
  const scripts: readonly (readonly Step[])[] = [
    walks,
    [...walks, [ProcEvent.walkProcess, 1]],
    [
      [ProcEvent.unshareFiles, 2],
      [ProcEvent.exitThread, 2],
      [ProcEvent.exitThread, 1],
      [ProcEvent.exitThread, 0],
    ],
  ];

  it.each([
    ["hard-link", { hardLinks: 1 }],
    ["copies", { links: 0 }],
    ["symlink-tgid", { links: 3 }],
  ] as const)("touch nothing late and leave nothing behind: %s", (_name, options) => {
    const program = procProgram(dedupSource, { verify: 1, ...options });
    const kinds = ["dentries", "inodes", "pids", "tasks", "unused"] as const;
    for (let seed = 1; seed <= 8; seed++) {
      const { after, verdicts } = procRun(
        program,
        seed,
        [["boot", ...bootOf(size)], ...[0, 1, 2, 3].map((cpu) => ["bootCpu", cpu] as const)],
        scripts.map(() => ["run", 0] as const),
        [["dismantle"], ...kinds.map((kind) => ["audit", DedupAudit[kind]] as const)],
        scripts.map(scriptOf),
      );
      expect([verdicts, after.slice(1)], `seed ${seed}`).toEqual([[], [0, 0, 0, 0, 0]]);
    }
  });
});
