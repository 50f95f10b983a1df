/** What strategies and test programs import as `refplay/kernel`: the kernel without labels, tasks and hooks. */
export { Boot, lineBytes, RcuHead, rcuHeadBytes } from "../../machine/memory-map.ts";
export { checkNotReleased, holderDropped, holderTaken } from "./accounting.ts";
export {
  Cpu,
  cpuArea,
  cpuAreaBase,
  cpuAreaBytes,
  Global,
  kernelCpu,
  kernelCpuBytes,
  kernelGlobalBytes,
  kernelGlobals,
  percpuBytes,
  strategyCpu,
  strategyGlobals,
  taskStrategy,
  verify,
  watched,
} from "./areas.ts";
export { Callback, callbacksPerOwner } from "./callback-ids.ts";
export type {
  Capabilities,
  Misuse,
  ProgramMeta,
  StrategyMeta,
  StrategyOption,
} from "./contract.ts";
export { coreBoot } from "./core-boot.ts";
export { Counter } from "./counter-names.ts";
export { count, countMost } from "./counters.ts";
export { sumOverCpus, violation, violations, warn, warnings } from "./evidence.ts";
export { heapAlloc, heapFree, heapFreeKnown, heapLive, heapReserve, heapUsed, zero } from "./heap.ts";
export { checkLive, generationOf, Header, HeapState, headerBytes, isLive, poison } from "./heap-verify.ts";
export { Kind, kindLimit } from "./kinds.ts";
export { labelClass } from "./label-class.ts";
export { LabelClass } from "./label-classes.ts";
export { guardSlotBytes, holderSlotBytes, Label, LabelFlags, labelBytesFor } from "./label-layout.ts";
export {
  ListHead,
  ListNode,
  listAdd,
  listFirst,
  listHeadBytes,
  listNext,
  listNodeBytes,
  listReverse,
  listTakeAll,
} from "./llist.ts";
export { Mark, Verdict, verdictLimit, warningLimit } from "./marks.ts";
export { percpuAlloc, percpuCell, percpuFree, percpuInUse, percpuTryAlloc } from "./percpu.ts";
export {
  percpuRefGet,
  percpuRefGetMany,
  percpuRefIsDying,
  percpuRefIsZero,
  percpuRefPut,
  percpuRefPutMany,
  percpuRefTryGet,
  percpuRefTryGetLive,
  percpuRefTryGetMany,
} from "./percpu-ref.ts";
export {
  Confirm,
  PercpuRef,
  percpuBias,
  percpuRefBytes,
  RefData,
  RefDataFlags,
  RefEvent,
  RefInit,
  RefMode,
  refDataBytes,
} from "./percpu-ref-layout.ts";
export { percpuRefCountNow, percpuRefSwitchToAtomicHere } from "./percpu-ref-scan.ts";
export {
  percpuRefCpuBytes,
  percpuRefExit,
  percpuRefInit,
  percpuRefKill,
  percpuRefKillAndConfirm,
  percpuRefOfHead,
  percpuRefReinit,
  percpuRefResurrect,
  percpuRefSwitched,
  percpuRefSwitchToAtomic,
  percpuRefSwitchToAtomicSync,
  percpuRefSwitchToPercpu,
} from "./percpu-ref-switch.ts";
export { RbFault, rbCheck, rbCheckShape } from "./rb-check.ts";
export {
  RbColour,
  RbNode,
  RbTree,
  rbDepthLimit,
  rbErase,
  rbFirst,
  rbInsert,
  rbLeft,
  rbNext,
  rbNodeBytes,
  rbParent,
  rbReplace,
  rbRight,
  rbTop,
  rbTreeBytes,
} from "./rb-tree.ts";
export { rcuOffline, rcuOnline } from "./rcu-periods.ts";
export { release } from "./release.ts";
export { RwLock, readLock, readUnlock, rwlockBytes, writeLock, writeTryLock, writeUnlock } from "./rwlock.ts";
export { seqBegin, seqcountBytes, seqRetry, seqWriteBegin, seqWriteEnd } from "./seqcount.ts";
export { slowBegin, slowEnd } from "./slow-windows.ts";
export { spinLock, spinlockBytes, spinTryLock, spinUnlock } from "./spinlock.ts";
