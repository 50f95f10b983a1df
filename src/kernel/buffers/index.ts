/**
 * Work buffers: the memory in which a path hook of AppArmor writes the path that it then looks up in the policy (aa_get_buffer
 * and aa_put_buffer, security/apparmor/lsm.c). They have been allocated for each use, kept for each CPU, shared by all and
 * cached on the way, each time to mend what the last way had cost; the option `buffers` chooses (`BufferVariant`).
 *
 * A hook takes one or two, and gives each back on the CPU where it took it.
 */
import { type i32, load, type ptr } from "refplay/machine";
import { Boot } from "../../machine/memory-map.ts";
import { Counter } from "../core/counter-names.ts";
import { count } from "../core/counters.ts";
import { heapAlloc, heapFree } from "../core/heap.ts";
import { Kind } from "../core/kinds.ts";
import { hybridDismantle, hybridGive, hybridTake } from "./hybrid.ts";
import { BufferVariant, bufferBytes, bufferVariant } from "./layout.ts";
import { percpuBoot, percpuDismantle, percpuGive, percpuTake } from "./percpu.ts";
import { poolBoot, poolDismantle, poolGive, poolTake } from "./pool.ts";

export { bufferBytesNow, buffersNow } from "./counters.ts";
export { bufferBytes } from "./layout.ts";

/**
 * Makes what is made at boot. Once for every CPU, on that CPU, before any of them takes a buffer; CPU 0 makes what all share.
 * Where memory does not suffice there are fewer.
 */
export function buffersBoot(cpu: i32): void {
  if (bufferVariant === BufferVariant.percpu) percpuBoot(cpu);
  else if (bufferVariant !== BufferVariant.kmalloc && cpu === 0) poolBoot(cpu, load(Boot.cpus));
}

/**
 * A buffer of `bufferBytes`, contents undefined, for this CPU until it gives it back. At most two at a time. 0 where memory
 * is used up, and with `percpu` for a third one. May wait for the pool's lock.
 */
export function bufferTake(cpu: i32): ptr {
  count(cpu, Counter.bufferTakes, 1);
  if (bufferVariant === BufferVariant.kmalloc) return heapAlloc(cpu, Kind.buffer, bufferBytes);
  if (bufferVariant === BufferVariant.percpu) return percpuTake(cpu);
  if (bufferVariant === BufferVariant.pool) return poolTake(cpu);
  return hybridTake(cpu);
}

/** Gives back what `bufferTake` returned on this CPU; nothing for 0. With `pool` it may wait for the lock. */
export function bufferGive(cpu: i32, buffer: ptr): void {
  if (buffer === 0) return;
  if (bufferVariant === BufferVariant.kmalloc) heapFree(cpu, buffer);
  else if (bufferVariant === BufferVariant.percpu) percpuGive(cpu, buffer);
  else if (bufferVariant === BufferVariant.pool) poolGive(cpu, buffer);
  else hybridGive(cpu, buffer);
}

/** The end: frees all buffers of all CPUs that are in nobody's hand, on `cpu`. Nobody else runs. */
export function buffersDismantle(cpu: i32): void {
  if (bufferVariant === BufferVariant.kmalloc) return;
  const cpus: i32 = load(Boot.cpus);
  for (let owner: i32 = 0; owner < cpus; owner += 1) {
    if (bufferVariant === BufferVariant.percpu) percpuDismantle(cpu, owner);
    else if (bufferVariant === BufferVariant.hybrid) hybridDismantle(cpu, owner);
  }
  if (bufferVariant !== BufferVariant.percpu) poolDismantle(cpu);
}
