/**
 * What a program can say of itself, one number at a time, so that every engine asks in the same way. Exact once the CPUs
 * rest; while they run, a sum over CPUs may be off by what is under way.
 */
import { type i32, load } from "refplay/machine";
import { Audit, scriptErrorLimit } from "./audit.ts";
import { channelLength, channelOf } from "./channel.ts";
import { Cpu } from "./core/areas.ts";
import { sumOverCpus, violations, warnings } from "./core/evidence.ts";
import { heapLive, heapUsed } from "./core/heap.ts";
import { Kind, kindLimit } from "./core/kinds.ts";
import { verdictLimit, warningLimit } from "./core/marks.ts";
import { percpuInUse } from "./core/percpu.ts";
import { rcuPeakBacklog, rcuPeriods } from "./core/rcu-qsbr.ts";
import { CpuBlock } from "./cpu-block.ts";
import { openCount } from "./descriptors.ts";
import { KernelGlobal } from "./globals.ts";
import { policyAudit } from "./policy-auditor.ts";
import { descriptorsOf, isAlive, taskOf } from "./task.ts";

/** The value of a counter; 0 for a number that is none. */
export function audit(counter: i32): i32 {
  if (counter >= Audit.lookUps) return policyAudit(counter);
  if (counter >= Audit.violations) {
    return counter < Audit.violations + verdictLimit ? violations(counter - Audit.violations) : 0;
  }
  if (counter >= Audit.warnings) return warnings(counter - Audit.warnings);
  if (counter >= Audit.scriptErrors) {
    return counter < Audit.scriptErrors + scriptErrorLimit ? scriptErrorsOf(counter - Audit.scriptErrors) : 0;
  }
  switch (counter) {
    case Audit.labels:
      return heapLive(Kind.label);
    case Audit.profiles:
      return heapLive(Kind.profile);
    case Audit.proxies:
      return heapLive(Kind.proxy);
    case Audit.creds:
      return heapLive(Kind.cred);
    case Audit.files:
      return heapLive(Kind.file);
    case Audit.sockets:
      return heapLive(Kind.socket);
    case Audit.tasks:
      return heapLive(Kind.task);
    case Audit.namespaces:
      return heapLive(Kind.namespace);
    case Audit.channels:
      return heapLive(Kind.channel);
    case Audit.labelExtras:
      return heapLive(Kind.labelExtra);
    case Audit.objects:
      return allObjects();
    case Audit.aliveTasks:
      return aliveTasks();
    case Audit.openDescriptors:
      return openDescriptors();
    case Audit.filesInFlight:
      return filesInFlight();
    case Audit.requests:
      return sumOverCpus(Cpu.kernel + CpuBlock.requests);
    case Audit.events:
      return sumOverCpus(Cpu.kernel + CpuBlock.events);
    case Audit.percpuBytesInUse:
      return percpuInUse();
    case Audit.heapBytes:
      return heapUsed();
    case Audit.peakCallbackBacklog:
      return rcuPeakBacklog();
    case Audit.gracePeriods:
      return rcuPeriods();
    case Audit.allViolations:
      return allViolations();
    case Audit.allScriptErrors:
      return allScriptErrors();
    case Audit.allWarnings:
      return allWarnings();
    default:
      return 0;
  }
}

/** Objects of every kind that the heap knows. */
function allObjects(): i32 {
  let sum: i32 = 0;
  for (let kind: i32 = 0; kind < kindLimit; kind += 1) sum += heapLive(kind);
  return sum;
}

function aliveTasks(): i32 {
  const count: i32 = load(KernelGlobal.taskCount);
  let sum: i32 = 0;
  for (let index: i32 = 0; index < count; index += 1) {
    if (isAlive(taskOf(index))) sum += 1;
  }
  return sum;
}

function openDescriptors(): i32 {
  const count: i32 = load(KernelGlobal.taskCount);
  let sum: i32 = 0;
  for (let index: i32 = 0; index < count; index += 1) sum += openCount(descriptorsOf(taskOf(index)));
  return sum;
}

function filesInFlight(): i32 {
  const count: i32 = load(KernelGlobal.channelCount);
  let sum: i32 = 0;
  for (let index: i32 = 0; index < count; index += 1) sum += channelLength(channelOf(index));
  return sum;
}

function allViolations(): i32 {
  let sum: i32 = 0;
  for (let verdict: i32 = 0; verdict < verdictLimit; verdict += 1) sum += violations(verdict);
  return sum;
}

function allWarnings(): i32 {
  let sum: i32 = 0;
  for (let event: i32 = 0; event < warningLimit; event += 1) sum += warnings(event);
  return sum;
}

function allScriptErrors(): i32 {
  let sum: i32 = 0;
  for (let kind: i32 = 0; kind < scriptErrorLimit; kind += 1) sum += scriptErrorsOf(kind);
  return sum;
}

function scriptErrorsOf(kind: i32): i32 {
  return sumOverCpus(Cpu.kernel + CpuBlock.scriptErrors + kind * 4);
}
