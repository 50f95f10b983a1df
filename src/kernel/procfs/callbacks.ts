/** RCU callbacks of the procfs programs: what `refplay/callbacks` is for them. Their ids are 1 to 15. */
import type { i32, ptr } from "refplay/machine";
import { heapFreeKnown } from "../core/heap.ts";
import { ProcCallback } from "./callback-ids.ts";
import { Dentry, dentryBytes, Inode } from "./dcache-layout.ts";
import { inodeFree } from "./inodes.ts";
import { ProcKind } from "./kinds.ts";
import { Pid, pidPut, Task, taskPut } from "./tasks.ts";

export function runCallback(cpu: i32, id: i32, head: ptr): void {
  switch (id) {
    case ProcCallback.dentryFree:
      heapFreeKnown(cpu, ProcKind.dentry, dentryBytes, head - Dentry.rcu);
      break;
    case ProcCallback.inodeFree:
      inodeFree(cpu, head - Inode.rcu);
      break;
    case ProcCallback.taskPut:
      taskPut(cpu, head - Task.rcu);
      break;
    case ProcCallback.pidPut:
      pidPut(cpu, head - Pid.rcu);
      break;
    default:
      break;
  }
}
