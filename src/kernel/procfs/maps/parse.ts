/** Parsing the text of /proc/PID/maps: everything of a line that the query would answer. */
import { type i32, type ptr, store } from "refplay/machine";
import { procCount } from "../cpu-block.ts";
import { Known, knownAt, knownRoom, mostNameChars, setKnownCount } from "./known-areas.ts";
import { MapsCounter } from "./maps-names.ts";
import { ReadMode } from "./reader.ts";
import { charAt } from "./text.ts";
import { readPage, rewind, textBuffer } from "./text-reader.ts";
import { VmaFlags } from "./vma.ts";

/** Columns of a line: see `text.ts`. Eight digits of a page number stand behind the first one, and three that are 0 behind them. */
enum Column {
  start = 1,
  end = 14,
  permissions = 26,
  offset = 31,
  inode = 46,
}

/** Digits of a page number, and of an offset, the last three of which are 0. */
const pageDigits: i32 = 8;
const offsetDigits: i32 = 5;

const newline: i32 = 0x0a;
const blank: i32 = 0x20;

/** Reads the whole text, and keeps what it says. */
export function parseText(cpu: i32): void {
  const buffer: ptr = textBuffer(cpu);
  const room: i32 = knownRoom(cpu);
  let count: i32 = 0;
  rewind(cpu);
  let bytes: i32 = readPage(cpu, ReadMode.locked, false);
  while (bytes > 0) {
    let line: i32 = 0;
    while (line < bytes && count < room) {
      line = parseLine(buffer, line, knownAt(cpu, count));
      count += 1;
    }
    bytes = readPage(cpu, ReadMode.locked, false);
  }
  procCount(cpu, MapsCounter.passes, 1);
  setKnownCount(cpu, count);
}

/** Parses the line at a byte of a text; where the next one begins. */
export function parseLine(buffer: ptr, line: i32, entry: ptr): i32 {
  store(entry + Known.start, hexAt(buffer, line + Column.start, pageDigits));
  store(entry + Known.end, hexAt(buffer, line + Column.end, pageDigits));
  store(entry + Known.flags, flagsAt(buffer, line + Column.permissions));
  store(entry + Known.pageOffset, hexAt(buffer, line + Column.offset, offsetDigits));
  let at: i32 = line + Column.inode;
  while (charAt(buffer, at) !== blank) at += 1;
  while (charAt(buffer, at) === blank) at += 1;
  return copyName(buffer, at, entry + Known.name);
}

function hexAt(buffer: ptr, from: i32, digits: i32): i32 {
  let value: i32 = 0;
  for (let at: i32 = from; at < from + digits; at += 1) {
    const char: i32 = charAt(buffer, at);
    // 0-9 are 0x30 to 0x39, a-f 0x61 to 0x66.
    value = (value << 4) | (char <= 0x39 ? char - 0x30 : char - 0x57);
  }
  return value;
}

function flagsAt(buffer: ptr, at: i32): i32 {
  const read: i32 = charAt(buffer, at) === 0x72 ? VmaFlags.read : 0;
  const write: i32 = charAt(buffer, at + 1) === 0x77 ? VmaFlags.write : 0;
  const execute: i32 = charAt(buffer, at + 2) === 0x78 ? VmaFlags.execute : 0;
  const shared: i32 = charAt(buffer, at + 3) === 0x73 ? VmaFlags.shared : 0;
  return read | write | execute | shared;
}

/** Copies the name up to the line's end; what is behind that. */
function copyName(buffer: ptr, from: i32, to: ptr): i32 {
  let at: i32 = from;
  let word: i32 = 0;
  let char: i32 = charAt(buffer, at);
  while (char !== newline) {
    const done: i32 = at - from;
    word |= char << ((done & 3) * 8);
    if ((done & 3) === 3) {
      if (done < mostNameChars) store(to + (done & ~3), word);
      word = 0;
    }
    at += 1;
    char = charAt(buffer, at);
  }
  const length: i32 = at - from;
  if (length < mostNameChars) store(to + (length & ~3), word);
  return at + 1;
}
