/**
 * The text of an area, as a line of /proc/PID/maps has it: `start-end permissions offset device inode name`. Four characters are
 * written at a time, at whatever place of a cell the line begins.
 */
import { i32, load, type ptr, store, u32 } from "refplay/machine";
import { MappedFile } from "./file-name.ts";
import { VmaFlags } from "./vma.ts";

/** Characters before device, inode and name: addresses of 12 digits, permissions, offset of 8 digits. */
export const fixedChars: i32 = 40;

/** Four hexadecimal digits of the low 16 bits, the first in the lowest byte. */
function hexFour(value: i32): u32 {
  const digits: u32 =
    u32((value >> 12) & 15) |
    (u32((value >> 8) & 15) << 8) |
    (u32((value >> 4) & 15) << 16) |
    (u32(value & 15) << 24);
  const letters: u32 = ((digits + u32(0x06060606)) >>> 4) & u32(0x01010101);
  return digits + u32(0x30303030) + letters * u32(39);
}

/**
 * Writes the line of an area at byte `at` of a buffer, of whose cell the bytes before `at` are kept. The byte behind the line; -1
 * where the line has no room before byte `room`: then nothing is written. Addresses are printed as above 0x700000000000.
 * `from`, `to`, `flags`, `offset` and `mapped` are the area's, as the caller has read them: an area without a lock may have others by
 * now.
 */
export function formatArea(
  buffer: ptr,
  at: i32,
  room: i32,
  from: i32,
  to: i32,
  flags: i32,
  offset: i32,
  mapped: ptr,
  anonymous: ptr,
): i32 {
  const file: ptr = mapped === 0 ? anonymous : mapped;
  const tailBytes: i32 = load(file + MappedFile.bytes);
  const end: i32 = at + fixedChars + tailBytes;
  if (end > room) return -1;
  // 7, eight digits of the page, 000; the digits come four at a time, each word shifted by the one before.
  const fromHigh: u32 = hexFour(from >> 16);
  const fromLow: u32 = hexFour(from);
  const toHigh: u32 = hexFour(to >> 16);
  const toLow: u32 = hexFour(to);
  // Bytes of a page number that has 12 more bits below it, as 8 digits: the low 5 digits and 000 (of 32 bits).
  const fileHigh: u32 = mapped === 0 ? hexFour(0) : hexFour(offset >> 4);
  const fileLow: u32 = mapped === 0 ? hexFour(0) : hexFour(offset << 12);
  const r: u32 = (flags & VmaFlags.read) !== 0 ? u32(0x72) : u32(0x2d);
  const w: u32 = (flags & VmaFlags.write) !== 0 ? u32(0x77) : u32(0x2d);
  const x: u32 = (flags & VmaFlags.execute) !== 0 ? u32(0x78) : u32(0x2d);
  const s: u32 = (flags & VmaFlags.shared) !== 0 ? u32(0x73) : u32(0x70);
  const word0: u32 = u32(0x37) | (fromHigh << 8);
  const word1: u32 = (fromHigh >>> 24) | (fromLow << 8);
  const word2: u32 = (fromLow >>> 24) | u32(0x30303000);
  // -7 and two digits.
  const word3: u32 = u32(0x372d) | (toHigh << 16);
  const word4: u32 = (toHigh >>> 16) | (toLow << 16);
  const word5: u32 = (toLow >>> 16) | u32(0x30300000);
  const word6: u32 = u32(0x2030) | (r << 16) | (w << 24);
  const word7: u32 = x | (s << 8) | u32(0x200000) | (fileHigh << 24);
  const word8: u32 = (fileHigh >>> 8) | (fileLow << 24);
  const word9: u32 = (fileLow >>> 8) | u32(0x20000000);
  const shift: i32 = (at & 3) * 8;
  const out: ptr = buffer + (at & ~3);
  let hold: u32 = 0;
  if (shift !== 0) {
    const before: u32 = load(out);
    hold = before & ((u32(1) << shift) - u32(1));
  }
  hold = putWord(out, hold, word0, shift);
  hold = putWord(out + 4, hold, word1, shift);
  hold = putWord(out + 8, hold, word2, shift);
  hold = putWord(out + 12, hold, word3, shift);
  hold = putWord(out + 16, hold, word4, shift);
  hold = putWord(out + 20, hold, word5, shift);
  hold = putWord(out + 24, hold, word6, shift);
  hold = putWord(out + 28, hold, word7, shift);
  hold = putWord(out + 32, hold, word8, shift);
  hold = putWord(out + 36, hold, word9, shift);
  for (let done: i32 = 0; done < tailBytes; done += 4) {
    const word: u32 = load(file + MappedFile.text + done);
    hold = putWord(out + fixedChars + done, hold, word, shift);
  }
  // What is left of the last word: bytes behind the line's end are 0 and overwritten by the next one.
  if (shift !== 0) store(out + fixedChars + ((tailBytes + 3) & ~3), i32(hold));
  return end;
}

/** Writes a word behind the `shift` bits that are held from the one before, and returns what is held of it. */
function putWord(out: ptr, hold: u32, word: u32, shift: i32): u32 {
  store(out, i32(hold | (word << shift)));
  return shift === 0 ? u32(0) : word >>> (32 - shift);
}

/** A byte of a text. */
export function charAt(buffer: ptr, at: i32): i32 {
  const word: i32 = load(buffer + (at & ~3));
  return (word >> ((at & 3) * 8)) & 0xff;
}
