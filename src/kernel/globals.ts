/**
 * The kernel's few global cells: tables made by `boot` and only read from then on, so that all CPUs share their line; and the
 * policy's lock, on a line of its own.
 */
import { Global } from "./core/areas.ts";

/** Absolute addresses. */
export enum KernelGlobal {
  /** Table of task addresses by index, and how many there are. */
  tasks = Global.kernel,
  taskCount = tasks + 8,
  /** Slots of each task's descriptor table. */
  descriptorsPerTask = tasks + 16,
  /** Table of channel addresses by index, and how many there are. */
  channels = tasks + 24,
  channelCount = tasks + 32,
  /** What is known of profile names by index (`ProfileName`), and how many there are. */
  names = tasks + 64,
  nameCount = tasks + 72,
  /** Table of namespace addresses by index, 0 where there is none, and how many there may be. */
  namespaces = tasks + 80,
  namespaceCount = tasks + 88,
  /** Holders of labels that scripts keep, and how many. */
  labelSlots = tasks + 96,
  labelSlotCount = tasks + 104,
  /** Table of policy texts that scripts have open, and how many. */
  rawdataSlots = tasks + 112,
  rawdataSlotCount = tasks + 120,
  /** Answers of policy events, 4 bytes each, and how many. */
  answers = tasks + 128,
  answerCount = tasks + 136,
  /** Mutex over every change of policy. */
  policyLock = tasks + 192,
}

/** Bytes of one address in a table, as in the kernel. */
export const pointerBytes = 8;
