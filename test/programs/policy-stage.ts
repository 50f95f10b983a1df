/**
 * The kernel's program, and beside it where everything is that policy consists of: for tests that read a machine's memory while
 * it rests, and hold what they find against a model. The trees are looked at by the program itself.
 */
import type { bool, i32, ptr } from "refplay/machine";
import { Global } from "../../src/kernel/core/areas.ts";
import type { ProgramMeta } from "../../src/kernel/core/contract.ts";
import { Label, LabelFlags } from "../../src/kernel/core/label-layout.ts";
import { RbFault } from "../../src/kernel/core/rb-check.ts";
import { RbNode } from "../../src/kernel/core/rb-tree.ts";
import { Cred } from "../../src/kernel/cred-count.ts";
import { File } from "../../src/kernel/file.ts";
import { pointerBytes as bytesOfPointer, KernelGlobal } from "../../src/kernel/globals.ts";
import {
  LabelSet,
  LabelSetVariant,
  labelSetVariant,
  Member,
  MemberState,
} from "../../src/kernel/label-set/index.ts";
import { isEnd, listNewest } from "../../src/kernel/label-set/pending.ts";
import { nameOf } from "../../src/kernel/names.ts";
import { Namespace, namespaceLimit, namespaceOf } from "../../src/kernel/namespace.ts";
import { Profile } from "../../src/kernel/profile.ts";
import { LabelProxy } from "../../src/kernel/proxy.ts";
import { holderBytes as bytesOfHolder } from "../../src/kernel/settings.ts";
import { Task } from "../../src/kernel/task-layout.ts";
import { checkTree } from "./set-check.ts";

export {
  audit,
  boot,
  bootCpu,
  cpuAreaBase,
  cpuAreaBytes,
  dismantle,
  drain,
  run,
  scriptCursor,
  softirq,
  teardown,
} from "../../src/kernel/program.ts";

export const pointerBytes: i32 = bytesOfPointer;
export const holderBytes: i32 = bytesOfHolder;
export const globalHeapNext: i32 = Global.heapNext;
export const globalNamespaces: i32 = KernelGlobal.namespaces;
export const globalTasks: i32 = KernelGlobal.tasks;
export const globalLabelSlots: i32 = KernelGlobal.labelSlots;
export const labelNode: i32 = Label.node;
export const labelState: i32 = Member.state;
export const labelHolders: i32 = Label.holders;
export const labelProxy: i32 = Label.proxy;
export const labelFlags: i32 = Label.flags;
export const labelIsStale: i32 = LabelFlags.stale;
export const labelIsUnconfined: i32 = LabelFlags.unconfined;
export const labelIsInTree: i32 = MemberState.inTree;
export const labelSize: i32 = Label.size;
export const labelVec: i32 = Label.vec;
export const setTree: i32 = Namespace.set + LabelSet.tree;
export const nodeLeft: i32 = RbNode.left;
export const nodeRight: i32 = RbNode.right;
export const proxyLabel: i32 = LabelProxy.label;
export const profileIndex: i32 = Profile.index;
export const profileStale: i32 = Profile.stale;
export const taskCred: i32 = Task.cred;
export const taskDescriptors: i32 = Task.descriptors;
export const taskPrevious: i32 = Task.previous;
export const credLabel: i32 = Cred.label;
export const fileLabel: i32 = File.label;

/** Where it is written which profile has the name of that number: a table that stays where it is. */
export function nameAt(index: i32): ptr {
  return nameOf(index);
}

/** `RbFault` of the first set that is not what it must be while nobody runs, or 0. */
export function checkSets(): i32 {
  const limit: i32 = namespaceLimit();
  for (let index: i32 = 0; index < limit; index += 1) {
    const namespace: ptr = namespaceOf(index);
    if (namespace !== 0) {
      const fault: i32 = checkSet(namespace + Namespace.set);
      if (fault !== RbFault.none) return fault;
    }
  }
  return RbFault.none;
}

/** Shape, order and states of a tree. Nothing waits in a list. */
function checkSet(set: ptr): i32 {
  const fault: i32 = checkTree(set);
  if (fault !== RbFault.none) return fault;
  const waits: bool = labelSetVariant === LabelSetVariant.rcuList && !isEnd(listNewest(set));
  return waits ? RbFault.count : RbFault.none;
}

export default {
  options: {
    maxLabelParts: { unit: "count", default: 16, min: 2, max: 32, doc: "Most profiles of a label." },
    buffers: { unit: "0..3", default: 3, min: 0, max: 3, doc: "Work buffers." },
    bufferBytes: { unit: "bytes", default: 256, min: 64, max: 65536, doc: "Bytes of a work buffer." },
    hooks: { unit: "version", default: 611, min: 66, max: 611, doc: "Kernel whose hooks are modelled." },
    creds: { unit: "0/1", default: 0, min: 0, max: 1, doc: "How creds are counted." },
    eventMarks: { unit: "0/1", default: 0, min: 0, max: 1, doc: "Whether records are marked." },
  },
} satisfies ProgramMeta;
