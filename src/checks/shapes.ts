/** What the catalogue's entries are put together from: rows of like actors, each on a CPU of its own, and bounds. */
import type { CheckActor, CheckCall } from "../engines/check/types.ts";
import type { Bound } from "./types.ts";

/** An entry and what it is called with behind its CPU. */
export type EntryCall = readonly [entry: string, ...rest: number[]];

/**
 * `count` actors that do the same but for their CPU, the first on CPU `firstCpu`. They call `entry` with their CPU and `rest`,
 * and may be exchanged for each other.
 */
export function alike(
  group: string,
  count: number,
  firstCpu: number,
  entry: string,
  ...rest: readonly number[]
): CheckActor[] {
  return Array.from({ length: count }, (_, index) => {
    const cpu = firstCpu + index;
    const name = count === 1 ? group : `${group} ${index + 1}`;
    return { name, role: "script", cpu, entry, args: [cpu, ...rest], group };
  });
}

/** The actor that runs RCU callbacks, on a CPU of its own because they may use its cells. */
export function softirq(cpu: number): CheckActor {
  return { name: "softirq", role: "softirq", cpu, entry: "softirq", args: [cpu] };
}

/** A call on CPU 0 after the actors are done. */
export function call(entry: string, ...args: readonly number[]): CheckCall {
  return { entry, args, cpu: 0 };
}

/**
 * A call before the actors begin. On the CPU whose area has the objects, because per-CPU memory is booked where it is
 * allocated: all other CPUs then begin alike.
 */
export function bootCall(cpu: number, entry: string, ...args: readonly number[]): CheckCall {
  return { entry, args, cpu };
}

/** What all programs that need no strategy say of themselves. */
export const withoutStrategy = { kind: "bare", strategy: false } as const;

export function bound(doc: string, preset: number, max: number, min = 1): Bound {
  return { default: preset, min, max, doc };
}
