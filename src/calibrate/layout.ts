/** Chains of addresses in shared memory: each line holds the address of the next one, in an order that no prefetcher guesses. */
import seedrandom from "seedrandom";

const pageBytes = 4096;
/** Processors fetch lines of 64 bytes in pairs: only one of a pair is on a chain. */
export const chainStride = 128;

/** A ring of `lines` lines from `at`, each `chainStride` bytes behind the last, in random order. */
export function layRing(cells: Int32Array, at: number, lines: number, seed: string): void {
  const order = shuffled(lines, seedrandom(seed));
  for (let index = 0; index < lines; index++) {
    const next = order[(index + 1) % lines] as number;
    cells[(at + (order[index] as number) * chainStride) / 4] = at + next * chainStride;
  }
}

/** Lines of a page that are on a chain through memory. A walk of the page table is spread over so many loads. */
const linesOfPage = 8;

/**
 * A ring through `bytes` (whole pages) from `at`: pages in random order, and in each a few lines in random order. Returns an address on it.
 */
export function layMemoryRing(cells: Int32Array, at: number, bytes: number, seed: string): number {
  const random = seedrandom(seed);
  const step = pageBytes / linesOfPage;
  let first = -1;
  let last = -1;
  for (const page of shuffled(Math.floor(bytes / pageBytes), random)) {
    const shift = chainStride * Math.floor(random() * (step / chainStride));
    for (const place of shuffled(linesOfPage, random)) {
      const address = at + page * pageBytes + place * step + shift;
      if (last < 0) first = address;
      else cells[last / 4] = address;
      last = address;
    }
  }
  if (last >= 0) cells[last / 4] = first;
  return first;
}

/** 0 to count - 1 in random order (Fisher and Yates). */
function shuffled(count: number, random: () => number): Int32Array {
  const order = Int32Array.from({ length: count }, (_, index) => index);
  for (let index = count - 1; index > 0; index--) {
    const other = Math.floor(random() * (index + 1));
    const kept = order[index] as number;
    order[index] = order[other] as number;
    order[other] = kept;
  }
  return order;
}
