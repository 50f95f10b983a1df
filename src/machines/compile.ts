/** From a description to what the simulator runs on. */
import type { DistanceNs, SimMachine } from "../engines/sim/types.ts";
import { type CpuDistance, cpuDistances } from "./consistency.ts";
import type { MachineDescription } from "./schema.ts";

/** `description` as `machineSchema` returned it: it is not checked again. */
export function compileMachine(description: MachineDescription): SimMachine {
  const { topology, costNs, latencyNs, handOffNs } = description;
  const idleNs = allDistances(latencyNs, latencyNs.memory);
  return {
    name: description.name,
    threadsPerCore: topology.threads / topology.cores,
    coresPerL3: topology.cores / topology.l3Domains,
    l3PerSocket: topology.l3Domains / topology.sockets,
    sockets: topology.sockets,
    numbering: topology.numbering,
    lineBytes: description.lineBytes,
    hitNs: costNs.hit,
    storeNs: costNs.store,
    privateAtomicNs: costNs.privateAtomic,
    atomicNs: costNs.atomic,
    fenceNs: costNs.fence,
    memoryNs: latencyNs.memory,
    idleNs,
    handOffNs: allDistances({ ...latencyNs, ...handOffNs }, latencyNs.memory),
    holdNs: description.holdNs,
    mostHoldNs: description.mostHoldNs,
    storeBufferEntries: description.storeBufferEntries,
    gracePeriodNs: description.gracePeriodUs * 1000,
    scaling: description.scaling,
  };
}

/**
 * A distance that the machine does not have still gets a number: that of the next farther one, or else of the next nearer, so that it is never
 * the smallest. It is `memory` where the machine is one CPU.
 */
function allDistances(
  given: Partial<Record<CpuDistance, number | undefined>>,
  otherwise: number,
): DistanceNs {
  const at = (index: number): number => {
    const farther = cpuDistances.slice(index).find((distance) => given[distance] !== undefined);
    const nearer = cpuDistances.slice(0, index).findLast((distance) => given[distance] !== undefined);
    const known = farther ?? nearer;
    return known === undefined ? otherwise : (given[known] as number);
  };
  return { smt: at(0), l3: at(1), socket: at(2), cross: at(3) };
}
