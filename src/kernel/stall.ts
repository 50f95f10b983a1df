/**
 * A task that comes to a stand in the midst of a system call: what it borrows, and a read section that it is in, hold up whoever
 * wants to reclaim a label. Real ones are preempted, wait for a disk, or lose their processor to another virtual machine.
 */
import { type i32, load, type ptr, rcuReadLock, rcuReadUnlock, spin, work } from "refplay/machine";
import { switchOut } from "refplay/strategy";
import { hookGuard } from "./cpu-block.ts";
import { Cred } from "./cred-count.ts";
import { StallIn } from "./events.ts";
import { labelBorrow, labelUnborrow } from "./reference.ts";
import { Task } from "./task-layout.ts";

/** Stands for `ns` where `place`, a `StallIn`, says. */
export function stall(cpu: i32, task: ptr, ns: i32, place: i32): void {
  if (place === StallIn.section) {
    rcuReadLock();
    spin(ns);
    rcuReadUnlock();
    return;
  }
  if (place !== StallIn.borrow) {
    sleep(cpu, task, ns);
    return;
  }
  const guard: ptr = hookGuard(cpu);
  const cred: ptr = load(task + Task.cred);
  const label: ptr = labelBorrow(cpu, guard, cred + Cred.label);
  sleep(cpu, task, ns);
  if (label !== 0) labelUnborrow(cpu, guard, label);
}

/** Off the CPU; no read section is held, so grace periods go on. */
function sleep(cpu: i32, task: ptr, ns: i32): void {
  switchOut(cpu, task, 0);
  work(ns);
}
