/** What `proc-dedup`'s program can say of itself, one number at a time (`DedupAudit`). Exact once the CPUs rest. */
import type { i32 } from "refplay/machine";
import { Cpu } from "../../core/areas.ts";
import { sumOverCpus, violations, warnings } from "../../core/evidence.ts";
import { heapLive, heapUsed } from "../../core/heap.ts";
import { ProcCpu, procCounted, procCountedMost } from "../cpu-block.ts";
import { ProcKind } from "../kinds.ts";
import { unusedListed } from "../unused-list.ts";
import { DedupAudit } from "./dedup-names.ts";
import { pathCell } from "./paths.ts";

/** The value of a counter; 0 for a number that is none. */
export function audit(counter: i32): i32 {
  if (counter >= DedupAudit.paths) return pathCell(counter - DedupAudit.paths);
  if (counter >= DedupAudit.violations) return violations(counter - DedupAudit.violations);
  if (counter >= DedupAudit.warnings) return warnings(counter - DedupAudit.warnings);
  switch (counter) {
    case DedupAudit.dentries:
      return heapLive(ProcKind.dentry);
    case DedupAudit.inodes:
      return heapLive(ProcKind.inode);
    case DedupAudit.pids:
      return heapLive(ProcKind.pid);
    case DedupAudit.tasks:
      return heapLive(ProcKind.task);
    case DedupAudit.requests:
      return sumOverCpus(Cpu.kernel + ProcCpu.requests);
    case DedupAudit.events:
      return sumOverCpus(Cpu.kernel + ProcCpu.events);
    case DedupAudit.badRecords:
      return sumOverCpus(Cpu.kernel + ProcCpu.badRecords);
    case DedupAudit.heapBytes:
      return heapUsed();
    case DedupAudit.longestHold:
      return procCountedMost(ProcCpu.longestHold);
    case DedupAudit.longestWait:
      return procCountedMost(ProcCpu.longestWait);
    case DedupAudit.heldTicks:
      return sumOverCpus(Cpu.kernel + ProcCpu.heldTicks);
    case DedupAudit.sections:
      return sumOverCpus(Cpu.kernel + ProcCpu.sections);
    case DedupAudit.unused:
      return unusedListed();
    default:
      return counter >= DedupAudit.dentriesMade ? procCounted(counter - DedupAudit.dentriesMade) : 0;
  }
}
