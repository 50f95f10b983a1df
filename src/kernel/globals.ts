/**
 * The kernel's few global cells: tables made by `boot` and only read from then on, so that all CPUs share their line.
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
  /** The root namespace. */
  rootNamespace = tasks + 40,
}

/** Bytes of one address in a table, as in the kernel. */
export const pointerBytes = 8;
