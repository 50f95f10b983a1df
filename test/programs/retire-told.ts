/** kref that tells when the kernel says that a label is stale or unreachable for new users, which kref itself does not care for. */
import type { StrategyMeta } from "refplay/kernel";
import { type i32, mark, type ptr } from "refplay/machine";

export { get, init, labelBytes, put, tryGet } from "../../strategies/kref.ts";

/** No mark of the kernel's. */
export const retired: i32 = 27;

export function retire(_cpu: i32, label: ptr): void {
  mark(retired, label);
}

export default {
  title: "kref that tells of retirement",
  summary: "For tests.",
  sources: [],
  options: {},
  capabilities: {
    releases: "lastPut",
    detects: ["underflow", "overflow", "getFromZero"],
    needsMaintenance: false,
  },
} satisfies StrategyMeta;
