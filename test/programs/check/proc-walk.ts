/**
 * Path walks in procfs that meet the end of a process, whose directory and file the dcache knows.
 *
 * What the sequence number of a dentry protects (d_seq, which d_drop moves): once a dentry is out of the hash table, no walk that came
 * to it under RCU before gets a reference to it any more. Without that a walk would still be right about the past (the directory
 * was there when it was found, its memory lasts through the read section, and a dead one is refused by its lockref), but a dentry that
 * somebody keeps stays alive, and would go on getting references for as long as there are read sections: whoever has
 * dropped it and counts its references could not rely on the count. The keeper is why the dentry lives on, `lateWalker` the judge.
 *
 * `broken` chooses a deliberate bug (`Bug`).
 */
import {
  Boot,
  coreBoot,
  heapAlloc,
  heapFree,
  kernelGlobals,
  type ProgramMeta,
  RcuHead,
  Verdict,
  violation,
} from "refplay/kernel";
import {
  type bool,
  type i32,
  load,
  option,
  type ptr,
  rcuReadLock,
  rcuReadUnlock,
  rcuTake,
  store,
} from "refplay/machine";
import { runCallback } from "../../../src/kernel/procfs/callbacks.ts";
import {
  dcacheBoot,
  dcacheFindRcu,
  dentryAdd,
  dentryNew,
  dput,
  foundSeq,
  isSame,
  pidOfDentry,
} from "../../../src/kernel/procfs/dcache.ts";
import { DcacheGlobal, Dentry, lockrefOf } from "../../../src/kernel/procfs/dcache-layout.ts";
import { dInvalidate } from "../../../src/kernel/procfs/dcache-shrink.ts";
import { inodeNew } from "../../../src/kernel/procfs/inodes.ts";
import { ProcKind } from "../../../src/kernel/procfs/kinds.ts";
import { lockrefCount, lockrefGetNotDead } from "../../../src/kernel/procfs/lockref.ts";
import { Pid, processNew } from "../../../src/kernel/procfs/tasks.ts";
import { unusedListed } from "../../../src/kernel/procfs/unused-list.ts";
import { pidEntryBytes, WalkGlobal } from "../../../src/kernel/procfs/walk/globals.ts";
import { walkPath } from "../../../src/kernel/procfs/walk/path-walk.ts";
import { goneFromProc } from "../../../src/kernel/procfs/walk/processes.ts";
import { WalkName } from "../../../src/kernel/procfs/walk/walk-names.ts";

/** Values of the option `broken`. */
export enum Bug {
  none = 0,
  /** The walk takes its reference and does not look at the sequence number again. */
  unchecked = 1,
  /** Taking a dentry out of the hash table leaves its sequence number as it was. */
  keepSeq = 2,
}

const broken: i32 = option("broken");

/** Cells behind `kernelGlobals`, far enough for procfs' own. */
export enum Shared {
  /** The dentry to which there is a reference from beginning to end. */
  kept = 512,
  /** Whether the process's exit is complete. */
  gone = 576,
  /** The kept dentry, once it was seen out of the hash table and with that one reference. */
  alone = 640,
}

function shared(cell: i32): ptr {
  return kernelGlobals + cell;
}

/** Process 0 in procfs, whose root has a name in `/`; made by a CPU that no actor has. */
export function bootWalk(): void {
  coreBoot();
  const cpu: i32 = load(Boot.cpus) - 1;
  dcacheBoot(cpu, 0);
  const table: ptr = heapAlloc(cpu, ProcKind.table, pidEntryBytes);
  store(WalkGlobal.table, table);
  store(WalkGlobal.pids, 1);
  const root: ptr = dentryNew(cpu, 0, 0, inodeNew(cpu, 0, 0), 0);
  const mountPoint: ptr = dentryAdd(cpu, dentryNew(cpu, root, WalkName.proc, inodeNew(cpu, 0, 0), 0));
  const proc: ptr = dentryNew(cpu, 0, 0, inodeNew(cpu, 0, 0), 0);
  store(WalkGlobal.root, root);
  store(WalkGlobal.mountPoint, mountPoint);
  store(WalkGlobal.proc, proc);
  processNew(cpu, table, 0);
}

