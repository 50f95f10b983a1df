/**
 * The maintenance of the strategies that hybrid is made of. There is one interval for all, the shortest that one of them asks for;
 * who asks for a longer one is called every second time, or third, and so on: percpu-dynamic takes the time between two calls for
 * a period of known length.
 */

import { strategyGlobals } from "refplay/kernel";
import { type bool, type i32, layout, load, type ptr, store } from "refplay/machine";
import {
  maintenanceIntervalMs as compoundIntervalMs,
  maintain as compoundMaintain,
} from "refplay/strategy/compound";
import {
  maintenanceIntervalMs as namespaceIntervalMs,
  maintain as namespaceMaintain,
} from "refplay/strategy/namespace";
import {
  maintenanceIntervalMs as profileIntervalMs,
  maintain as profileMaintain,
} from "refplay/strategy/profile";
import {
  maintenanceIntervalMs as unconfinedIntervalMs,
  maintain as unconfinedMaintain,
} from "refplay/strategy/unconfined";
import { compoundFirst, namespaceFirst, profileFirst } from "./hybrid-parts.ts";

const firstMs: i32 =
  unconfinedIntervalMs === 0 || (profileIntervalMs !== 0 && profileIntervalMs < unconfinedIntervalMs)
    ? profileIntervalMs
    : unconfinedIntervalMs;
const secondMs: i32 =
  firstMs === 0 || (compoundIntervalMs !== 0 && compoundIntervalMs < firstMs) ? compoundIntervalMs : firstMs;
/** The shortest pause that any of them wants, of those that want one: 0 where none does. */
export const shortestIntervalMs: i32 =
  secondMs === 0 || (namespaceIntervalMs !== 0 && namespaceIntervalMs < secondMs)
    ? namespaceIntervalMs
    : secondMs;

const divisor: i32 = shortestIntervalMs === 0 ? 1 : shortestIntervalMs;
/** Each is called every so manieth time, rounded; one without an interval of its own every time. */
const unconfinedEvery: i32 = unconfinedIntervalMs === 0 ? 1 : (unconfinedIntervalMs + divisor / 2) / divisor;
const profileEvery: i32 = profileIntervalMs === 0 ? 1 : (profileIntervalMs + divisor / 2) / divisor;
const compoundEvery: i32 = compoundIntervalMs === 0 ? 1 : (compoundIntervalMs + divisor / 2) / divisor;
const namespaceEvery: i32 = namespaceIntervalMs === 0 ? 1 : (namespaceIntervalMs + divisor / 2) / divisor;

const twoEvery: i32 = unconfinedEvery > profileEvery ? unconfinedEvery : profileEvery;
const threeEvery: i32 = twoEvery > compoundEvery ? twoEvery : compoundEvery;
/** Calls after which each has had its turn. */
const longestEvery: i32 = threeEvery > namespaceEvery ? threeEvery : namespaceEvery;
/** Whether some are left out of a call. */
const counts: bool = longestEvery > 1;

/** Offsets in the strategy's globals; only maintenance comes here. */
enum Shared {
  /** Calls so far; wraps, and then one of them may be called once out of step. */
  calls = 0,
  /** Calls in a row in which nothing was done. */
  idle = 4,
  end = 64,
}
export const globalBytes: i32 = counts ? Shared.end : 0;
const globals: ptr = strategyGlobals + layout("global");

export function maintain(cpu: i32): i32 {
  let call: i32 = 0;
  if (counts) {
    call = load(globals + Shared.calls);
    store(globals + Shared.calls, (call + 1) & 0x3fffffff);
  }
  let done: i32 = 0;
  if (isDue(call, unconfinedEvery)) done += unconfinedMaintain(cpu);
  if (profileFirst && isDue(call, profileEvery)) done += profileMaintain(cpu);
  if (compoundFirst && isDue(call, compoundEvery)) done += compoundMaintain(cpu);
  if (namespaceFirst && isDue(call, namespaceEvery)) done += namespaceMaintain(cpu);
  return counts && done === 0 ? untilAllWereIdle() : noteDone(done);
}

function isDue(call: i32, every: i32): bool {
  return !counts || call % every === every - 1;
}

/** Something was done: all get another turn before this is idle. */
function noteDone(done: i32): i32 {
  if (counts) store(globals + Shared.idle, 0);
  return done;
}

/** 0 once each had a turn and found nothing to do: those that were not due now may have something. */
function untilAllWereIdle(): i32 {
  const idle: i32 = load(globals + Shared.idle) + 1;
  store(globals + Shared.idle, idle);
  if (idle < longestEvery) return 1;
  store(globals + Shared.idle, 0);
  return 0;
}
