/** Path walks in /proc while processes come and go, under random schedules in the verify build: nothing is touched late, nothing is left. */
import { describe, expect, it } from "vitest";
import { Event } from "../../../src/kernel/events.ts";
import { ProcEvent } from "../../../src/kernel/procfs/events.ts";
import { WalkAudit } from "../../../src/kernel/procfs/walk/walk-names.ts";
import { procProgram, procRun } from "./support.ts";

const source = "src/kernel/procfs/walk/program.ts";
const pids = 4;
const cpus = 3;

/** Visits everybody, its own process and the other CPUs' included, `rounds` times, each time as a new process. */
function script(cpu: number, rounds: number): Int32Array {
  const cells: number[] = [];
  for (let round = 0; round < rounds; round++) {
    cells.push(ProcEvent.exit, 0, 0, 0, ProcEvent.spawn, 0, 0, 0);
    for (let pid = 0; pid < pids + cpus; pid++)
      cells.push(ProcEvent.visit, (pid + cpu * 2) % (pids + cpus), 0, 0);
  }
  return Int32Array.from([...cells, Event.end, 0, 0, 0]);
}

function walk(options: Readonly<Record<string, number>>, seed: number, rounds = 3) {
  const before = [
    ["boot", pids, 2, 6, 0, 0, 0],
    ...Array.from({ length: cpus + 1 }, (_, cpu) => ["bootCpu", cpu] as const),
  ] as const;
  const actors = Array.from({ length: cpus }, () => ["run", 0] as const);
  const asked = [WalkAudit.requests, WalkAudit.badRecords, WalkAudit.walks, WalkAudit.refWalks];
  const objects = [WalkAudit.dentries, WalkAudit.inodes, WalkAudit.pids, WalkAudit.tasks];
  const after = [
    ...asked.map((counter) => ["audit", counter] as const),
    ...Array.from({ length: cpus }, (_, cpu) => ["teardown", cpu] as const),
    ["dismantle"] as const,
    ...objects.map((counter) => ["audit", counter] as const),
  ];
  const scripts = Array.from({ length: cpus }, (_, cpu) => script(cpu, rounds));
  const program = procProgram(source, { verify: 1, ...options });
  const run = procRun(program, seed, before, actors, after, scripts);
  return {
    verdicts: run.verdicts,
    asked: run.after.slice(0, asked.length),
    left: run.after.slice(-objects.length),
  };
}

describe.each([
  ["ref-walk", 0],
  ["rcu-walk", 1],
])("%s", (_name, rcuRevalidate) => {
  it("leaves nothing behind and touches nothing late, in any order", () => {
    for (let seed = 1; seed <= 3; seed++) {
      const { asked, left, verdicts } = walk({ rcuRevalidate }, seed);
      const [requests, badRecords, walks = 0, refWalks = 0] = asked;
      expect([verdicts, left], `seed ${seed}`).toEqual([[], [0, 0, 0, 0]]);
      expect([requests, badRecords, walks]).toEqual([63, 0, 252]);
      // What begins anew for a change goes counted from the start, and what is not in the dcache has nobody to ask.
      if (rcuRevalidate === 1) expect(refWalks).toBe(0);
      else expect(refWalks).toBeGreaterThan(100);
    }
  });

  it("finds nothing of a process that has exited, though the dcache knew its directory and files", () => {
    const own = pids;
    const cells = [ProcEvent.visit, own, 0, 0, ProcEvent.exit, 0, 0, 0, ProcEvent.visit, own, 0, 0];
    const asked = [WalkAudit.walks, WalkAudit.missing, WalkAudit.restarts, WalkAudit.dentries];
    const { after, verdicts } = procRun(
      procProgram(source, { verify: 1, rcuRevalidate }),
      1,
      [
        ["boot", pids, 2, 6, 0, 0, 0],
        ["bootCpu", 0],
      ],
      [["run", 0]],
      [...asked.map((counter) => ["audit", counter] as const), ["teardown", 0], ["dismantle"]],
      [Int32Array.from([...cells, Event.end, 0, 0, 0])],
    );
    // Of the second visit's four walks none arrives; `/`, where procfs is mounted, and its root are left.
    expect([verdicts, after.slice(0, asked.length)]).toEqual([[], [8, 4, 0, 3]]);
  });
});
