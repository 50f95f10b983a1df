/**
 * Whether the answers of a look-up hold: held against the areas themselves, field by field, whichever way the answers came about.
 */
import { type bool, type i32, load, type ptr } from "refplay/machine";
import { ProcCpu, procCount, procCpu } from "../cpu-block.ts";
import { nameBytesOf, nameOf } from "./file-name.ts";
import { Known, knownAt, LookUpBlock } from "./known-areas.ts";
import { mapleLoad } from "./maple-read.ts";
import { MapsGlobal, theMm } from "./maps-globals.ts";
import { MapsCounter, MapsLayout } from "./maps-names.ts";
import { Mm } from "./mm.ts";
import { downRead, upRead } from "./rwsem.ts";
import { Vma } from "./vma.ts";

/** Beside changes: counts the answers whose area is not, or is no longer, where they say. */
export function judgeAll(cpu: i32): void {
  const answers: ptr = load(procCpu(cpu) + LookUpBlock.answers);
  const addresses: ptr = load(MapsGlobal.addresses);
  const all: i32 = load(MapsGlobal.addressCount);
  let stale: i32 = 0;
  downRead(theMm + Mm.lock);
  for (let index: i32 = 0; index < all; index += 1) {
    const answer: i32 = load(answers + index * 4);
    const vma: ptr = mapleLoad(theMm + Mm.tree, load(addresses + index * 4));
    if (answer === 0 || vma === 0) {
      if (answer !== 0 || vma !== 0) stale += 1;
    } else {
      const entry: ptr = knownAt(cpu, answer - 1);
      const toldStart: i32 = load(entry + Known.start);
      const toldEnd: i32 = load(entry + Known.end);
      const start: i32 = load(vma + Vma.start);
      const end: i32 = load(vma + Vma.end);
      if (toldStart !== start || toldEnd !== end) stale += 1;
    }
  }
  upRead(theMm + Mm.lock);
  procCount(cpu, MapsCounter.stale, stale);
}

/**
 * When all is over: counts the answers of this CPU's last batch that are wrong although nothing has changed there. All of them where
 * nobody changes anything, those below the zones where somebody does.
 */
export function judgeAtEnd(cpu: i32): void {
  const room: i32 = load(MapsGlobal.addressRoom);
  const batches: i32 = load(procCpu(cpu) + ProcCpu.requests);
  if (room === 0 || batches === 0) return;
  const answers: ptr = load(procCpu(cpu) + LookUpBlock.answers);
  const addresses: ptr = load(MapsGlobal.addresses);
  const all: i32 = load(MapsGlobal.addressCount);
  const changers: i32 = load(MapsGlobal.changers);
  const behind: i32 = changers === 0 ? 0x7fffffff : MapsLayout.zones;
  let wrong: i32 = 0;
  // An area that was told as it is answers for all addresses in it.
  let right: i32 = 0;
  let rightEnd: i32 = 0;
  downRead(theMm + Mm.lock);
  for (let index: i32 = 0; index < all; index += 1) {
    const page: i32 = load(addresses + index * 4);
    const answer: i32 = load(answers + index * 4);
    if (page < behind && (answer === 0 || answer !== right || page >= rightEnd)) {
      const vma: ptr = mapleLoad(theMm + Mm.tree, page);
      if (answer === 0 || vma === 0) {
        if (answer !== 0 || vma !== 0) wrong += 1;
      } else if (isTold(knownAt(cpu, answer - 1), vma)) {
        right = answer;
        rightEnd = load(vma + Vma.end);
      } else wrong += 1;
    }
  }
  upRead(theMm + Mm.lock);
  procCount(cpu, MapsCounter.wrongAnswers, wrong);
}

/** Whether an entry says of an area what it is: all that a query answers. */
function isTold(entry: ptr, vma: ptr): bool {
  const toldStart: i32 = load(entry + Known.start);
  const toldEnd: i32 = load(entry + Known.end);
  const toldFlags: i32 = load(entry + Known.flags);
  const toldOffset: i32 = load(entry + Known.pageOffset);
  const start: i32 = load(vma + Vma.start);
  const end: i32 = load(vma + Vma.end);
  const flags: i32 = load(vma + Vma.flags);
  const offset: i32 = load(vma + Vma.pageOffset);
  const file: ptr = load(vma + Vma.file);
  if (toldStart !== start || toldEnd !== end || toldFlags !== flags) return false;
  return toldOffset === (file === 0 ? 0 : offset) && isNamed(entry + Known.name, file);
}

/** Whether that is the file's name, to its last character and no further. */
function isNamed(told: ptr, file: ptr): bool {
  const bytes: i32 = file === 0 ? 0 : nameBytesOf(file);
  for (let at: i32 = 0; at <= bytes; at += 4) {
    const word: i32 = load(told + at);
    const wanted: i32 = at < bytes ? load(nameOf(file) + at) : 0;
    if (word !== wanted) return false;
  }
  return true;
}
