/** Random choices of a CPU, the same for the same seed on every engine. */
import { i32, load, type ptr, store, u32 } from "refplay/machine";
import { procCpu } from "../cpu-block.ts";
import { readerEnd } from "./reader.ts";

/** Offset of the generator's state in the CPU's block, behind the text reader's. */
const state: i32 = readerEnd + 24;

/** First byte behind it. */
export const chanceEnd: i32 = state + 8;

/** What the choices begin with; not 0. */
export function seedChance(cpu: i32, seed: i32): void {
  store(procCpu(cpu) + state, seed === 0 ? 1 : seed);
}

/** 32 bits. Marsaglia's xorshift32 with his first triple (J. Stat. Software 8(14), 2003). */
function next(cpu: i32): u32 {
  const cell: ptr = procCpu(cpu) + state;
  const before: i32 = load(cell);
  const a: i32 = before ^ (before << 13);
  const b: i32 = a ^ i32(u32(a) >>> 17);
  const c: i32 = b ^ (b << 5);
  store(cell, c);
  return u32(c);
}

/** A number from 0 to `bound` - 1; `bound` is 1 or more. */
export function draw(cpu: i32, bound: i32): i32 {
  return i32((next(cpu) >>> 1) % u32(bound));
}

/** A time that is distributed nearly exponentially, up to 22 times the mean: each half-life with the same chance, even within. */
export function exponentialNs(cpu: i32, meanNs: i32): i32 {
  const bits: u32 = next(cpu) >>> 1;
  let halves: i32 = 0;
  let left: i32 = i32(bits);
  while ((left & 1) !== 0) {
    halves += 1;
    left >>= 1;
  }
  // ln 2 is 710/1024; the fraction's bits are not those that were counted.
  const fraction: i32 = i32(next(cpu) >>> 22);
  const perHalf: i32 = (meanNs / 1024) * 710;
  return perHalf * halves + (perHalf / 1024) * fraction;
}
