/**
 * Whether a described machine adds up: what no single field can tell. Each mistake is reported at the field that has to change, with what
 * would be right.
 */
import type { z } from "zod";
import { didYouMean } from "../names.ts";
import type { MachineDescription } from "./schema.ts";

type Topology = MachineDescription["topology"];
type Refuse = (path: readonly PropertyKey[], message: string) => void;

/** Distances between CPUs, near to far. */
export const cpuDistances = ["smt", "l3", "socket", "cross"] as const;
export type CpuDistance = (typeof cpuDistances)[number];

/** Why the machine has CPUs that far from each other, or null where it has none. */
function reasonFor(distance: CpuDistance, topology: Topology): string | null {
  const { sockets, l3Domains, cores, threads } = topology;
  const several: Record<CpuDistance, readonly [number, string]> = {
    smt: [threads / cores, "threads per core"],
    l3: [cores / l3Domains, "cores per L3 domain"],
    socket: [l3Domains / sockets, "L3 domains per socket"],
    cross: [sockets, "sockets"],
  };
  const [number, what] = several[distance];
  return number > 1 ? `${number} ${what}` : null;
}

/** Adds an issue for everything that does not fit together. */
export function checkMachine(machine: MachineDescription, context: z.RefinementCtx): void {
  // Fields that are wrong in themselves come first; what they mean together is told once they are right.
  if (context.issues.length > 0) return;
  const refuse: Refuse = (path, message) =>
    context.addIssue({ code: "custom", path: [...path], message, input: machine });
  checkName(machine.name, refuse);
  const adds = checkTopology(machine.topology, refuse);
  checkLine(machine.lineBytes, refuse);
  // Which distances there are is only known of a topology that is right.
  if (adds) {
    checkLatencies(machine, refuse);
    checkScaling(machine, refuse);
  }
  checkHold(machine, refuse);
  checkSources(machine, refuse);
}

function checkName(name: string, refuse: Refuse): void {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/.test(name)) return;
  refuse(
    ["name"],
    `${JSON.stringify(name)} cannot be a name; letters, digits, dots and dashes can, 40 at most`,
  );
}

function checkTopology(topology: Topology, refuse: Refuse): boolean {
  const levels = [
    ["sockets", "sockets"],
    ["l3Domains", "L3 domains"],
    ["cores", "cores"],
    ["threads", "threads"],
  ] as const;
  for (let level = 1; level < levels.length; level++) {
    const [field, what] = levels[level] as (typeof levels)[number];
    const [outer, outerWhat] = levels[level - 1] as (typeof levels)[number];
    const inside = topology[field];
    const groups = topology[outer];
    if (inside % groups === 0) continue;
    const below = Math.floor(inside / groups) * groups;
    const near = below === 0 ? `${groups}` : `${below} or ${below + groups}`;
    refuse(
      ["topology", field],
      `${inside} ${what} cannot be shared out evenly among ${groups} ${outerWhat}; ${near} can`,
    );
    return false;
  }
  return true;
}

function checkLine(lineBytes: number, refuse: Refuse): void {
  if (Number.isInteger(Math.log2(lineBytes))) return;
  const below = 2 ** Math.floor(Math.log2(lineBytes));
  refuse(["lineBytes"], `${lineBytes} is not a power of two; ${below} and ${below * 2} are`);
}

