/**
 * The RCU of the compiled build, called by name, so that the reference engine can run it under random schedules: readers
 * use a label without a reference, an updater replaces it and has the old one freed by a callback.
 */
import {
  Boot,
  Callback,
  Cpu,
  coreBoot,
  cpuArea,
  heapLive,
  Kind,
  kernelCpu,
  kernelGlobals,
  Label,
  type ProgramMeta,
  rcuOffline,
  rcuOnline,
} from "refplay/kernel";
import { exchange, type i32, load, type ptr, store, storeFence } from "refplay/machine";
import {
  rcuCall,
  rcuDrain,
  rcuPeakBacklog,
  rcuQuiescent,
  rcuSynchronize,
} from "../../src/kernel/core/rcu-qsbr.ts";
import { labelAlloc } from "../../src/kernel/label.ts";
import { proxyAlloc } from "../../src/kernel/proxy.ts";

/** Where the current label is. */
function shown(): ptr {
  return kernelGlobals + 512;
}

/** A new label; the strategy `none` keeps no count of it. */
function fresh(cpu: i32): ptr {
  const holder: ptr = kernelCpu(cpu) + 1024;
  store(holder + 8, 0);
  return labelAlloc(cpu, holder, 0, 0, 0, proxyAlloc(cpu));
}

export function boot(): void {
  coreBoot();
  store(shown(), fresh(0));
}

/** Reads the current label, twice per section: freed meanwhile, the engine would see it. */
export function reader(_cpu: i32, sections: i32): void {
  rcuOnline();
  for (let section: i32 = 0; section < sections; section += 1) {
    const label: ptr = load(shown());
    load(label + Label.secid);
    load(label + Label.size);
    rcuQuiescent();
  }
  rcuOffline();
}

/** As `reader`, but it stays long in its sections. */
export function slowReader(_cpu: i32, sections: i32): void {
  rcuOnline();
  for (let section: i32 = 0; section < sections; section += 1) {
    const label: ptr = load(shown());
    for (let look: i32 = 0; look < 200; look += 1) load(label + Label.secid);
    rcuQuiescent();
  }
  rcuOffline();
}

/** As `reader`, but offline between any two sections, as one who thinks. */
export function thinker(_cpu: i32, sections: i32): void {
  for (let section: i32 = 0; section < sections; section += 1) {
    rcuOnline();
    const label: ptr = load(shown());
    load(label + Label.secid);
    load(label + Label.size);
    rcuOffline();
  }
}

/** Replaces the label; the old one goes by callback. */
export function updater(cpu: i32, updates: i32): void {
  rcuOnline();
  for (let update: i32 = 0; update < updates; update += 1) {
    const label: ptr = fresh(cpu);
    storeFence();
    const old: ptr = exchange(shown(), label);
    rcuCall(old + Label.rcu, Callback.labelFree);
    rcuQuiescent();
  }
  rcuDrain(cpu);
  rcuOffline();
}

/** Replaces the label once and goes on: `quietly` must follow. */
export function replaceOnce(cpu: i32): void {
  rcuOnline();
  const label: ptr = fresh(cpu);
  const old: ptr = exchange(shown(), label);
  rcuCall(old + Label.rcu, Callback.labelFree);
}

/** A quiescent state. */
export function quietly(_cpu: i32): void {
  rcuQuiescent();
}

/** As `updater`, but waits for each grace period itself and then runs what it queued. */
export function waiter(cpu: i32, updates: i32): void {
  rcuOnline();
  for (let update: i32 = 0; update < updates; update += 1) {
    const label: ptr = fresh(cpu);
    storeFence();
    const old: ptr = exchange(shown(), label);
    rcuCall(old + Label.rcu, Callback.labelFree);
    rcuSynchronize();
    rcuQuiescent();
  }
  rcuOffline();
}

/** Labels left; 1, the one that is shown, when all is well. */
export function liveLabels(): i32 {
  return heapLive(Kind.label);
}

/** Callbacks that still wait, on all CPUs. */
export function waiting(): i32 {
  const cpus: i32 = load(Boot.cpus);
  let sum: i32 = 0;
  for (let cpu: i32 = 0; cpu < cpus; cpu += 1) {
    const next: i32 = load(cpuArea(cpu) + Cpu.rcuNextCount);
    const wait: i32 = load(cpuArea(cpu) + Cpu.rcuWaitCount);
    const done: i32 = load(cpuArea(cpu) + Cpu.rcuDoneCount);
    sum += next + wait + done;
  }
  return sum;
}

export function peak(): i32 {
  return rcuPeakBacklog();
}

/** Frees the last label, so that nothing is left. */
export function end(cpu: i32): void {
  const label: ptr = load(shown());
  rcuOnline();
  rcuCall(label + Label.rcu, Callback.labelFree);
  rcuDrain(cpu);
  rcuOffline();
}

export default {
  options: {
    verify: { unit: "0/1", default: 0, min: 0, max: 1, doc: "Whether the heap checks itself." },
    quarantine: {
      unit: "blocks",
      default: 4,
      min: 0,
      max: 1024,
      doc: "Freed blocks that wait before reuse.",
    },
    percpuBytes: { unit: "bytes", default: 0, min: 0, max: 65536, doc: "Per-CPU memory of each CPU." },
    labelLayout: {
      unit: "0/1",
      default: 0,
      min: 0,
      max: 1,
      doc: "Whether flags stand apart from the counter.",
    },
    rcuBacklog: {
      unit: "callbacks",
      default: 100,
      min: 1,
      max: 1000000,
      doc: "Callbacks before a CPU waits.",
    },
    hooks: {
      unit: "version",
      default: 66,
      min: 66,
      max: 611,
      doc: "Kernel version of the hooks; not used here.",
    },
  },
} satisfies ProgramMeta;