/** Makes the process's directory, or the `file` in it, known, so that walks find it. */
export function warm(file: i32): void {
  const cpu: i32 = load(Boot.cpus) - 1;
  dput(cpu, walkPath(cpu, 0, file));
}

/** The same, and somebody keeps it, as an open file does. */
export function keep(file: i32): void {
  store(shared(Shared.kept), walkPath(load(Boot.cpus) - 1, 0, file));
}

/** Walks to the directory, or to `file` in it. */
export function walker(cpu: i32, file: i32): void {
  const found: ptr = walkPath(cpu, 0, file);
  if (found !== 0) dput(cpu, found);
}

/** The same: nothing is found of what was gone before, and nobody gets what was dropped and left to its keeper. */
export function lateWalker(cpu: i32, file: i32): void {
  const late: bool = load(shared(Shared.gone)) !== 0;
  const found: ptr = broken !== Bug.none ? walkShort(cpu) : walkPath(cpu, 0, file);
  if (found === 0) return;
  const alone: ptr = load(shared(Shared.alone));
  if (late || found === alone) violation(cpu, Verdict.assertion, found);
  dput(cpu, found);
}

/** Only the end of the walk to the directory, so that a search that goes deep first gets to the bug. */
function walkShort(cpu: i32): ptr {
  rcuReadLock();
  let found: ptr = dcacheFindRcu(cpu, load(WalkGlobal.proc), 0);
  if (found !== 0) {
    const seq: i32 = foundSeq(cpu);
    const pid: ptr = pidOfDentry(found);
    if (load(pid + Pid.task) === 0 || !lockrefGetNotDead(cpu, lockrefOf(found))) {
      found = 0;
    } else if (broken !== Bug.unchecked && !isSame(found, seq)) {
      dput(cpu, found);
      found = 0;
    }
  }
  rcuReadUnlock();
  return found;
}

/** Who keeps what was walked to has done with it. */
export function putter(cpu: i32, _file: i32): void {
  const kept: ptr = load(shared(Shared.kept));
  store(shared(Shared.kept), 0);
  dput(cpu, kept);
}

/** The process exits while its directory, or a file in it, is kept. */
export function keptExiter(cpu: i32): void {
  const kept: ptr = load(shared(Shared.kept));
  const seq: i32 = load(kept + Dentry.seq);
  goneFromProc(cpu, 0);
  if (broken === Bug.keepSeq) store(kept + Dentry.seq, seq);
  // Only the keeper has it: whoever gets it from now on gets it too late.
  if (lockrefCount(lockrefOf(kept)) === 1) store(shared(Shared.alone), kept);
  store(shared(Shared.gone), 1);
}

/** The process exits. */
export function exiter(cpu: i32): void {
  goneFromProc(cpu, 0);
}

/** What is left then is taken down; whatever is alive after that was leaked. */
export function ended(): void {
  const cpu: i32 = load(Boot.cpus) - 1;
  const kept: ptr = load(shared(Shared.kept));
  if (kept !== 0) dput(cpu, kept);
  goneFromProc(cpu, 0);
  const proc: ptr = load(WalkGlobal.proc);
  dInvalidate(cpu, proc);
  dput(cpu, proc);
  const mountPoint: ptr = load(WalkGlobal.mountPoint);
  dInvalidate(cpu, mountPoint);
  dput(cpu, mountPoint);
  dput(cpu, load(WalkGlobal.root));
  heapFree(cpu, load(WalkGlobal.table));
  if (unusedListed() !== 0) violation(0, Verdict.assertion, DcacheGlobal.unusedCount);
}

/** Runs RCU callbacks until none can come any more. */
export function softirq(cpu: i32): void {
  let head: ptr = rcuTake();
  while (head !== 0) {
    runCallback(cpu, load(head + RcuHead.callback), head);
    head = rcuTake();
  }
}

export default {
  options: {
    rcuRevalidate: { unit: "0/1", default: 1, min: 0, max: 1, doc: "As in the program of proc-walk." },
    lockTimes: { unit: "0/1", default: 0, min: 0, max: 1, doc: "As in the program of proc-dedup." },
    wholeEviction: { unit: "0/1", default: 0, min: 0, max: 1, doc: "As in the program of proc-dedup." },
    broken: { unit: "number", default: 0, min: 0, max: 2, doc: "A deliberate bug; 0: none." },
  },
} satisfies ProgramMeta;
