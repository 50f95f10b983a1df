/** Hand-off and hold from what groups of CPUs took to add to one counter. */
import type { DistanceFields } from "./derive-distances.ts";
import { assumed, defaults, type Field, spreadText } from "./fields.ts";
import {
  alwaysWaiting,
  type HoldCosts,
  handOffOfSpaced,
  handOffOfTight,
  mostHoldOfTight,
  spacedNs,
  tightNs,
} from "./hand-off.ts";
import type { GroupFigures, Measurements } from "./measure.ts";
import { rounded } from "./statistics.ts";
import type { HostDistance } from "./topology.ts";

export interface ContendedFields {
  readonly handOff: readonly Field[];
  readonly hold: Field;
  readonly mostHold: Field;
}

interface HandOff {
  readonly value: number;
  readonly basis: "fitted" | "assumed";
  readonly where: string;
  readonly spread: string;
}

/** `handOffNs`, `holdNs`, `mostHoldNs`. */
export function contendedFields(
  measurements: Measurements,
  { atomic, idle }: DistanceFields,
): ContendedFields {
  const hold = defaults.holdNs;
  const costs: HoldCosts = {
    privateAtomic: rounded(measurements.privateAtomic.medianNs),
    atomic: atomic.value,
    hold,
    reach: (idle[0]?.value ?? 0) / 2,
  };
  // Groups of threads that went where the scheduler put them say nothing of a distance, unless there is only one.
  const groups = measurements.pinned || idle.length === 1 ? measurements.groups : [];
  const groupAt = (wanted: HostDistance) => groups.find(({ distance }) => distance === wanted);
  const gapNs = measurements.gapLoads * measurements.hit.medianNs;
  const idleOf = new Map(idle.map(({ distance, value }) => [distance, value]));
  const spaced = new Map(
    idle.flatMap(({ distance }) => {
      const fitted = spacedHandOff(groupAt(distance), gapNs, costs);
      return fitted === null ? [] : [[distance, fitted] as const];
    }),
  );
  // The hold is one number for all distances: of the nearest one between cores.
  const basis =
    groups.find(({ distance }) => distance !== "smt" && spaced.has(distance)) ??
    groups.find(({ distance }) => distance !== "smt") ??
    groups[0];
  const usedHandOff =
    basis === undefined ? 0 : (spaced.get(basis.distance)?.value ?? idleOf.get(basis.distance) ?? 0);
  const mostHold = mostHoldField(basis, usedHandOff, costs);

  let nearer = costs.reach;
  const handOff = idle.map(({ distance, value: idleNs }): Field => {
    const group = groupAt(distance);
    const found =
      spaced.get(distance) ??
      (mostHold.basis === "fitted" && group !== basis && distance !== "smt"
        ? tightHandOff(group, mostHold.value, costs)
        : null) ??
      noHandOff(idleNs);
    const value = Math.max(found.value, nearer);
    const raised =
      value > found.value
        ? `; that came to ${found.value}, less than is possible or than of a nearer one`
        : "";
    nearer = value;
    return { ...found, path: `handOffNs.${distance}`, value, where: `${found.where}${raised}` };
  });
  return {
    handOff,
    hold: assumed("holdNs", hold, "cannot be told from outside; the usual value"),
    mostHold,
  };
}

function spacedHandOff(group: GroupFigures | undefined, gapNs: number, costs: HoldCosts): HandOff | null {
  if (group === undefined || group.cpus.length < 3 || gapNs <= costs.hold) return null;
  const ns = group.spaced.medianNs;
  if (!alwaysWaiting(ns, group.cpus.length, gapNs, costs)) return null;
  const value = Math.max(rounded(handOffOfSpaced(ns, costs)), Math.ceil(100 * costs.reach) / 100);
  const predicted = rounded(spacedNs(value, costs));
  return {
    value,
    basis: "fitted",
    where: `to ${group.cpus.length} CPUs that add to one counter, ${rounded(gapNs)} ns apart: measured ${rounded(ns)} ns for an addition, predicted ${predicted}`,
    spread: spreadText(group.spaced),
  };
}

/** Of two CPUs, which do not always wait unless they do nothing else, by the hold of another distance. */
function tightHandOff(group: GroupFigures | undefined, mostHold: number, costs: HoldCosts): HandOff | null {
  if (group === undefined) return null;
  const ns = group.tight.medianNs;
  const value = Math.max(rounded(handOffOfTight(ns, mostHold, costs)), Math.ceil(100 * costs.reach) / 100);
  const predicted = rounded(tightNs(value, mostHold, costs));
  return {
    value,
    basis: "fitted",
    where: `to ${group.cpus.length} CPUs that add to one counter without a pause: measured ${rounded(ns)} ns for an addition, predicted ${predicted}`,
    spread: spreadText(group.tight),
  };
}

function noHandOff(idleNs: number): HandOff {
  return {
    value: idleNs,
    basis: "assumed",
    where:
      "taken for the idle latency: it takes three CPUs at this distance to see a line handed from waiter to waiter",
    spread: "",
  };
}

function mostHoldField(group: GroupFigures | undefined, handOff: number, costs: HoldCosts): Field {
  const path = "mostHoldNs";
  const usual = defaults.mostHoldNs;
  if (group === undefined) return assumed(path, usual, "no line was contended; the usual value");
  const ns = group.tight.medianNs;
  const value = mostHoldOfTight(ns, handOff, costs);
  if (value === null) {
    const why = `${group.cpus.length} CPUs added to one counter in ${rounded(ns)} ns, hardly slower than one alone`;
    return assumed(path, usual, `${why}; the usual value`);
  }
  const whole = rounded(value);
  const predicted = rounded(tightNs(handOff, whole, costs));
  return {
    path,
    value: whole,
    basis: "fitted",
    where: `to ${group.cpus.length} CPUs that add to one counter without a pause: measured ${rounded(ns)} ns for an addition, predicted ${predicted}`,
    spread: spreadText(group.tight),
  };
}
