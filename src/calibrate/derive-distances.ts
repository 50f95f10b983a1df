/** Idle latencies and atomic cost from what pairs of CPUs took to hand lines over. */
import { max, median, min } from "simple-statistics";
import { assumed, type Field } from "./fields.ts";
import type { Measurements, PairFigures } from "./measure.ts";
import type { CalibrationPlan } from "./plan.ts";
import { rounded } from "./statistics.ts";
import { type HostDistance, hostDistances } from "./topology.ts";

export interface DistanceFields {
  readonly atomic: Field;
  /** Of the distances that the machine has, near to far. */
  readonly idle: readonly (Field & { readonly distance: HostDistance })[];
}

/** What `costNs.atomic` and each of `latencyNs` are. */
export function distanceFields(measurements: Measurements, plan: CalibrationPlan): DistanceFields {
  const { pairs, pinned } = measurements;
  const present = hostDistances.filter((distance) => plan.pairsInAll[distance] > 0);
  const own = rounded(measurements.privateAtomic.medianNs);
  const reference = present.find((distance) => distance !== "smt") ?? present[0];
  const atomic = atomicOf(
    pairs.filter(({ distance }) => distance === reference),
    own,
  );
  const isKnown = pinned || present.length === 1;
  let nearer = rounded(measurements.hit.medianNs);
  let nearerName = "a line at hand";
  const idle = present.map((distance) => {
    const field = isKnown
      ? idleOf(pairs, distance, plan.pairsInAll[distance], atomic.value, pinned)
      : unknownDistance(pairs, distance, atomic.value);
    const raised = field.value < nearer;
    const where = raised
      ? `${field.where}; that came to ${field.value}, and was raised to what ${nearerName} takes`
      : field.where;
    nearer = Math.max(field.value, nearer);
    nearerName = distance;
    return { ...field, value: nearer, where, distance };
  });
  return { atomic, idle };
}

/**
 * The addition's own part of a transfer. A line that is taken, read by the other one and taken again makes two transfers and one
 * addition; two CPUs that take it in turn make two of each.
 */
function atomicOf(pairs: readonly PairFigures[], own: number): Field {
  const path = "costNs.atomic";
  if (pairs.length === 0) {
    return assumed(path, own, "no line could be handed over: what an addition to an own line takes");
  }
  const value = median(pairs.map(({ taken, takenAndRead }) => 2 * taken.medianNs - takenAndRead.medianNs));
  const noise = median(pairs.map(({ taken, takenAndRead }) => 2 * taken.madNs + takenAndRead.madNs));
  const mostOfIt = median(pairs.map(({ taken }) => taken.medianNs)) / 2;
  if (value <= noise || value > mostOfIt) {
    const why = `measured as ${rounded(value)} +-${rounded(noise)}, which tells nothing`;
    return assumed(path, own, `${why}: what an addition to an own line takes`);
  }
  return {
    path,
    value: rounded(value),
    basis: "measured",
    where:
      "twice the time in which two CPUs take a line from each other with an addition, less that in which one takes it and the other reads it",
    spread: `+-${rounded(noise)}`,
  };
}

function idleOf(
  pairs: readonly PairFigures[],
  distance: HostDistance,
  inAll: number,
  atomic: number,
  pinned: boolean,
): Field {
  const own = pairs.filter((pair) => pair.distance === distance);
  const times = own.map(({ taken }) => taken.medianNs - atomic);
  const noise = median(own.map(({ taken }) => taken.madNs));
  const repeated = own.reduce((sum, { taken }) => sum + taken.repeated, 0);
  const which =
    own.length === 1 ? `CPUs ${own[0]?.a} and ${own[0]?.b}` : `median of ${own.length} of ${inAll} pairs`;
  const how = pinned ? which : `${which}, not pinned: where the scheduler put the threads`;
  const range = own.length === 1 ? "" : `, pairs ${rounded(min(times))} to ${rounded(max(times))}`;
  return {
    path: `latencyNs.${distance}`,
    value: rounded(median(times)),
    basis: "measured",
    where: `two CPUs take lines from each other with atomic additions, each address from the line before; less costNs.atomic. ${how}`,
    spread: `+-${rounded(noise)}${range}${repeated === 0 ? "" : `, ${repeated} repeated`}`,
  };
}

/** Without pinning nobody knows how far the two threads were from each other. */
function unknownDistance(pairs: readonly PairFigures[], distance: HostDistance, atomic: number): Field {
  const value = rounded(median(pairs.map(({ taken }) => taken.medianNs)) - atomic);
  return assumed(
    `latencyNs.${distance}`,
    value,
    "threads were not pinned: this is between two CPUs of the scheduler's choice, and is taken for every distance. Install koffi to tell them apart",
  );
}
