/**
 * The other question to an address space: to which areas do these addresses belong? By reading the text and parsing it, by keeping
 * what was parsed, or by asking (PROCMAP_QUERY). Addresses ascend, so each way goes through them once; an address that lies in the
 * area of the one before costs nothing more, as in the profiler that the published figures come from.
 */
import { type bool, type i32, load, option, type ptr, store } from "refplay/machine";
import { procCount, procCpu } from "../cpu-block.ts";
import { countRequest } from "../script-run.ts";
import { Known, knownAt, knownCount, LookUpBlock } from "./known-areas.ts";
import { MapsGlobal } from "./maps-globals.ts";
import { LookUp, MapsCounter } from "./maps-names.ts";
import { parseText } from "./parse.ts";
import { queryArea } from "./query.ts";

const way: i32 = option("lookUp");
/** Batches that are looked up in what was parsed once. */
const refreshEvery: i32 = option("refreshEvery");

/** Looks all addresses up: a batch. */
export function lookUpAll(cpu: i32): void {
  if (way === LookUp.query) queryAll(cpu);
  else {
    if (mustRead(cpu)) parseText(cpu);
    findAll(cpu);
  }
  procCount(cpu, MapsCounter.answers, load(MapsGlobal.addressCount));
  countRequest(cpu);
}

function mustRead(cpu: i32): bool {
  if (way === LookUp.text) return true;
  const cell: ptr = procCpu(cpu) + LookUpBlock.fresh;
  const left: i32 = load(cell);
  store(cell, left === 0 ? refreshEvery - 1 : left - 1);
  return left === 0;
}

/**
 * Answers addresses from `index` on, as far as they lie before the end of a known area: with its number, or 0 for those before its
 * start. The first address behind it.
 */
function answerUpTo(cpu: i32, from: i32, known: i32): i32 {
  const answers: ptr = load(procCpu(cpu) + LookUpBlock.answers);
  const addresses: ptr = load(MapsGlobal.addresses);
  const all: i32 = load(MapsGlobal.addressCount);
  const entry: ptr = knownAt(cpu, known);
  const start: i32 = load(entry + Known.start);
  const end: i32 = load(entry + Known.end);
  let index: i32 = from;
  while (index < all) {
    const page: i32 = load(addresses + index * 4);
    if (page >= end) return index;
    store(answers + index * 4, page < start ? 0 : known + 1);
    index += 1;
  }
  return index;
}

/** The others have no area. */
function answerNone(cpu: i32, from: i32): void {
  const answers: ptr = load(procCpu(cpu) + LookUpBlock.answers);
  const all: i32 = load(MapsGlobal.addressCount);
  for (let index: i32 = from; index < all; index += 1) store(answers + index * 4, 0);
}

/** Goes through addresses and parsed areas side by side. */
function findAll(cpu: i32): void {
  const count: i32 = knownCount(cpu);
  const all: i32 = load(MapsGlobal.addressCount);
  const addresses: ptr = load(MapsGlobal.addresses);
  let index: i32 = 0;
  let area: i32 = 0;
  while (index < all && area < count) {
    const page: i32 = load(addresses + index * 4);
    const end: i32 = load(knownAt(cpu, area) + Known.end);
    if (page < end) index = answerUpTo(cpu, index, area);
    else area += 1;
  }
  answerNone(cpu, index);
}

/** Asks for the area of each address that lies behind the one before. */
function queryAll(cpu: i32): void {
  const all: i32 = load(MapsGlobal.addressCount);
  const addresses: ptr = load(MapsGlobal.addresses);
  let index: i32 = 0;
  let queries: i32 = 0;
  while (index < all) {
    const page: i32 = load(addresses + index * 4);
    if (!queryArea(cpu, page, queries)) break;
    index = answerUpTo(cpu, index, queries);
    queries += 1;
  }
  answerNone(cpu, index);
  procCount(cpu, MapsCounter.queries, queries);
}
