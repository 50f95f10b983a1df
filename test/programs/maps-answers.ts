/**
 * Addresses that are looked up in an address space where nothing changes, and what is told of each. Entries as
 * test/scenarios/maps-answers.test.ts needs them.
 */
import { coreBoot, type ProgramMeta } from "refplay/kernel";
import { type i32, load, type ptr } from "refplay/machine";
import { procCounted, procCpu } from "../../src/kernel/procfs/cpu-block.ts";
import { addAddress, buildAreas, buildReaders } from "../../src/kernel/procfs/maps/build.ts";
import { judgeAtEnd } from "../../src/kernel/procfs/maps/judge-answers.ts";
import { knownAt, LookUpBlock } from "../../src/kernel/procfs/maps/known-areas.ts";
import { lookUpAll } from "../../src/kernel/procfs/maps/look-up.ts";
import { MapsCounter } from "../../src/kernel/procfs/maps/maps-names.ts";

export function boot(areas: i32, zones: i32, zonePages: i32, addresses: i32): void {
  coreBoot();
  buildReaders(areas + zones, addresses);
  buildAreas(areas, zones, zonePages, 0);
}

export function address(page: i32): void {
  addAddress(page);
}

export function lookUp(cpu: i32): void {
  lookUpAll(cpu);
}

/** A cell of what is told of an address, at that offset (`Known`); -1 where it is said to have no area. */
export function told(cpu: i32, index: i32, offset: i32): i32 {
  const answers: ptr = load(procCpu(cpu) + LookUpBlock.answers);
  const answer: i32 = load(answers + index * 4);
  if (answer === 0) return -1;
  return load(knownAt(cpu, answer - 1) + offset);
}

/** Answers that the scenario's own judge finds wrong. */
export function wrong(cpu: i32): i32 {
  judgeAtEnd(cpu);
  return procCounted(MapsCounter.wrongAnswers);
}

export default {
  options: {
    lookUp: { unit: "number", default: 2, min: 0, max: 2, doc: "How addresses are looked up, `LookUp`." },
    refreshEvery: { unit: "count", default: 2, min: 1, max: 100, doc: "Batches that a parsed text serves." },
    readerRetries: { unit: "count", default: 3, min: 0, max: 8, doc: "Looks without a lock, begun again." },
    mapleSlots: { unit: "count", default: 4, min: 4, max: 16, doc: "Slots of a leaf of the tree." },
  },
} satisfies ProgramMeta;
