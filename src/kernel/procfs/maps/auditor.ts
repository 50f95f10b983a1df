/** What the address space's program can say of itself, one number at a time (`MapsAudit`). Exact once the CPUs rest. */
import type { i32 } from "refplay/machine";
import { Cpu } from "../../core/areas.ts";
import { sumOverCpus, violations, warnings } from "../../core/evidence.ts";
import { heapLive, heapUsed } from "../../core/heap.ts";
import { ProcCpu, procCounted } from "../cpu-block.ts";
import { areaCount } from "./changer.ts";
import { MapsKind } from "./kinds.ts";
import { MapsAudit } from "./maps-names.ts";

/** The value of a counter; 0 for a number that is none. */
export function audit(counter: i32): i32 {
  if (counter >= MapsAudit.violations) return violations(counter - MapsAudit.violations);
  if (counter >= MapsAudit.warnings) return warnings(counter - MapsAudit.warnings);
  if (counter >= MapsAudit.told) return procCounted(counter - MapsAudit.told);
  switch (counter) {
    case MapsAudit.areaObjects:
      return heapLive(MapsKind.vma);
    case MapsAudit.nodes:
      return heapLive(MapsKind.mapleNode);
    case MapsAudit.areas:
      return areaCount();
    case MapsAudit.requests:
      return sumOverCpus(Cpu.kernel + ProcCpu.requests);
    case MapsAudit.events:
      return sumOverCpus(Cpu.kernel + ProcCpu.events);
    case MapsAudit.badRecords:
      return sumOverCpus(Cpu.kernel + ProcCpu.badRecords);
    case MapsAudit.heapBytes:
      return heapUsed();
    default:
      return 0;
  }
}
