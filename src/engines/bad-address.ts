/** Which addresses portable code may not touch, and how engines that watch every access put it. */
import { nullBytes } from "../machine/memory-map.ts";
import { FaultReason } from "../machine/ops.ts";

/** Readable texts for what portable code cannot go on from. */
export const faultTexts: Readonly<Record<number, string>> = {
  [FaultReason.divideByZero]: "divided by zero",
  [FaultReason.misaligned]: "used an address that is not a multiple of 4",
  [FaultReason.outOfRange]: "used an address outside the memory",
  [FaultReason.noReturn]: "reached the end of a function that returns a value",
  [FaultReason.endlessLoop]: "ran a loop without operations that does not end",
};

/** Whether no cell of a memory of `bytes` bytes is at the address: misaligned, in the null line, or outside. */
export function isBadAddress(address: number, bytes: number): boolean {
  return (address & 3) !== 0 || address < nullBytes || address >= bytes;
}

/** What is wrong with such an address, to follow the name of an operation. */
export function badAddressText(address: number): string {
  if ((address & 3) !== 0) return faultTexts[FaultReason.misaligned] as string;
  if (address >= 0 && address < nullBytes) return "used an address in the null line";
  return faultTexts[FaultReason.outOfRange] as string;
}
