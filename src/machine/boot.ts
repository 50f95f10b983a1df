/** Writes the boot block: what an engine tells the portable code of the machine before anything runs. */
import { Boot, lineBytes } from "./memory-map.ts";

export interface BootLayout {
  /** 1 or more. */
  readonly cpus: number;
  /** First byte of CPU 0's area and bytes from one area to the next: multiples of 64 (`cpuAreaBase`, `cpuAreaBytes` of the kernel). */
  readonly cpuBase: number;
  readonly cpuStride: number;
  /** Bytes of the whole memory; the heap reaches to its end. */
  readonly memoryBytes: number;
  /** Actors that take part in RCU; all CPUs unless given. */
  readonly rcuReaders?: number;
}

/** Fills the boot block of `memory` (4-byte cells; zero elsewhere). Throws where the areas do not fit or are not aligned. */
export function writeBootBlock(memory: Int32Array, layout: BootLayout): void {
  const { cpus, cpuBase, cpuStride, memoryBytes } = layout;
  if (!Number.isInteger(cpus) || cpus < 1) throw new RangeError(`cpus must be 1 or more, not ${cpus}`);
  if (cpuBase % lineBytes !== 0 || cpuStride % lineBytes !== 0) {
    throw new RangeError(
      `CPU areas must begin on lines of ${lineBytes} bytes (base ${cpuBase}, stride ${cpuStride})`,
    );
  }
  const heapStart = cpuBase + cpus * cpuStride;
  if (heapStart > memoryBytes || memoryBytes > memory.length * 4) {
    throw new RangeError(
      `${cpus} CPU areas end at byte ${heapStart}, but memory has ${Math.min(memoryBytes, memory.length * 4)} bytes`,
    );
  }
  memory[Boot.cpus >> 2] = cpus;
  memory[Boot.cpuBase >> 2] = cpuBase;
  memory[Boot.cpuStride >> 2] = cpuStride;
  memory[Boot.heapStart >> 2] = heapStart;
  memory[Boot.heapEnd >> 2] = memoryBytes & -lineBytes;
  memory[Boot.rcuReaders >> 2] = layout.rcuReaders ?? cpus;
  memory[Boot.tick >> 2] = 0;
}
