/** What `proc-walk`'s program can say of itself, one number at a time (`WalkAudit`). Exact once the CPUs rest. */
import type { i32 } from "refplay/machine";
import { Cpu } from "../../core/areas.ts";
import { sumOverCpus, violations, warnings } from "../../core/evidence.ts";
import { heapLive, heapUsed } from "../../core/heap.ts";
import { ProcCpu, procCounted } from "../cpu-block.ts";
import { ProcKind } from "../kinds.ts";
import { WalkAudit } from "./walk-names.ts";

/** The value of a counter; 0 for a number that is none. */
export function audit(counter: i32): i32 {
  if (counter >= WalkAudit.violations) return violations(counter - WalkAudit.violations);
  if (counter >= WalkAudit.warnings) return warnings(counter - WalkAudit.warnings);
  if (counter >= WalkAudit.walks) return procCounted(counter - WalkAudit.walks);
  switch (counter) {
    case WalkAudit.dentries:
      return heapLive(ProcKind.dentry);
    case WalkAudit.inodes:
      return heapLive(ProcKind.inode);
    case WalkAudit.pids:
      return heapLive(ProcKind.pid);
    case WalkAudit.tasks:
      return heapLive(ProcKind.task);
    case WalkAudit.requests:
      return sumOverCpus(Cpu.kernel + ProcCpu.requests);
    case WalkAudit.events:
      return sumOverCpus(Cpu.kernel + ProcCpu.events);
    case WalkAudit.badRecords:
      return sumOverCpus(Cpu.kernel + ProcCpu.badRecords);
    case WalkAudit.heapBytes:
      return heapUsed();
    default:
      return 0;
  }
}
