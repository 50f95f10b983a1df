/**
 * What the simulator's hand-off and hold have to be so that it predicts what was measured: its rules (docs/simulator-model.md,
 * "Requests" and "Lines") solved for one number each, for CPUs that are all at one distance and never stop asking for one line.
 *
 * A waiter gets the line `handOff - reach` after the owner's hold ended. In its hold the owner performs one addition (`atomic`), and as
 * many more (`privateAtomic` each) as begin before the hold is over.
 */

export interface HoldCosts {
  readonly privateAtomic: number;
  readonly atomic: number;
  readonly hold: number;
  /** Half the smallest idle latency of the machine. */
  readonly reach: number;
}

/** Additions of an owner in a hold of that length, without a pause between them. */
export function additionsInHold(mostHold: number, { atomic, privateAtomic }: HoldCosts): number {
  return mostHold <= atomic ? 1 : 1 + Math.ceil((mostHold - atomic) / privateAtomic);
}

/** ns for an addition where CPUs add as fast as they can. */
export function tightNs(handOff: number, mostHold: number, costs: HoldCosts): number {
  return (mostHold + handOff - costs.reach) / additionsInHold(mostHold, costs);
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
  return ns * additionsInHold(mostHold, costs) - mostHold + costs.reach;
}

/** Whether somebody is always waiting: the others take as long as one CPU needs to be back. */
export function alwaysWaiting(ns: number, cpus: number, gapNs: number, { reach }: HoldCosts): boolean {
  return (cpus - 1) * ns >= gapNs + reach;
}

/** More additions in one hold than any hardware does. */
const mostAdditions = 200;

/**
 * Longest hold, from `tightNs`; never less than an addition takes. Null where additions are about as fast as those of a CPU alone: the
 * line was hardly ever handed on.
 */
export function mostHoldOfTight(ns: number, handOff: number, costs: HoldCosts): number | null {
  const { atomic, privateAtomic, reach } = costs;
  const transfer = handOff - reach;
  for (let additions = 1; additions <= mostAdditions; additions++) {
    const shortest = additions === 1 ? 0 : atomic + (additions - 2) * privateAtomic;
    if ((shortest + transfer) / additions > ns) continue;
    const longest = atomic + (additions - 1) * privateAtomic;
    return Math.max(atomic, costs.hold, Math.min(longest, ns * additions - transfer));
  }
  return null;
}
