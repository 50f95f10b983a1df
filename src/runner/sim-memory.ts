/**
 * How much memory a simulated machine has. Every CPU has an area of its own, so that what is generous for two CPUs does not fit for a
 * thousand: areas and heap are as large as this workload can come to need, and memory nobody touches costs the host nothing.
 */
import { RefplayError } from "../errors.ts";
import type { IrProgram } from "../link/ir.ts";
import type { Workload } from "../workloads/index.ts";

const mebibyte = 2 ** 20;
/** Below 2 GiB, where addresses would become negative. */
const mostBytes = 2047 * mebibyte;
/** What per-CPU counters of all CPUs may take of it. */
const mostPercpuBytes = 1280 * mebibyte;
const leastPercpuBytes = 32_768;

/** Bytes of a label's counter on each CPU. */
const counterBytes = 8;
/** Bytes of a profile with its label, proxy, text and what a strategy keeps apart; of an open file or socket; of a task. */
const [labelBytes, fileBytes, taskBytes] = [1024, 512, 2048];
/** Pages that the heap's free lists of one CPU hold back, and a set-up's tables. */
const [heapBytesPerCpu, leastHeapBytes] = [256 * 1024, 64 * mebibyte];

/** CPUs of the machine's own beside those of scripts: one for RCU callbacks, one for maintenance. */
export const backgroundCpus = 2;

/** Labels that are there at a time, at most: a run may be shorter than one grace period, so that none is freed before its end. */
function mostLabels({ population, expected }: Workload): number {
  const { loads, stacks, parses, passes, profileChanges, hats, execs } = expected;
  const made = loads + stacks + parses + passes + profileChanges + hats + execs;
  return (population.totalLabels ?? population.profiles + 1) + Math.min(made, 2 ** 20);
}

/** Bytes of per-CPU counters on each CPU; a power of two, so that cells of most CPU counts share one linked program. */
export function simPercpuBytes(workload: Workload): number {
  const share = mostPercpuBytes / (workload.cpus + backgroundCpus);
  const wanted = counterBytes * 1.25 * mostLabels(workload);
  let bytes = leastPercpuBytes;
  while (bytes < wanted && 2 * bytes <= share) bytes *= 2;
  return bytes;
}

/**
 * Bytes of memory of a machine that runs `program`, a multiple of 64.
 * @throws RefplayError `memory-too-small` where its CPUs' areas do not fit below 2 GiB
 */
export function simMemoryBytes({ constants }: IrProgram, workload: Workload): number {
  const cpus = workload.cpus + backgroundCpus;
  const areas = (constants.get("cpuAreaBase") ?? 0) + cpus * (constants.get("cpuAreaBytes") ?? 0);
  const { population, expected } = workload;
  const files = Math.min(expected.opens + expected.accepts + expected.sockets + expected.dups, mebibyte);
  const heap =
    leastHeapBytes +
    cpus * heapBytesPerCpu +
    mostLabels(workload) * labelBytes +
    files * fileBytes +
    population.tasks * (taskBytes + population.descriptorsPerTask * counterBytes);
  if (areas + leastHeapBytes > mostBytes) {
    throw new RefplayError("memory-too-small", `the areas of ${workload.cpus} CPUs do not fit below 2 GiB`, {
      hint: "Ask for fewer CPUs.",
    });
  }
  return Math.floor(Math.min(areas + heap, mostBytes) / 64) * 64;
}
