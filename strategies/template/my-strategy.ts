/**
 * my-strategy: one atomic counter in the label. Begin with what is yours: how a reference is taken, and how it is dropped.
 *
 * This file is in the portable subset of TypeScript: it is compiled to WebAssembly for real threads, and to a program that stops at
 * every access of memory for the checker. State is kept in shared memory, at places that the constants below ask for.
 *
 * A *holder* is the slot in a file, cred or hook that keeps a reference; the strategy writes it: the label's address while
 * there is a reference, 0 when there is none.
 */
import { Mark, release, type StrategyMeta, warn } from "refplay/kernel";
import {
  type bool,
  compareExchange,
  fetchAdd,
  type i32,
  layout,
  load,
  option,
  type ptr,
  store,
} from "refplay/machine";

/** Bytes in each label. There are also `cpuBytes`, `taskBytes`, `globalBytes`, `holderBytes`, `guardBytes`, `labelCpuBytes`. */
export const labelBytes: i32 = 8;

/** Where the counter is in a label. */
const refs: i32 = layout("label");

/** An option is known when the program is linked: where it is 0, the checks below are not there at all. */
const checks: bool = option("checks") !== 0;
/** Far from 0 in either direction, so that nobody counts it back. */
const saturated: i32 = -0x40000000;

/** A new label, which nobody has seen: its first reference is in `holder`. */
export function init(_cpu: i32, holder: ptr, label: ptr): void {
  store(label + refs, 1);
  store(holder, label);
}

/** One reference more. Whoever calls has one, or borrows one, so the label cannot go meanwhile. */
export function get(cpu: i32, holder: ptr, label: ptr): void {
  store(holder, label);
  const before: i32 = fetchAdd(label + refs, 1);
  if (checks && before <= 0) saturate(cpu, label, Mark.getFromZero);
}

/**
 * The same for a look-up, which has none: the last reference may just have been dropped. False then, and `holder` stays empty. A
 * plain addition would bring a label back that is on its way out.
 */
export function tryGet(_cpu: i32, holder: ptr, label: ptr): bool {
  let before: i32 = load(label + refs);
  while (before !== 0) {
    const found: i32 = compareExchange(label + refs, before, before + 1);
    if (found === before) {
      store(holder, label);
      return true;
    }
    // Somebody else was faster.
    before = found;
  }
  return false;
}

/** Drops the reference in `holder`. Whoever drops the last one calls `release`, once; the kernel frees the label later. */
export function put(cpu: i32, holder: ptr, label: ptr): void {
  store(holder, 0);
  const before: i32 = fetchAdd(label + refs, -1);
  if (before === 1) release(cpu, label);
  else if (checks && before <= 0) saturate(cpu, label, Mark.underflow);
}

/** Somebody put or got what was not there: nobody knows the count any more. The label is leaked and reported, never freed early. */
function saturate(cpu: i32, label: ptr, event: i32): void {
  store(label + refs, saturated);
  warn(cpu, event, label);
}

export default {
  title: "my-strategy",
  summary: "One atomic counter in the label.",
  sources: [],
  options: {
    checks: {
      unit: "0/1",
      default: 1,
      min: 0,
      max: 1,
      doc: "1: a put or get that nobody may do is noticed, and the label leaked; 0: it is not looked for.",
    },
  },
  capabilities: {
    // lastPut, retire, scan or never: what leads to a label's release.
    releases: "lastPut",
    // Misuse that the strategy notices; conformance tries each.
    detects: ["underflow", "getFromZero"],
    // true: the kernel calls your `maintain` in the background.
    needsMaintenance: false,
  },
} satisfies StrategyMeta;
