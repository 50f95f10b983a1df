/**
 * What the simulator's hand-off and hold have to be so that it predicts what was measured: its rules (docs/simulator-model.md,
 * "Requests" and "Lines") solved for one number each, for CPUs that are all at one distance and never stop asking for one line.
 *
 * A waiter gets the line `handOff - reach` after the owner's hold ended. A hold is as long as one addition (`atomic`) and `hold`, or
 * `mostHold` if that is longer. In it the owner performs further additions (`privateAtomic` each), as many as begin before it is over.
 */

export interface HoldCosts {
  readonly privateAtomic: number;
  readonly atomic: number;
  readonly hold: number;
  /** Half the smallest idle latency of the machine. */
  readonly reach: number;
}

/** How long an owner that does not pause keeps a line. */
function heldNs(mostHold: number, { atomic, hold }: HoldCosts): number {
  return Math.max(mostHold, atomic + hold);
}

/** Additions of an owner that does not pause. */
export function additionsInHold(mostHold: number, costs: HoldCosts): number {
  return 2 + Math.floor((heldNs(mostHold, costs) - costs.atomic) / costs.privateAtomic);
}

/** ns for an addition where CPUs add as fast as they can. */
export function tightNs(handOff: number, mostHold: number, costs: HoldCosts): number {
  return (heldNs(mostHold, costs) + handOff - costs.reach) / additionsInHold(mostHold, costs);
}

/** ns for an addition where CPUs pause for longer than `hold` after each. */
export function spacedNs(handOff: number, { atomic, hold, reach }: HoldCosts): number {
  return atomic + hold + handOff - reach;
}

/** Hand-off of CPUs that pause for longer than `hold`, from `spacedNs`. */
export function handOffOfSpaced(ns: number, { atomic, hold, reach }: HoldCosts): number {
  return ns - atomic - hold + reach;
}

/** Hand-off of CPUs that do not pause, from `tightNs`. */
export function handOffOfTight(ns: number, mostHold: number, costs: HoldCosts): number {
  return ns * additionsInHold(mostHold, costs) - heldNs(mostHold, costs) + costs.reach;
}

/** Whether somebody is always waiting: the others take as long as one CPU needs to be back. */
export function alwaysWaiting(ns: number, cpus: number, gapNs: number, { reach }: HoldCosts): boolean {
  return (cpus - 1) * ns >= gapNs + reach;
}

/** More additions in one hold than any hardware does. */
const mostAdditions = 200;
/** Part of an addition that a hold ends before the next one would begin: rounding must not add one. */
const margin = 0.1;

/**
 * Longest hold, from `tightNs`: the one whose figure is nearest. Null where additions are about as fast as those of a CPU alone: the
 * line was hardly ever handed on.
 */
export function mostHoldOfTight(ns: number, handOff: number, costs: HoldCosts): number | null {
  const { atomic, privateAtomic, reach } = costs;
  const transfer = handOff - reach;
  const shortest = heldNs(0, costs);
  let best = { held: shortest, off: Number.POSITIVE_INFINITY };
  for (let additions = additionsInHold(0, costs); additions <= mostAdditions; additions++) {
    const least = Math.max(shortest, atomic + (additions - 2 + margin) * privateAtomic);
    const most = Math.max(least, atomic + (additions - 1 - margin) * privateAtomic);
    const held = Math.min(most, Math.max(least, ns * additions - transfer));
    const off = Math.abs((held + transfer) / additions - ns);
    if (off < best.off) best = { held, off };
    // With more additions each takes less time.
    if ((least + transfer) / additions <= ns) return best.held;
  }
  return null;
}
