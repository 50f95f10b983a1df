/** What of a prediction rests on no published figure: told with each cell, since it depends on the number of CPUs. */
import { l3DomainsInUse, scalingBasis } from "../engines/sim/topology.ts";
import type { ResolvedMachine } from "../machines/resolve.ts";

/** Sentences; none where everything was published, or fitted to what was. */
export function assumptionsOf({ description, machine }: ResolvedMachine, cpus: number): string[] {
  const { name, standIn, sources } = description;
  const assumed = [
    ...new Set(sources.filter(({ basis }) => basis === "assumed").flatMap(({ what }) => what)),
  ];
  return [
    ...(standIn === undefined ? [] : [`${name} is a stand-in: ${standIn}`]),
    ...scalingAssumption(machine, cpus),
    ...(assumed.length === 0 ? [] : [`of ${name}, assumed: ${assumed.join(", ")}`]),
  ];
}

function scalingAssumption(machine: ResolvedMachine["machine"], cpus: number): string[] {
  const last = machine.scaling.at(-1);
  if (last === undefined || scalingBasis(machine, cpus) !== "beyond") return [];
  const domains = l3DomainsInUse(machine, cpus);
  return [
    `${domains} L3 domains are in use and the machine's scaling table ends at ${last.l3Domains}: its last value, ${last.percent} %, is assumed beyond`,
  ];
}
