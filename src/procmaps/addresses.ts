/** Which addresses are asked for: those of a file, or a sample of what a process has mapped. */
import { RefplayError } from "../errors.ts";
import { Random } from "../workloads/random.ts";
import type { Mapping } from "./mapping.ts";

const largestAddress = (1n << 64n) - 1n;
/** Share of a sample that is drawn from mappings; the rest lies anywhere between the first and the last. */
const mappedShare = 0.8;

/**
 * One address per line, hexadecimal with or without `0x`; blank lines and what follows `#` are left out.
 * @throws RefplayError `bad-address` with file and line
 */
export function parseAddresses(text: string, file: string): bigint[] {
  const addresses = text.split("\n").flatMap((line, index) => {
    const word = line.replace(/#.*/, "").trim();
    if (word === "") return [];
    const digits = /^(?:0[xX])?([0-9a-fA-F]+)$/.exec(word)?.[1];
    const address = digits === undefined ? largestAddress + 1n : BigInt(`0x${digits}`);
    if (address <= largestAddress) return [address];
    throw new RefplayError("bad-address", `\`${word}\` is not an address`, {
      hint: "one hexadecimal number of up to 64 bits per line, as in 7f12a4c00000",
      location: { file, line: index + 1 },
    });
  });
  if (addresses.length > 0) return addresses;
  throw new RefplayError("bad-address", `${file} has no addresses`, {
    hint: "one hexadecimal number per line",
  });
}

/** `count` addresses, the same for the same mappings and seed: four of five in a mapping, every mapping as likely. */
export function sampleAddresses(mappings: readonly Mapping[], count: number, seed: string): bigint[] {
  const random = new Random(seed);
  const first = mappings[0];
  const last = mappings.at(-1);
  if (first === undefined || last === undefined) return [];
  const between = (start: bigint, end: bigint): bigint => {
    // 62 random bits: more than enough for 47 or 56 bits of address space.
    const draw = (BigInt(random.below(2 ** 31)) << 31n) | BigInt(random.below(2 ** 31));
    return start + (draw * (end - start)) / (1n << 62n);
  };
  return Array.from({ length: count }, () => {
    if (!random.chance(mappedShare)) return between(first.start, last.end);
    const { start, end } = random.pick(mappings);
    return between(start, end);
  });
}
