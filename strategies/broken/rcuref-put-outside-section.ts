/**
 * rcuref whose put is in no read section. Between its subtraction and its compare-exchange a look-up may take and drop a
 * reference, release the label and see it freed: the compare-exchange then goes to memory that is no label any more.
 */

import type { StrategyMeta } from "refplay/kernel";
import { fetchAdd, type i32, type ptr, store } from "refplay/machine";
import { latePut, refs } from "../rcuref.ts";

export { get, init, labelBytes, tryGet } from "../rcuref.ts";

export function put(cpu: i32, holder: ptr, label: ptr): void {
  store(holder, 0);
  const before: i32 = fetchAdd(label + refs, -1);
  if (before - 1 < 0) latePut(cpu, label, before - 1);
}

export default {
  title: "rcuref, put outside a read section",
  summary: "Nothing keeps the label from being freed between a put's subtraction and its compare-exchange.",
  sources: ["strategies/rcuref.ts"],
  options: {},
  capabilities: { releases: "lastPut", detects: [], needsMaintenance: false },
  expect: { verdict: "use-after-free", program: "put-vs-look-up" },
} satisfies StrategyMeta;
