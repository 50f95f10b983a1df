/** The counts of these programs: one atomic cell, as `refcount_t` and `kref` where nothing goes wrong. */
import { type bool, compareExchange, fetchAdd, type i32, load, type ptr } from "refplay/machine";

/** One more, whatever the count is: the caller has or keeps one. */
export function get(count: ptr): void {
  fetchAdd(count, 1);
}

/** One more unless there is none left; whether it was taken. The memory must be kept by something else. */
export function tryGet(count: ptr): bool {
  let before: i32 = load(count);
  while (before !== 0) {
    const found: i32 = compareExchange(count, before, before + 1);
    if (found === before) return true;
    before = found;
  }
  return false;
}

/** One less; whether it was the last. */
export function put(count: ptr): bool {
  const before: i32 = fetchAdd(count, -1);
  return before === 1;
}
