/**
 * Readers find two cells equal under a semaphore that writers change them under, whoever comes first.
 *
 * `broken`: 1 the writer gives the semaphore back between its two stores, 2 the reader leaves between its two loads.
 */
import { coreBoot, kernelGlobals, type ProgramMeta, Verdict, violation } from "refplay/kernel";
import { type i32, load, option, type ptr, store } from "refplay/machine";
import { downRead, downReadTry, downWrite, upRead, upWrite } from "../../../src/kernel/procfs/maps/rwsem.ts";

const broken: i32 = option("broken");

/** Cells behind `kernelGlobals`, each on its own line. */
export enum Shared {
  sem = 0,
  one = 64,
  other = 128,
}

const sem: ptr = kernelGlobals + Shared.sem;
const one: ptr = kernelGlobals + Shared.one;
const other: ptr = kernelGlobals + Shared.other;

export function boot(): void {
  coreBoot();
}

/** Looks `rounds` times; the last time only if it need not wait. */
export function reader(cpu: i32, rounds: i32): void {
  for (let round: i32 = 1; round < rounds; round += 1) {
    downRead(sem);
    look(cpu);
  }
  if (downReadTry(sem)) look(cpu);
}

function look(cpu: i32): void {
  const first: i32 = load(one);
  if (broken === 2) upRead(sem);
  const second: i32 = load(other);
  if (first !== second) violation(cpu, Verdict.assertion, sem);
  if (broken !== 2) upRead(sem);
}

/** Adds to both cells `rounds` times. */
export function writer(_cpu: i32, rounds: i32): void {
  for (let round: i32 = 0; round < rounds; round += 1) {
    downWrite(sem);
    const before: i32 = load(one);
    store(one, before + 1);
    if (broken === 1) upWrite(sem);
    store(other, before + 1);
    if (broken !== 1) upWrite(sem);
  }
}

/** The end: all changes are there, and the semaphore is as new but for its tickets. */
export function counted(changes: i32): void {
  const first: i32 = load(one);
  const second: i32 = load(other);
  const count: i32 = load(sem);
  if (first !== changes || second !== changes || count !== 0) violation(0, Verdict.assertion, sem);
}

export default {
  options: {
    broken: { unit: "number", default: 0, min: 0, max: 2, doc: "A deliberate bug." },
  },
} satisfies ProgramMeta;