function checkLatencies(machine: MachineDescription, refuse: Refuse): void {
  const { latencyNs, handOffNs, costNs, topology } = machine;
  const needed = cpuDistances.filter((distance) => reasonFor(distance, topology) !== null);
  for (const distance of needed) {
    if (latencyNs[distance] !== undefined) continue;
    refuse(["latencyNs", distance], `missing, and the machine has ${reasonFor(distance, topology)}`);
  }
  checkOrder("latencyNs", latencyNs, latencyNs, refuse);
  checkOrder("handOffNs", { ...latencyNs, ...handOffNs }, handOffNs, refuse);

  const nearest = cpuDistances.find((distance) => latencyNs[distance] !== undefined);
  if (nearest === undefined) return;
  const smallest = latencyNs[nearest] as number;
  if (costNs.hit > smallest) {
    refuse(
      ["costNs", "hit"],
      `${costNs.hit} is more than the ${smallest} of \`latencyNs.${nearest}\`; a line at hand takes less than one that has to be fetched`,
    );
  }
  for (const distance of cpuDistances) {
    const handOff = handOffNs[distance];
    if (handOff === undefined || handOff >= smallest / 2) continue;
    refuse(
      ["handOffNs", distance],
      `${handOff} is less than half of \`latencyNs.${nearest}\`, ${smallest / 2}, in which a request comes to the line`,
    );
  }
}

/** Nearer is not dearer; of two that are in the wrong order, the farther one is blamed, unless it was left out. */
function checkOrder(
  group: string,
  values: Partial<Record<CpuDistance, number | undefined>>,
  given: Partial<Record<CpuDistance, number | undefined>>,
  refuse: Refuse,
): void {
  const known = cpuDistances.filter((distance) => values[distance] !== undefined);
  for (let index = 1; index < known.length; index++) {
    const near = known[index - 1] as CpuDistance;
    const far = known[index] as CpuDistance;
    const [nearNs, farNs] = [values[near] as number, values[far] as number];
    if (nearNs <= farNs || (given[near] === undefined && given[far] === undefined)) continue;
    if (given[far] !== undefined) {
      refuse([group, far], `${farNs} is less than the ${nearNs} of \`${near}\`, which is nearer`);
    } else {
      refuse([group, near], `${nearNs} is more than the ${farNs} of \`${far}\`, which is farther`);
    }
  }
}

function checkScaling({ scaling, topology }: MachineDescription, refuse: Refuse): void {
  scaling.forEach(({ l3Domains, percent }, index) => {
    const before = scaling[index - 1];
    if (before === undefined && l3Domains !== 1) {
      refuse(
        ["scaling", index, "l3Domains"],
        `the table begins at ${l3Domains}; it begins at 1, with 100 percent`,
      );
    } else if (before === undefined && percent !== 100) {
      refuse(["scaling", index, "percent"], `${percent} for one L3 domain; that is what 100 percent are`);
    } else if (before !== undefined && l3Domains <= before.l3Domains) {
      refuse(
        ["scaling", index, "l3Domains"],
        `${l3Domains} does not come after ${before.l3Domains}; the table ascends`,
      );
    } else if (l3Domains > topology.l3Domains) {
      refuse(
        ["scaling", index, "l3Domains"],
        `${l3Domains} is more than the ${topology.l3Domains} that the machine has`,
      );
    }
  });
}

function checkHold({ holdNs, mostHoldNs }: MachineDescription, refuse: Refuse): void {
  if (mostHoldNs < holdNs) {
    refuse(["mostHoldNs"], `${mostHoldNs} is less than the ${holdNs} of \`holdNs\`, which it limits`);
  }
}

function checkSources(machine: MachineDescription, refuse: Refuse): void {
  const known = fieldNames(machine);
  machine.sources.forEach(({ what }, index) => {
    what.forEach((field, place) => {
      if (known.includes(field)) return;
      const suggestion = didYouMean(field, known);
      refuse(
        ["sources", index, "what", place],
        `there is no field \`${field}\` in this description${suggestion}`,
      );
    });
  });
}

/** Fields that a source can be about, and groups of them: `latencyNs`, `latencyNs.l3`. */
function fieldNames(machine: MachineDescription): string[] {
  const { name, title, summary, standIn, sources, ...described } = machine;
  return Object.entries(described).flatMap(([field, value]) =>
    typeof value === "object" && !Array.isArray(value)
      ? [field, ...Object.keys(value).map((inner) => `${field}.${inner}`)]
      : [field],
  );
}
