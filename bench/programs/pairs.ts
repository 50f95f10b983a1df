/**
 * A bare program: a strategy's get and put over rotating labels, with nothing of the kernel between them. What
 * bench/peers/refcount.c and percpu.c do, for whatever strategy the program is linked with.
 */

import type { ProgramMeta } from "refplay/kernel";
import { type bool, type i32, load, type ptr } from "refplay/machine";
import { boot, get, init, publish, put, tryGet } from "refplay/strategy";
import { heapBoot } from "../../src/kernel/core/heap.ts";
import { rcuBoot, rcuOnline } from "../../src/kernel/core/rcu-qsbr.ts";
import { Boot } from "../../src/machine/memory-map.ts";
import { Lane, labelAt, laneOf, maxLabels } from "./lay-out.ts";

/** Boots the kernel's core and lays out the labels, each with one reference and published. On CPU 0, before the loops. */
export function lay(): void {
  heapBoot();
  rcuBoot();
  rcuOnline();
  const cpus: i32 = load(Boot.cpus);
  for (let cpu: i32 = 0; cpu < cpus; cpu += 1) boot(cpu);
  for (let i: i32 = 0; i < maxLabels; i += 1) {
    init(0, laneOf(0) + Lane.creator, labelAt(i));
    publish(0, labelAt(i));
  }
}

/** `pairs` times get and put, of label `i & mask` in turn i. */
export function getPut(cpu: i32, pairs: i32, mask: i32): void {
  const holder: ptr = laneOf(cpu) + Lane.holder;
  for (let i: i32 = 0; i < pairs; i += 1) {
    const label: ptr = labelAt(i & mask);
    get(cpu, holder, label);
    put(cpu, holder, label);
  }
}

/** `pairs` times tryGet and put. */
export function tryGetPut(cpu: i32, pairs: i32, mask: i32): void {
  const holder: ptr = laneOf(cpu) + Lane.holder;
  for (let i: i32 = 0; i < pairs; i += 1) {
    const label: ptr = labelAt(i & mask);
    const taken: bool = tryGet(cpu, holder, label);
    if (taken) put(cpu, holder, label);
  }
}

/**
 * `pairs` times the references of one open and one close at level v6.6, without anything else of the hooks: file alloc
 * keeps one, the secid hook and the open hook take and drop one each, the close drops the file's.
 */
export function openClose(cpu: i32, pairs: i32, mask: i32): void {
  const lane: ptr = laneOf(cpu);
  for (let i: i32 = 0; i < pairs; i += 1) {
    const label: ptr = labelAt(i & mask);
    get(cpu, lane + Lane.holder, label);
    get(cpu, lane + Lane.secondHolder, label);
    put(cpu, lane + Lane.secondHolder, label);
    get(cpu, lane + Lane.thirdHolder, label);
    put(cpu, lane + Lane.thirdHolder, label);
    put(cpu, lane + Lane.holder, label);
  }
}

/** One reference more on `labels` labels: what a test looks for in memory. */
export function getOnly(cpu: i32, labels: i32): void {
  for (let i: i32 = 0; i < labels; i += 1) get(cpu, laneOf(cpu) + Lane.holder, labelAt(i));
}

/** Drops what `getOnly` took. */
export function putOnly(cpu: i32, labels: i32): void {
  for (let i: i32 = 0; i < labels; i += 1) put(cpu, laneOf(cpu) + Lane.holder, labelAt(i));
}

/** As in src/kernel/program.ts, at what a measured run uses. */
export default {
  options: {
    verify: { unit: "0/1", default: 0, min: 0, max: 0, doc: "Benchmarks measure, they do not verify." },
    percpuBytes: {
      unit: "bytes",
      default: 65536,
      min: 8192,
      max: 1048576,
      doc: "Per-CPU memory: 8 bytes a label.",
    },
    quarantine: { unit: "count", default: 0, min: 0, max: 0, doc: "Only in verify builds." },
    labelLayout: { unit: "0/1", default: 0, min: 0, max: 1, doc: "1: flags apart from the counter." },
    rcuBacklog: {
      unit: "count",
      default: 10000,
      min: 1,
      max: 1000000,
      doc: "Callbacks that may wait on a CPU.",
    },
    hooks: { unit: "version", default: 66, min: 66, max: 611, doc: "Kernel version of the hooks." },
  },
} satisfies ProgramMeta;
