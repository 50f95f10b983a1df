/**
 * Readers of /proc/PID/maps beside a writer, with what they counted in one text. Entries as test/kernel/procfs/maps-judge.test.ts needs them.
 */
import { coreBoot, type ProgramMeta, RcuHead } from "refplay/kernel";
import { type i32, load, type ptr, rcuTake, store } from "refplay/machine";
import { ProcCpu, procCounted, procCounterLimit, procCpu } from "../../src/kernel/procfs/cpu-block.ts";
import { buildAreas, buildReaders, destroyAreas } from "../../src/kernel/procfs/maps/build.ts";
import { runCallback } from "../../src/kernel/procfs/maps/callbacks.ts";
import { seedChance } from "../../src/kernel/procfs/maps/chance.ts";
import { protectSome } from "../../src/kernel/procfs/maps/changer.ts";
import { MapsCounter, MapsLayout } from "../../src/kernel/procfs/maps/maps-names.ts";
import { readPage, rewind, textBuffer } from "../../src/kernel/procfs/maps/text-reader.ts";

/** Pages whose permissions change; all are mapped all the time. */
const pages: i32 = 24;

export function boot(seed: i32): void {
  coreBoot();
  buildReaders(64, 0);
  buildAreas(4, 1, 4, pages);
  seedChance(0, seed);
}

export function writer(cpu: i32, rounds: i32): void {
  for (let round: i32 = 0; round < rounds; round += 1) protectSome(cpu, MapsLayout.protectedZones, pages);
}

/**
 * Reads texts, each of which fits into a page, until one is counted to be torn or to have a false gap, `most` at most. Counters are those
 * of the last one; its bytes.
 */
export function reader(cpu: i32, mode: i32, most: i32): i32 {
  let bytes: i32 = 0;
  for (let text: i32 = 0; text < most; text += 1) {
    for (let counter: i32 = 0; counter < procCounterLimit; counter += 1) store(cellOf(cpu, counter), 0);
    rewind(cpu);
    bytes = readPage(cpu, mode, true);
    const torn: i32 = load(cellOf(cpu, MapsCounter.torn));
    const falseGaps: i32 = load(cellOf(cpu, MapsCounter.falseGaps));
    if (torn !== 0 || falseGaps !== 0) return bytes;
  }
  return bytes;
}

function cellOf(cpu: i32, counter: i32): ptr {
  return procCpu(cpu) + ProcCpu.counters + counter * 4;
}

/** Where the text of a reader begins. */
export function textOf(reader: i32): ptr {
  return textBuffer(reader);
}

/** A counter, `MapsCounter`. */
export function counted(counter: i32): i32 {
  return procCounted(counter);
}

/** The end: areas and tree are given back. */
export function dismantle(): void {
  destroyAreas(0);
}

export function softirq(cpu: i32): void {
  let head: ptr = rcuTake();
  while (head !== 0) {
    runCallback(cpu, load(head + RcuHead.callback), head);
    head = rcuTake();
  }
}

export default {
  options: {
    readerRetries: { unit: "count", default: 3, min: 0, max: 8, doc: "Looks without a lock, begun again." },
    mapleSlots: { unit: "count", default: 4, min: 4, max: 16, doc: "Slots of a leaf of the tree." },
  },
} satisfies ProgramMeta;
