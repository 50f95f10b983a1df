/** Makes the simulator's job of a table's run. Pure; no Node. */
import { capacity, distanceBetween } from "../engines/sim/topology.ts";
import { Distance, type SimJob, type SimMachine } from "../engines/sim/types.ts";
import { bootArguments } from "../kernel/boot-arguments.ts";
import { findWorkload } from "../workloads/index.ts";
import { Random } from "../workloads/random.ts";
import { warmRecords } from "../workloads/warm-up.ts";
import { withExactThinks } from "./exact-thinks.ts";
import type { FidelityPrograms } from "./programs.ts";
import { type KernelLoad, type LoopLoad, type PingPongLoad, turns } from "./types.ts";

/** Memory beside the CPUs' areas: labels, tasks, files. */
const heapBytes = 16 * 1024 * 1024;

/** What the evidence of a run costs is saved: nobody reads it here. */
const noEvidence = { timelineEntries: 0, hotLines: 0 } as const;

export function kernelJob(
  load: KernelLoad,
  machine: SimMachine,
  cpus: number,
  seed: string,
  programs: FidelityPrograms,
): SimJob {
  const definition = findWorkload(load.scenario);
  if (definition === undefined) throw new RangeError(`no workload is named ${load.scenario}`);
  const { thinkUs } = load.parameters;
  const parameters = definition.parameters.parse(load.parameters);
  const { population, scripts, setupRecords } = definition.build(parameters, { cpus, seed });
  const program = programs.kernel(load);
  // RCU callbacks and maintenance have areas of their own.
  const areas = (cpus + 2) * (program.constants.get("cpuAreaBytes") ?? 0);
  return {
    program,
    machine,
    cpus,
    scripts: typeof thinkUs === "number" ? withExactThinks(scripts, thinkUs * 1000) : scripts,
    memoryBytes: Math.ceil((heapBytes + areas) / 65_536) * 65_536,
    boot: bootArguments(population),
    setupRecords,
    warmRecords: warmRecords(scripts, setupRecords),
    ...noEvidence,
  };
}

/** A record of bench/programs/counting.ts. */
function script(turn: keyof typeof turns, times: number, batch = 1, startNs = 0): Int32Array {
  return Int32Array.of(turns[turn], times, batch, startNs);
}

function countingJob(
  machine: SimMachine,
  scripts: readonly Int32Array[],
  programs: FidelityPrograms,
): SimJob {
  const program = programs.counting();
  const areas = (scripts.length + 2) * (program.constants.get("cpuAreaBytes") ?? 0);
  const memoryBytes = Math.ceil(((program.constants.get("cpuAreaBase") ?? 0) + areas) / 65_536) * 65_536;
  return { program, machine, cpus: scripts.length, scripts, memoryBytes, ...noEvidence };
}

export function loopJob(
  { turn, turnsEach, batch, startsWithinNs }: LoopLoad,
  machine: SimMachine,
  cpus: number,
  seed: string,
  programs: FidelityPrograms,
): SimJob {
  const random = new Random(`${seed}/fidelity/${turn}/${cpus}`);
  const scripts = Array.from({ length: cpus }, () =>
    script(turn, turnsEach, batch, random.below(Math.max(1, startsWithinNs))),
  );
  return countingJob(machine, scripts, programs);
}

const distanceNamed = {
  smt: Distance.smt,
  l3: Distance.l3,
  socket: Distance.socket,
  cross: Distance.cross,
} as const;

export function pingPongJob(
  { distance, roundTrips }: PingPongLoad,
  machine: SimMachine,
  programs: FidelityPrograms,
): SimJob {
  let partner = 1;
  while (partner < capacity(machine) && distanceBetween(machine, 0, partner) !== distanceNamed[distance])
    partner++;
  if (partner === capacity(machine))
    throw new RangeError(`${machine.name} has no two CPUs at distance ${distance}`);
  const scripts = Array.from({ length: partner + 1 }, (_, cpu) => {
    if (cpu === 0) return script("ping", roundTrips);
    return cpu === partner ? script("pong", roundTrips) : script("idle", 0);
  });
  return countingJob(machine, scripts, programs);
}
