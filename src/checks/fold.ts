/** Leaves out of a schedule what nobody else can notice: runs of operations on cells that one actor alone touches. */
import type { Replay, ReplayStep } from "../engines/check/types.ts";
import { Op } from "../machine/ops.ts";
import { objectOf } from "./step-text.ts";

/** Consecutive steps of one actor: shown one by one, or as one line. */
export interface StepRun {
  /** Index of the first step. */
  readonly first: number;
  readonly count: number;
  readonly folded: boolean;
}

/** Shorter runs are shown: the line would say less than the operations. */
const shortestRun = 3;

/** Last steps of an endless loop whose rounds differ that are shown. */
const loopSteps = 6;

/** The steps in order. A cell is private here when no other actor touches it in this schedule. */
export function foldSteps(replay: Replay): StepRun[] {
  const { steps, breach } = replay;
  const isPrivate = privateTest(steps);
  // Of a loop that does not end every step is the point, however private.
  const loopFrom =
    replay.round?.from ?? (breach?.verdict === "livelock" ? steps.length - loopSteps : steps.length);
  const broken = breach?.symbol === undefined ? undefined : objectOf(breach.symbol);
  const foldable = steps.map(
    (step, index) =>
      index < Math.min(steps.length - 1, loopFrom) &&
      isPrivate(step) &&
      step.marks.length === 0 &&
      (breach === null || step.address !== breach.address) &&
      (broken === undefined || step.symbol === undefined || objectOf(step.symbol) !== broken),
  );
  const runs: StepRun[] = [];
  for (let first = 0; first < steps.length; ) {
    const actor = (steps[first] as ReplayStep).actor;
    let end = first;
    while (end < steps.length && foldable[end] && steps[end]?.actor === actor) end++;
    const folded = end - first >= shortestRun;
    const count = folded ? end - first : 1;
    runs.push({ first, count, folded });
    first += count;
  }
  return runs;
}

/** Loads, stores and RMWs of one actor's cells. Awaits, RCU, fences and lifetime always matter to others. */
function privateTest(steps: readonly ReplayStep[]): (step: ReplayStep) => boolean {
  const shared = -2;
  const users = new Map<number, number>();
  for (const { actor, address } of steps) {
    if (address >= 0) users.set(address, (users.get(address) ?? actor) === actor ? actor : shared);
  }
  const plain = new Set([
    Op.load,
    Op.loadAcquire,
    Op.store,
    Op.storeRelease,
    Op.fetchAdd,
    Op.fetchAnd,
    Op.fetchOr,
    Op.exchange,
    Op.compareExchange,
  ]);
  // What the boot block holds never changes.
  return ({ op, address, actor, symbol }) =>
    plain.has(op) && address >= 0 && (users.get(address) === actor || symbol?.startsWith("Boot.") === true);
}
