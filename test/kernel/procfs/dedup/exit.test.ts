/** Looking up, exit and unshare, one step at a time: what is there after each. */
import { describe, expect, it } from "vitest";
import { DedupAudit } from "../../../../src/kernel/procfs/dedup/dedup-names.ts";
import { ProcEvent } from "../../../../src/kernel/procfs/events.ts";
import { process, type Step } from "./support.ts";

const gone = [0, 0, 0, 0, 0];
/** A directory of a thread with two files, one other entry, and one in each of ns, net and attr. */
const [size, perThread] = [{ threads: 3, files: 2 }, 1 + 2 * 3 + 3 * 2 + 1];
const walkAll: readonly Step[] = [
  [ProcEvent.walkProcess, 0],
  [ProcEvent.walkTasks, 0],
];

describe("a walk", () => {
  it("makes a dentry and an inode of each entry, once", () => {
    const one = process({}, size, [...walkAll, ...walkAll]);
    one.run(1);
    expect(one.pairs()).toEqual([perThread, perThread]);
    one.run(1);
    // And `task` itself.
    expect(one.pairs()).toEqual([4 * perThread + 1, 4 * perThread + 1]);
    one.run(0);
    expect(one.pairs()).toEqual([4 * perThread + 1, 4 * perThread + 1]);
    expect(one.audit(DedupAudit.dentriesMade)).toBe(4 * perThread + 1);
    expect(one.end()).toEqual(gone);
  });

  it("leaves what it looked up on the list of unused dentries, but for directories that are in use", () => {
    const one = process({}, size, walkAll);
    one.run(0);
    const [dentries] = one.pairs();
    // A directory is kept by its children: five of them and itself for each thread and the process, and `task`.
    expect(one.audit(DedupAudit.unused)).toBeLessThanOrEqual(dentries);
    expect(one.audit(DedupAudit.unused)).toBe(dentries - 4 * 6 - 1);
    expect(one.end()).toEqual(gone);
  });
});

describe("a thread's exit", () => {
  it("takes its directory below the leader's, and no other", () => {
    const one = process({}, size, [...walkAll, [ProcEvent.exitThread, 1], ...walkAll]);
    one.run(3);
    expect(one.pairs()).toEqual([3 * perThread + 1, 3 * perThread + 1]);
    expect([one.audit(DedupAudit.pids), one.audit(DedupAudit.tasks)]).toEqual([2, 2]);
    one.run(0);
    expect(one.pairs()).toEqual([3 * perThread + 1, 3 * perThread + 1]);
    expect(one.end()).toEqual(gone);
  });

  it("takes everything when it is the leader's", () => {
    const one = process({}, size, [...walkAll, [ProcEvent.exitThread, 0]]);
    one.run(0);
    expect(one.pairs()).toEqual([0, 0]);
    expect(one.audit(DedupAudit.unused)).toBe(0);
    expect(one.end()).toEqual(gone);
  });

  it("happens once, and a thread that there is not is told", () => {
    const steps: Step[] = [
      [ProcEvent.exitThread, 1],
      [ProcEvent.exitThread, 1],
      [ProcEvent.unshareFiles, 1],
      [ProcEvent.exitThread, 3],
      [ProcEvent.exitThread, -1],
      [ProcEvent.unshareFiles, 3],
    ];
    const one = process({}, size, steps);
    one.run(3);
    expect(one.audit(DedupAudit.badRecords)).toBe(0);
    one.run(0);
    expect(one.audit(DedupAudit.badRecords)).toBe(3);
    expect(one.end()).toEqual(gone);
  });
});

describe("forgetting a name", () => {
  it("takes what is below it, and the next look-up makes it again", () => {
    const again: Step = [ProcEvent.walkProcess, 1];
    const one = process({}, size, [again, [ProcEvent.forget, 1], [ProcEvent.forget, 2], again]);
    one.run(3);
    expect(one.pairs()).toEqual([0, 0]);
    one.run(0);
    expect(one.pairs()).toEqual([perThread, perThread]);
    expect(one.end()).toEqual(gone);
  });
});

describe("a link of a thread's descriptors", () => {
  it("bounces at the next look-up behind unshare, not before", () => {
    const one = process({ links: 2 }, size, [...walkAll, [ProcEvent.unshareFiles, 1], ...walkAll]);
    one.run(3);
    expect(one.audit(DedupAudit.invalidated)).toBe(0);
    const [before] = one.pairs();
    one.run(0);
    // fd and fdinfo of one thread.
    expect(one.audit(DedupAudit.invalidated)).toBe(2);
    expect(one.pairs()[0] - before).toBe(2 * size.files);
    expect(one.end()).toEqual(gone);
  });
});
