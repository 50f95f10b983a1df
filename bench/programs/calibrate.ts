/**
 * What `refplay calibrate` times: loops over single machine operations, on lines of a CPU's own and on lines that another CPU has.
 * A bare program, without kernel and strategy. Chains of addresses are laid out by whoever calls (`src/calibrate/layout.ts`).
 *
 * CPUs wait for each other here by looking again and again: an await would go to sleep after some microseconds, and what is timed is
 * shorter than that.
 */
import type { ProgramMeta } from "refplay/kernel";
import { fence, fetchAdd, i32, load, loadAcquire, ptr, script, store, storeRelease } from "refplay/machine";
import { Boot } from "../../src/machine/memory-map.ts";

/** Cells that CPUs share, each with two lines to itself, since processors fetch lines in pairs. */
enum Shared {
  arrived = 0x10000,
  baton = 0x10100,
  stop = 0x10200,
  counter = 0x10300,
}

/** One line for each CPU's loops, and the first byte behind them. */
export const lanesAt: i32 = 0x11000;
export const laneStride: i32 = 256;
export const mostCpus: i32 = 1024;
export const chainsAt: i32 = lanesAt + mostCpus * laneStride;

/** Goes on once `parties` CPUs are here; once between two calls of `reset`. */
function meet(parties: i32): void {
  fetchAdd(Shared.arrived, 1);
  for (;;) {
    const there: i32 = loadAcquire(Shared.arrived);
    if (there >= parties) break;
  }
}

/** Before CPUs meet; while none of them runs. */
export function reset(): void {
  store(Shared.arrived, 0);
  store(Shared.baton, 0);
  store(Shared.stop, 0);
  store(Shared.counter, 0);
}

/** 16 times `turns` loads, each of the address that the one before found. Where that ends. */
export function loads(first: ptr, turns: i32): i32 {
  let at: ptr = first;
  for (let i: i32 = 0; i < turns; i += 1) {
    at = load(at);
    at = load(at);
    at = load(at);
    at = load(at);
    at = load(at);
    at = load(at);
    at = load(at);
    at = load(at);
    at = load(at);
    at = load(at);
    at = load(at);
    at = load(at);
    at = load(at);
    at = load(at);
    at = load(at);
    at = load(at);
  }
  return i32(at);
}

/** 8 times `turns` atomic additions to a cell. */
export function additions(cell: ptr, turns: i32): void {
  for (let i: i32 = 0; i < turns; i += 1) {
    fetchAdd(cell, 1);
    fetchAdd(cell, 1);
    fetchAdd(cell, 1);
    fetchAdd(cell, 1);
    fetchAdd(cell, 1);
    fetchAdd(cell, 1);
    fetchAdd(cell, 1);
    fetchAdd(cell, 1);
  }
}

/** 8 times `turns` stores to a cell. */
export function stores(cell: ptr, turns: i32): void {
  for (let i: i32 = 0; i < turns; i += 1) {
    store(cell, i);
    store(cell, i + 1);
    store(cell, i + 2);
    store(cell, i + 3);
    store(cell, i + 4);
    store(cell, i + 5);
    store(cell, i + 6);
    store(cell, i + 7);
  }
}

/** 8 times `turns` fences. */
export function fences(turns: i32): void {
  for (let i: i32 = 0; i < turns; i += 1) {
    fence();
    fence();
    fence();
    fence();
    fence();
    fence();
    fence();
    fence();
  }
}

/** Adds 0 to each of `lines` lines of a chain, each time to the address that the one before found; where that ends. */
function takeAll(first: ptr, lines: i32): ptr {
  let at: ptr = first;
  for (let i: i32 = 0; i < lines; i += 1) at = fetchAdd(at, 0);
  return at;
}

function readAll(first: ptr, lines: i32): ptr {
  let at: ptr = first;
  for (let i: i32 = 0; i < lines; i += 1) at = load(at);
  return at;
}

/**
 * Two CPUs, `me` 0 and 1, in turn: each takes all lines of a chain, which the other one has, `turns` times. With `reads`, CPU 1
 * only reads them.
 */
export function handOver(me: i32, first: ptr, lines: i32, turns: i32, reads: i32): i32 {
  meet(2);
  let at: ptr = first;
  for (let i: i32 = 0; i < turns; i += 1) {
    const mine: i32 = 2 * i + me;
    for (;;) {
      const turn: i32 = loadAcquire(Shared.baton);
      if (turn === mine) break;
    }
    if (reads !== 0 && me === 1) at = readAll(at, lines);
    else at = takeAll(at, lines);
    storeRelease(Shared.baton, mine + 1);
  }
  return at - first;
}

/**
 * `parties` CPUs add to one counter, with `gap` loads of a cell of their own, `own`, that holds its own address, after each addition, until
 * one of them has done that 16 times `turns` times. How many additions this CPU did.
 *
 * The counter's address comes out of the loads: a processor that knows it early fetches the line while it still executes the loads, and
 * the gap is none.
 */
export function contend(parties: i32, turns: i32, gap: i32, own: ptr): i32 {
  meet(parties);
  let at: ptr = own;
  let done: i32 = 0;
  for (let i: i32 = 0; i < turns; i += 1) {
    const stop: i32 = load(Shared.stop);
    if (stop !== 0) return done;
    for (let j: i32 = 0; j < 16; j += 1) {
      const counter: ptr = ptr(Shared.counter) + (at - own);
      fetchAdd(counter, 1);
      for (let k: i32 = 0; k < gap; k += 1) at = load(at);
    }
    done += 16;
  }
  store(Shared.stop, 1);
  return done;
}

/** What `run` executes: one record, { what, parties, turns, gap or reads }. */
enum ScriptCell {
  what = 0,
  parties = 4,
  turns = 8,
  last = 12,
}

/** The loops above in the simulator, which lays out nothing: a chain in the order of its lines is as good as any there. */
const simulatedLines: i32 = 256;
const simulatedStride: i32 = 128;

/** Before a simulated run, on CPU 0. */
export function boot(): void {
  const cpus: i32 = load(Boot.cpus);
  for (let cpu: i32 = 0; cpu < cpus; cpu += 1) store(laneOf(cpu), laneOf(cpu));
  for (let line: i32 = 0; line < simulatedLines; line += 1) {
    const next: i32 = (line + 1) % simulatedLines;
    store(ptr(chainsAt + line * simulatedStride), ptr(chainsAt + next * simulatedStride));
  }
}

/** A simulated run: 0 for `contend`, 1 for `handOver`. */
export function run(cpu: i32, _records: i32): i32 {
  const what: i32 = script(ScriptCell.what);
  const turns: i32 = script(ScriptCell.turns);
  const last: i32 = script(ScriptCell.last);
  if (what === 0) return contend(script(ScriptCell.parties), turns, last, laneOf(cpu));
  return handOver(cpu, ptr(chainsAt), simulatedLines, turns, last);
}

function laneOf(cpu: i32): ptr {
  return ptr(lanesAt + cpu * laneStride);
}

export default { options: {} } satisfies ProgramMeta;
