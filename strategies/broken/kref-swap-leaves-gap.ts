/**
 * kref whose swap empties the slot before it fills it again: whoever borrows in between finds no label where there always is
 * one.
 */

import type { StrategyMeta } from "refplay/kernel";
import { type i32, load, type ptr, store } from "refplay/machine";

export { get, init, labelBytes, put, tryGet } from "../kref.ts";

export function swap(_cpu: i32, slot: ptr, other: ptr): void {
  const before: ptr = load(slot);
  const fresh: ptr = load(other);
  store(slot, 0);
  store(other, before);
  store(slot, fresh);
}

export default {
  title: "kref, gap in swap",
  summary:
    "Two references change places through an empty slot, which borrowers take for one that nobody uses.",
  sources: ["strategies/kref.ts"],
  options: {},
  capabilities: { releases: "lastPut", detects: [], needsMaintenance: false },
  expect: { verdict: "assertion", program: "borrow-vs-swap" },
} satisfies StrategyMeta;
