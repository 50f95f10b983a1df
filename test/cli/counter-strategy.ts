/** A strategy of a user, right as it stands: tests of what is told about wrong ones change a line of it. */
export const counterStrategy = `import { release, type StrategyMeta } from "refplay/kernel";
import { type bool, compareExchange, fetchAdd, type i32, layout, load, type ptr, store } from "refplay/machine";

export const labelBytes: i32 = 8;
const refs: i32 = layout("label");

export function init(_cpu: i32, holder: ptr, label: ptr): void {
  store(label + refs, 1);
  store(holder, label);
}
export function get(_cpu: i32, holder: ptr, label: ptr): void {
  store(holder, label);
  fetchAdd(label + refs, 1);
}
export function tryGet(_cpu: i32, holder: ptr, label: ptr): bool {
  let before: i32 = load(label + refs);
  while (before !== 0) {
    const found: i32 = compareExchange(label + refs, before, before + 1);
    if (found === before) {
      store(holder, label);
      return true;
    }
    before = found;
  }
  return false;
}
export function put(cpu: i32, holder: ptr, label: ptr): void {
  store(holder, 0);
  if (fetchAdd(label + refs, -1) === 1) release(cpu, label);
}
export default {
  title: "mine", summary: "a counter", sources: [], options: {},
  capabilities: { releases: "lastPut", detects: [], needsMaintenance: false },
} satisfies StrategyMeta;
`;
