/**
 * Labels that were retired and are still there: a strategy's reclaim is seen here, whatever keeps them (a holder, a user who sleeps,
 * maintenance that has not looked yet). The strategy alone knows when the last reference went; that a label was retired, and that it
 * was freed, the kernel knows of all of them alike.
 */
import { type i32, load, mark, type ptr, store } from "refplay/machine";
import { retire } from "refplay/strategy";
import { Audit, retiredWaitLimit } from "./audit.ts";
import { watched } from "./core/areas.ts";
import { Counter } from "./core/counter-names.ts";
import { count, counted, countedMost, countMost, ticks } from "./core/counters.ts";
import { heapLive } from "./core/heap.ts";
import { Kind } from "./core/kinds.ts";
import { Label } from "./core/label-layout.ts";
import { Mark } from "./core/marks.ts";
import { eventMarks } from "./settings.ts";

/** Tells the strategy that the label is stale or out of reach, once in its life. The caller has a reference. */
export function labelRetire(cpu: i32, label: ptr): void {
  if (!watched) {
    const now: i32 = ticks();
    const at: i32 = now === 0 ? 1 : now;
    store(label + Label.retiredAt, at);
    count(cpu, Counter.retired, 1);
    count(cpu, Counter.retiredAt, at);
  }
  if (eventMarks) mark(Mark.retired, label);
  retire(cpu, label);
  countBacklog(cpu);
}

/** The label's memory is about to go. */
export function countRetiredFreed(cpu: i32, label: ptr): void {
  if (watched) return;
  const at: i32 = load(label + Label.retiredAt);
  if (at === 0) return;
  const now: i32 = ticks();
  // A clock that stands still shows 0, for which 1 was noted.
  const waited: i32 = now === 0 ? 0 : now - at;
  if (eventMarks) mark(Mark.retiredFreed, label);
  else count(cpu, Counter.retiredWaits + lengthOf(waited), 1);
  count(cpu, Counter.retiredFreed, 1);
  count(cpu, Counter.retiredAt, -at);
  count(cpu, Counter.retiredTicks, waited);
  countMost(cpu, Counter.longestRetiredTicks, waited);
}

/** Which `retiredWaits` a wait counts as: its binary digits. */
function lengthOf(waited: i32): i32 {
  let digits: i32 = 0;
  for (let left: i32 = waited; left > 0 && digits < retiredWaitLimit - 1; left = left >> 1) digits += 1;
  return digits;
}

/** Labels that waited as long as `lengthOf` says. */
export function retiredWaits(length: i32): i32 {
  return length < retiredWaitLimit ? counted(Counter.retiredWaits + length) : 0;
}

/**
 * Notes how many labels there are and wait. Reads counters of all CPUs, so only where policy changes, never where files are opened.
 */
export function countBacklog(cpu: i32): void {
  if (watched) return;
  countMost(cpu, Counter.mostRetired, waiting());
  countMost(cpu, Counter.mostLabels, heapLive(Kind.label));
}

/** Labels that are retired and not freed; off by what is under way while others run. */
function waiting(): i32 {
  return counted(Counter.retired) - counted(Counter.retiredFreed);
}

/** Ticks since their retirement, all together. */
function waitingTicks(): i32 {
  return ticks() * waiting() - counted(Counter.retiredAt);
}

/** The counters of `Audit` that are about this; 0 for a number that is none. */
export function retirementAudit(counter: i32): i32 {
  switch (counter) {
    case Audit.retired:
      return counted(Counter.retired);
    case Audit.retiredFreed:
      return counted(Counter.retiredFreed);
    case Audit.retiredTicks:
      return counted(Counter.retiredTicks);
    case Audit.longestRetiredTicks:
      return countedMost(Counter.longestRetiredTicks);
    case Audit.waiting:
      return waiting();
    case Audit.waitingTicks:
      return waitingTicks();
    case Audit.mostWaiting:
      return countedMost(Counter.mostRetired);
    case Audit.mostLabels:
      return countedMost(Counter.mostLabels);
    default:
      return 0;
  }
}
