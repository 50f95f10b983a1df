/**
 * The part of `audit` that is about label sets, policy and work buffers.
 */
import type { i32, ptr } from "refplay/machine";
import { Audit, policyErrorLimit } from "./audit.ts";
import { bufferBytesNow, buffersNow } from "./buffers/counters.ts";
import { Cpu } from "./core/areas.ts";
import { Counter } from "./core/counter-names.ts";
import { counted, countedMost } from "./core/counters.ts";
import { sumOverCpus } from "./core/evidence.ts";
import { heapLive } from "./core/heap.ts";
import { Kind } from "./core/kinds.ts";
import { rbFirst, rbNext } from "./core/rb-tree.ts";
import { CpuBlock } from "./cpu-block.ts";
import { LabelSet } from "./label-set/index.ts";
import { modeAudit } from "./mode-auditor.ts";
import { Namespace, namespaceLimit, namespaceOf } from "./namespace.ts";
import { answerOf } from "./policy-result.ts";
import { retiredWaits, retirementAudit } from "./retirement.ts";

/** The counters that came after those of policy. */
function laterAudit(counter: i32): i32 {
  if (counter >= Audit.retiredWaits) return retiredWaits(counter - Audit.retiredWaits);
  return counter >= Audit.percpuLabels ? modeAudit(counter) : retirementAudit(counter);
}

/** The value of a counter from `Audit.lookUps` on; 0 for a number that is none. */
export function policyAudit(counter: i32): i32 {
  if (counter >= Audit.answers) return answerOf(counter - Audit.answers);
  if (counter >= Audit.policyErrors) {
    return counter < Audit.policyErrors + policyErrorLimit
      ? errorsOf(counter - Audit.policyErrors)
      : laterAudit(counter);
  }
  switch (counter) {
    case Audit.lookUps:
      return counted(Counter.lookUps);
    case Audit.lookUpRetries:
      return counted(Counter.lookUpRetries);
    case Audit.lookUpFallbacks:
      return counted(Counter.lookUpFallbacks);
    case Audit.listed:
      return counted(Counter.listed);
    case Audit.longestList:
      return countedMost(Counter.longestList);
    case Audit.setLockWaits:
      return counted(Counter.setLockWaits);
    case Audit.setLockWaitTicks:
      return counted(Counter.setLockWaitTicks);
    case Audit.policyUpdates:
      return counted(Counter.policyUpdates);
    case Audit.rebuilt:
      return counted(Counter.rebuilt);
    case Audit.scanned:
      return counted(Counter.scanned);
    case Audit.reclaimed:
      return counted(Counter.reclaimed);
    case Audit.reclaimTicks:
      return counted(Counter.reclaimTicks);
    case Audit.longestReclaimTicks:
      return countedMost(Counter.longestReclaimTicks);
    case Audit.merges:
      return counted(Counter.merges);
    case Audit.fileMerges:
      return counted(Counter.fileMerges);
    case Audit.drains:
      return counted(Counter.drains);
    case Audit.fileMergesRefused:
      return counted(Counter.fileMergesRefused);
    case Audit.compoundsMade:
      return counted(Counter.compoundsMade);
    case Audit.bufferBytes:
      return bufferBytesNow();
    case Audit.bufferTakes:
      return counted(Counter.bufferTakes);
    case Audit.bufferLockWaits:
      return counted(Counter.bufferLockWaits);
    case Audit.bufferLockWaitTicks:
      return counted(Counter.bufferLockWaitTicks);
    case Audit.setMembers:
      return setMembers();
    case Audit.rawdata:
      return heapLive(Kind.rawdata);
    case Audit.buffers:
      return buffersNow();
    case Audit.allPolicyErrors:
      return allErrors();
    default:
      return retirementAudit(counter);
  }
}

/** Nodes in the trees of all namespaces' sets, dead and stale ones included. Nobody else runs. */
function setMembers(): i32 {
  const limit: i32 = namespaceLimit();
  let members: i32 = 0;
  for (let index: i32 = 0; index < limit; index += 1) {
    const namespace: ptr = namespaceOf(index);
    if (namespace !== 0) {
      let node: ptr = rbFirst(namespace + Namespace.set + LabelSet.tree);
      while (node !== 0) {
        members += 1;
        node = rbNext(node);
      }
    }
  }
  return members;
}

function errorsOf(error: i32): i32 {
  return sumOverCpus(Cpu.kernel + CpuBlock.policyErrors + error * 4);
}

function allErrors(): i32 {
  let sum: i32 = 0;
  for (let error: i32 = 0; error < policyErrorLimit; error += 1) sum += errorsOf(error);
  return sum;
}
