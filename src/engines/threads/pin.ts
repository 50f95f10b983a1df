/**
 * Pins the calling thread to one processor with sched_setaffinity (Linux), through koffi where it is installed. Without,
 * the kernel's scheduler decides, which is fine but for the spread of short runs.
 */

/** Bytes of the processor masks: 1,024 processors, as glibc's cpu_set_t. */
const maskBytes = 128;

export interface Pinning {
  /** The processor this thread stays on, or null where it was not pinned. */
  readonly processor: number | null;
  /** Why not. */
  readonly note: string | null;
}

/** Why no thread of this process could be pinned, a sentence; null where it can be tried. Pins nothing. */
export async function whyNotPinned(): Promise<string | null> {
  const found = await findKoffi();
  return "note" in found ? found.note : null;
}

async function findKoffi(): Promise<{ koffi: typeof import("koffi") } | { note: string }> {
  if (process.platform !== "linux") return { note: "threads are not pinned: only on Linux" };
  try {
    return { koffi: await import("koffi") };
  } catch {
    return { note: "threads are not pinned: the package koffi is not installed" };
  }
}

/** Pins the calling thread to the `index`-th processor that this process may use, going round. Never throws. */
export async function pinThread(index: number): Promise<Pinning> {
  const refused = (note: string): Pinning => ({ processor: null, note });
  const found = await findKoffi();
  if ("note" in found) return refused(found.note);
  const { koffi } = found;
  try {
    const libc = koffi.load("libc.so.6");
    const getAffinity = libc.func("int sched_getaffinity(int pid, size_t bytes, _Out_ uint8_t *mask)");
    const setAffinity = libc.func("int sched_setaffinity(int pid, size_t bytes, const uint8_t *mask)");
    const mask = new Uint8Array(maskBytes);
    // Thread 0 means the caller.
    if (getAffinity(0, maskBytes, mask) < 0)
      return refused("threads are not pinned: sched_getaffinity failed");
    const allowed = processorsIn(mask);
    const processor = allowed[index % Math.max(allowed.length, 1)];
    if (processor === undefined) return refused("threads are not pinned: no processor is allowed");
    if (setAffinity(0, maskBytes, maskOf(processor)) < 0) {
      return refused("threads are not pinned: sched_setaffinity failed");
    }
    return { processor, note: null };
  } catch (error) {
    return refused(`threads are not pinned: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function processorsIn(mask: Uint8Array): number[] {
  return Array.from({ length: mask.length * 8 }, (_, bit) => bit).filter(
    (bit) => ((mask[bit >> 3] ?? 0) >> (bit & 7)) & 1,
  );
}

function maskOf(processor: number): Uint8Array {
  const mask = new Uint8Array(maskBytes);
  mask[processor >> 3] = 1 << (processor & 7);
  return mask;
}
