/**
 * What a line of /proc/PID/maps has behind permissions and offset: device, inode and name, all of which belong to the mapped file
 * and not to the area. Written once per file; the kernel writes it with every line.
 */
import { i32, load, type ptr, store, u32 } from "refplay/machine";
import { heapReserve } from "../../core/heap.ts";

/** Offsets in a mapped file. */
export enum MappedFile {
  /** Bytes of `text`, newline included. */
  bytes = 0,
  /** Of the name alone, which is there a second time: from a cell's beginning, for who wants nothing else. */
  nameBytes = 4,
  text = 8,
  name = 128,
}

const fileBytes: i32 = 192;

/** Characters. */
enum Char {
  newline = 0x0a,
  space = 0x20,
  colon = 0x3a,
  zero = 0x30,
}

/** Column of the name, counted from the device on: 72 characters and a blank are before it. */
const nameColumn: i32 = 33;

/** A mapped file with that inode; its name has the inode in it. 0 where memory is used up. */
export function mappedFile(cpu: i32, inode: i32): ptr {
  const file: ptr = heapReserve(cpu, fileBytes);
  if (file === 0) return file;
  putDevice(file, 8, 2);
  let at: i32 = putDecimal(file, 6, inode);
  at = pad(file, at);
  // /usr/lib/x86_64-linux-gnu/lib<inode>.so
  at = putFour(file, at, 0x7273752f);
  at = putFour(file, at, 0x62696c2f);
  at = putFour(file, at, 0x3638782f);
  at = putFour(file, at, 0x2d34365f);
  at = putFour(file, at, 0x756e696c);
  at = putFour(file, at, 0x6e672d78);
  at = putFour(file, at, 0x696c2f75);
  putChar(file, at, 0x62);
  at = putDecimal(file, at + 1, inode);
  at = putFour(file, at, 0x2e6f732e);
  putChar(file, at, 0x31);
  putChar(file, at + 1, Char.newline);
  store(file + MappedFile.bytes, at + 2);
  copyName(file, nameColumn, at + 1);
  return file;
}

/** Puts the characters of the text from `from` to `to` - 1 to where the name is by itself. */
function copyName(file: ptr, from: i32, to: i32): void {
  for (let at: i32 = from; at < to; at += 1) {
    const word: i32 = load(file + MappedFile.text + (at & ~3));
    putChar(file, MappedFile.name - MappedFile.text + at - from, (word >> ((at & 3) * 8)) & 0xff);
  }
  store(file + MappedFile.nameBytes, to - from);
}

export function nameBytesOf(file: ptr): i32 {
  return load(file + MappedFile.nameBytes);
}

export function nameOf(file: ptr): ptr {
  return file + MappedFile.name;
}

/** What stands there for memory without a file. */
export function anonymousFile(cpu: i32): ptr {
  const file: ptr = heapReserve(cpu, fileBytes);
  if (file === 0) return file;
  putDevice(file, 0, 0);
  putChar(file, 6, Char.zero);
  putChar(file, 7, Char.space);
  putChar(file, 8, Char.newline);
  store(file + MappedFile.bytes, 9);
  return file;
}

function putDevice(file: ptr, major: i32, minor: i32): void {
  putChar(file, 0, Char.zero);
  putChar(file, 1, Char.zero + major);
  putChar(file, 2, Char.colon);
  putChar(file, 3, Char.zero);
  putChar(file, 4, Char.zero + minor);
  putChar(file, 5, Char.space);
}

/** Blanks up to the name. */
function pad(file: ptr, from: i32): i32 {
  let at: i32 = from;
  while (at < nameColumn) {
    putChar(file, at, Char.space);
    at += 1;
  }
  return at;
}

function putFour(file: ptr, at: i32, characters: i32): i32 {
  for (let index: i32 = 0; index < 4; index += 1)
    putChar(file, at + index, (characters >> (index * 8)) & 0xff);
  return at + 4;
}

function putDecimal(file: ptr, at: i32, value: i32): i32 {
  let unit: i32 = 1;
  while (value / unit >= 10) unit *= 10;
  let end: i32 = at;
  while (unit > 0) {
    putChar(file, end, Char.zero + ((value / unit) % 10));
    end += 1;
    unit /= 10;
  }
  return end;
}

function putChar(file: ptr, at: i32, character: i32): void {
  const cell: ptr = file + MappedFile.text + (at & ~3);
  const shift: i32 = (at & 3) * 8;
  const before: u32 = load(cell);
  const others: u32 = shift === 0 ? u32(0) : before & ((u32(1) << shift) - u32(1));
  store(cell, i32(others | (u32(character) << shift)));
}
