/**
 * Counts what went wrong, per CPU, so that a run without a watching engine (threads) can still say so at its end. In a
 * watched build the engine counts.
 */

import { type i32, load, mark, type ptr, store } from "../../machine/index.ts";
import { Boot } from "../../machine/memory-map.ts";
import { Cpu, cpuArea, watched } from "./areas.ts";
import { Mark } from "./marks.ts";

/** A rule was broken. `verdict` is a `Verdict`, `argument` the address it is about. */
export function violation(cpu: i32, verdict: i32, argument: ptr): void {
  if (!watched) {
    const counter: ptr = cpuArea(cpu) + Cpu.violations + verdict * 4;
    const before: i32 = load(counter);
    store(counter, before + 1);
  }
  mark(Mark.violation + verdict, argument);
}

/** Misuse that was noticed and survived. `event` is a `Mark` below `warningLimit`. */
export function warn(cpu: i32, event: i32, argument: ptr): void {
  if (!watched) {
    const counter: ptr = cpuArea(cpu) + Cpu.warnings + event * 4;
    const before: i32 = load(counter);
    store(counter, before + 1);
  }
  mark(event, argument);
}

/** Sum over all CPUs of the counter at `offset` of their areas. Exact once the CPUs rest. */
export function sumOverCpus(offset: i32): i32 {
  const cpus: i32 = load(Boot.cpus);
  let sum: i32 = 0;
  for (let cpu: i32 = 0; cpu < cpus; cpu += 1) {
    const part: i32 = load(cpuArea(cpu) + offset);
    sum += part;
  }
  return sum;
}

/** How often `verdict` was found. */
export function violations(verdict: i32): i32 {
  return sumOverCpus(Cpu.violations + verdict * 4);
}

/** How often a `Mark` below `warningLimit` was warned of. */
export function warnings(event: i32): i32 {
  return sumOverCpus(Cpu.warnings + event * 4);
}
