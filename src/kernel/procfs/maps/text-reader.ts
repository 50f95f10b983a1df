/**
 * Reading /proc/PID/maps: a page of text at a time, with whatever holds writers back held for as long as the page takes, and the
 * end of the last line's area as what the next page begins with. Each line is judged by the numbers that are in it, whatever the
 * area has become since: lines must go up, and no gap between them may have pages that are always mapped.
 */
import { type bool, type i32, load, type ptr, spin, store } from "refplay/machine";
import { procCount, procCpu } from "../cpu-block.ts";
import { draw, exponentialNs } from "./chance.ts";
import { MapleState } from "./maple-read.ts";
import { readerState } from "./maps-cpu.ts";
import { MapsGlobal, textPageBytes, theMm } from "./maps-globals.ts";
import { MapsCounter } from "./maps-names.ts";
import { readBegin, readEnd, readerEnd, readNext } from "./reader.ts";
import { formatArea } from "./text.ts";
import { Vma } from "./vma.ts";

/** Offsets in the CPU's block; what is behind them is `chance.ts`'s. */
enum Own {
  /** The page that text is written to. */
  buffer = readerEnd,
  /** Where the next page of text begins: page number. */
  position = readerEnd + 8,
  /** The first range of pages that are always mapped and that may still be told. */
  range = readerEnd + 12,
  /** The page behind all that lines have told: `position`, unless a line made no sense. */
  toldTo = readerEnd + 16,
}

/** Gives the CPU a page to write text to. */
export function textReaderBoot(cpu: i32, buffer: ptr): void {
  store(procCpu(cpu) + Own.buffer, buffer);
  rewind(cpu);
}

export function textBuffer(cpu: i32): ptr {
  return load(procCpu(cpu) + Own.buffer);
}

/** Begins at the beginning of the text. */
export function rewind(cpu: i32): void {
  store(procCpu(cpu) + Own.position, 0);
  store(procCpu(cpu) + Own.range, 0);
  store(procCpu(cpu) + Own.toldTo, 0);
}

/**
 * Reads a page of text into the CPU's buffer; its bytes, 0 at the end. `mode`: see `ReadMode`. `monitored`: it is held up now and then,
 * and what it tells is judged; without that a text costs what it costs, and no book-keeping.
 */
export function readPage(cpu: i32, mode: i32, monitored: bool): i32 {
  const block: ptr = procCpu(cpu);
  const buffer: ptr = load(block + Own.buffer);
  const anonymous: ptr = load(MapsGlobal.anonymous);
  const lineNs: i32 = load(MapsGlobal.lineNs);
  let position: i32 = load(block + Own.position);
  let bytes: i32 = 0;
  let told: i32 = 0;
  let full: bool = false;
  readBegin(cpu, theMm, mode);
  while (!full) {
    const vma: ptr = readNext(cpu, theMm, mode, position, true);
    if (vma === 0) break;
    // Once each: what is printed is what is judged.
    const start: i32 = load(vma + Vma.start);
    const end: i32 = load(vma + Vma.end);
    const flags: i32 = load(vma + Vma.flags);
    const offset: i32 = load(vma + Vma.pageOffset);
    const file: ptr = load(vma + Vma.file);
    const after: i32 = formatArea(buffer, bytes, textPageBytes, start, end, flags, offset, file, anonymous);
    if (after < 0) full = true;
    else {
      bytes = after;
      told += 1;
      if (lineNs > 0) spin(lineNs);
      if (monitored) {
        heldUp(cpu);
        position = judgeLine(cpu, position, start, end);
      } else position = end;
    }
  }
  readEnd(cpu, theMm, mode);
  store(block + Own.position, position);
  if (!full && monitored) judgeEnd(cpu);
  procCount(cpu, MapsCounter.told, told);
  procCount(cpu, MapsCounter.bytes, bytes);
  if (bytes > 0) procCount(cpu, MapsCounter.pages, 1);
  return bytes;
}

/** Now and then somebody else needs the CPU: an interrupt, or a task with a higher priority. */
function heldUp(cpu: i32): void {
  const lines: i32 = load(MapsGlobal.heldUpLines);
  if (lines === 0 || draw(cpu, lines) !== 0) return;
  procCount(cpu, MapsCounter.heldUp, 1);
  spin(exponentialNs(cpu, load(MapsGlobal.heldUpNs)));
}

/** Judges a line that was printed for what was found from `position` on; the page that the next look begins at. */
function judgeLine(cpu: i32, position: i32, start: i32, end: i32): i32 {
  const cell: ptr = procCpu(cpu) + Own.toldTo;
  const toldTo: i32 = load(cell);
  if (end <= toldTo || end <= start) {
    // Somebody changed it while it was looked at: the line tells of no page.
    procCount(cpu, MapsCounter.torn, 1);
  } else {
    if (start < toldTo) procCount(cpu, MapsCounter.twice, 1);
    else if (start > toldTo) judgeGap(cpu, toldTo, start);
    store(cell, end);
    if (end > position) return end;
  }
  // To go on behind its end would be to go back: the tree knows what the area covered.
  const behind: i32 = load(readerState(cpu) + MapleState.next);
  return behind > position ? behind : position + 1;
}

/** The text is at its end: nothing that is always mapped may be behind it. */
function judgeEnd(cpu: i32): void {
  judgeGap(cpu, load(procCpu(cpu) + Own.toldTo), 0x7fffffff);
}

/** Lines leave out pages `from` to `to` - 1: a false gap, one however many of these pages are always mapped. */
function judgeGap(cpu: i32, from: i32, to: i32): void {
  const block: ptr = procCpu(cpu);
  const count: i32 = load(MapsGlobal.alwaysCount);
  const ranges: ptr = load(MapsGlobal.always);
  let index: i32 = load(block + Own.range);
  // Ranges that end before the gap are behind us for good.
  while (index < count) {
    const ends: i32 = load(ranges + index * 8 + 4);
    if (ends > from) break;
    index += 1;
  }
  store(block + Own.range, index);
  if (index === count) return;
  const begins: i32 = load(ranges + index * 8);
  if (begins < to) procCount(cpu, MapsCounter.falseGaps, 1);
}
