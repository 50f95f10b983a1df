/** What is measured between which CPUs of a host. */
import type { HostShape } from "./shape.ts";
import { distanceOf, type HostCpu, type HostDistance, hostDistances } from "./topology.ts";

/** Two CPUs that hand lines to each other; CPU numbers of the host. */
export interface PairPlan {
  readonly a: number;
  readonly b: number;
  readonly distance: HostDistance;
}

/** CPUs that are all at one distance from each other and fight for one line. */
export interface GroupPlan {
  readonly cpus: readonly number[];
  readonly distance: HostDistance;
}

export interface CalibrationPlan {
  readonly pairs: readonly PairPlan[];
  readonly groups: readonly GroupPlan[];
  /** How many pairs there are of each distance, measured or not. */
  readonly pairsInAll: Readonly<Record<HostDistance, number>>;
}

/** Pairs of one distance that are measured at most: 64 CPUs have 2,016. */
export const mostPairs = 48;
/** CPUs of a group at most: more of them wait longer, and each hand-off is the same. */
export const mostInGroup = 16;

/** Pairs and groups of a host's even part. */
export function planOf(shape: HostShape): CalibrationPlan {
  const all: Record<HostDistance, PairPlan[]> = { smt: [], l3: [], socket: [], cross: [] };
  for (const [index, one] of shape.cpus.entries()) {
    for (const other of shape.cpus.slice(index + 1)) {
      const distance = distanceOf(one, other);
      all[distance].push({ a: one.cpu, b: other.cpu, distance });
    }
  }
  const [first] = shape.cpus;
  const groups = hostDistances.flatMap((distance): GroupPlan[] => {
    if (first === undefined) return [];
    const cpus = groupAt(shape.cpus, first, distance);
    return cpus.length < 2 ? [] : [{ distance, cpus: cpus.slice(0, mostInGroup) }];
  });
  return {
    pairs: hostDistances.flatMap((distance) => spread(all[distance], mostPairs)),
    groups,
    pairsInAll: {
      smt: all.smt.length,
      l3: all.l3.length,
      socket: all.socket.length,
      cross: all.cross.length,
    },
  };
}

/** CPUs, the first one among them, of which any two are at that distance. */
function groupAt(cpus: readonly HostCpu[], first: HostCpu, distance: HostDistance): number[] {
  const group = [first];
  for (const cpu of cpus) {
    if (cpu !== first && group.every((member) => distanceOf(member, cpu) === distance)) group.push(cpu);
  }
  return group.map(({ cpu }) => cpu);
}

/** At most `most` items, evenly over the list. */
function spread<T>(items: readonly T[], most: number): T[] {
  if (items.length <= most) return [...items];
  return Array.from({ length: most }, (_, index) => items[Math.floor((index * items.length) / most)] as T);
}
