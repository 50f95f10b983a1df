/**
 * What the maintenance of `percpu-dynamic` knows: collects samples, finds out who is hot and who is not any more, and who is to be.
 * One CPU at a time does this. The switches themselves are in `dynamic-switch.ts`.
 */

import { Boot, heapAlloc, Kind, percpuCell, release } from "refplay/kernel";
import {
  type bool,
  compareExchange,
  fetchAdd,
  type i32,
  load,
  loadAcquire,
  option,
  type ptr,
  store,
  storeRelease,
} from "refplay/machine";
import {
  Cell,
  globals,
  Own,
  Record,
  RecordState,
  recordBytes,
  Sample,
  Shared,
  sampleEvery,
  sampleLimit,
  sampleOf,
  sharedBit,
} from "./dynamic-places.ts";

const msPerSecond: i32 = 1000;
/** Gets in a period above which a label gets counters, and below which it loses them; that is 1 at least, so that an idle label does. */
const heatAbove: i32 = (option("switchPerSecond") * option("intervalMs")) / msPerSecond;
const coolScaled: i32 = (option("coolPerSecond") * option("intervalMs")) / msPerSecond;
const coolBelow: i32 = coolScaled + (coolScaled === 0 ? 1 : 0);
const hottest: i32 = option("hottestLabels");

// ---- what happened in the period ----

/** Takes the samples of all CPUs: a record for each label, with its reference. How many there were. */
export function collect(cpu: i32): i32 {
  let samples: i32 = 0;
  const cpus: i32 = load(Boot.cpus);
  for (let other: i32 = 0; other < cpus; other += 1) {
    for (let index: i32 = 0; index < sampleLimit; index += 1) {
      const sample: ptr = sampleOf(other, index);
      const label: ptr = loadAcquire(sample + Sample.label);
      if (label !== 0) {
        const hits: i32 = load(sample + Sample.hits);
        storeRelease(sample + Sample.label, 0);
        take(cpu, label, hits);
        samples += 1;
      }
    }
  }
  return samples;
}

/** One CPU's sample of a label comes to the label's record. */
function take(cpu: i32, label: ptr, hits: i32): void {
  let record: ptr = recordOf(label);
  if (record === 0) {
    record = heapAlloc(cpu, Kind.labelExtra, recordBytes);
    if (record === 0) {
      drop(cpu, label);
      return;
    }
    store(record + Record.label, label);
    store(record + Record.state, RecordState.met);
    store(record + Record.rate, 0);
    store(record + Record.next, load(globals + Shared.records));
    store(globals + Shared.records, record);
  } else drop(cpu, label);
  const rate: i32 = load(record + Record.rate);
  const state: i32 = load(record + Record.state);
  if (state === RecordState.met) store(record + Record.rate, rate + hits * sampleEvery);
}

/** The label's record, or 0. */
function recordOf(label: ptr): ptr {
  let record: ptr = load(globals + Shared.records);
  while (record !== 0) {
    const its: ptr = load(record + Record.label);
    if (its === label) return record;
    record = load(record + Record.next);
  }
  return record;
}

/** Puts a reference of maintenance's own. */
export function drop(cpu: i32, label: ptr): void {
  const before: i32 = fetchAdd(label + Own.refs, -1);
  if (before === 1) release(cpu, label);
}

/** Finds out how often hot labels were got, and which of them get cold: by few gets, or because they were retired. */
export function measure(): void {
  let record: ptr = load(globals + Shared.records);
  while (record !== 0) {
    const state: i32 = load(record + Record.state);
    if (state === RecordState.hot) {
      const label: ptr = load(record + Record.label);
      const word: i32 = load(label + Own.word);
      const gets: i32 = sumOfCells(word, Cell.gets);
      const before: i32 = load(record + Record.gets);
      store(record + Record.gets, gets);
      store(record + Record.rate, gets - before);
      if ((word & sharedBit) !== 0) store(record + Record.state, RecordState.cooling);
      else if (gets - before < coolBelow) beginCooling(record);
    }
    record = load(record + Record.next);
  }
}

/** Sum over all CPUs of one of the cells that a word names. */
export function sumOfCells(word: i32, cell: i32): i32 {
  const cpus: i32 = load(Boot.cpus);
  let sum: i32 = 0;
  for (let cpu: i32 = 0; cpu < cpus; cpu += 1) {
    const part: i32 = load(percpuCell(cpu, word & ~sharedBit) + cell);
    sum += part;
  }
  return sum;
}

/** From here on gets and puts that begin change the atomic counter. */
function beginCooling(record: ptr): void {
  const label: ptr = load(record + Record.label);
  const word: i32 = load(label + Own.word);
  // Where this fails the label was retired at this moment, which is the same.
  compareExchange(label + Own.word, word & ~sharedBit, word | sharedBit);
  store(record + Record.state, RecordState.cooling);
}

// ---- who is to be hot ----

/** Chooses labels that get counters; where there is room for a few only, they take it from those that are got less. */
export function choose(): void {
  let room: i32 = hottest === 0 ? 0 : hottest - inState(RecordState.hot);
  let record: ptr = extreme(RecordState.met, true);
  while (record !== 0) {
    const rate: i32 = load(record + Record.rate);
    if (rate <= heatAbove) return;
    if (hottest !== 0 && room === 0) {
      const coldest: ptr = extreme(RecordState.hot, false);
      if (coldest === 0) return;
      const least: i32 = load(coldest + Record.rate);
      if (rate <= least) return;
      beginCooling(coldest);
    } else room -= 1;
    store(record + Record.state, RecordState.chosen);
    record = extreme(RecordState.met, true);
  }
}

/** How many records are in `state`. */
export function inState(state: i32): i32 {
  let records: i32 = 0;
  let record: ptr = load(globals + Shared.records);
  while (record !== 0) {
    const its: i32 = load(record + Record.state);
    if (its === state) records += 1;
    record = load(record + Record.next);
  }
  return records;
}

/** The record in `state` whose label was got most, or least; 0 where there is none. */
function extreme(state: i32, most: bool): ptr {
  let best: ptr = 0;
  let bestRate: i32 = 0;
  let record: ptr = load(globals + Shared.records);
  while (record !== 0) {
    const its: i32 = load(record + Record.state);
    const rate: i32 = load(record + Record.rate);
    if (its === state && (best === 0 || (most ? rate > bestRate : rate < bestRate))) {
      best = record;
      bestRate = rate;
    }
    record = load(record + Record.next);
  }
  return best;
}
