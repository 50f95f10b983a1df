/** What a figure depends on beside the code: printed with every table. */
import { readFileSync } from "node:fs";
import { availableParallelism, cpus, release, type as systemName } from "node:os";

export interface MachineDescription {
  /** Processor model and number of processors this process may use. */
  readonly processor: string;
  readonly cores: number;
  /** "Linux 6.1.0". */
  readonly system: string;
  readonly node: string;
  readonly v8: string;
  /** First line of the C compiler's version; null without one. */
  readonly compiler: string | null;
  /** Runnable tasks averaged over a minute when the benchmark started (Linux); 0 is an idle machine. */
  readonly load: number | null;
}

function loadAverage(): number | null {
  try {
    return Number(readFileSync("/proc/loadavg", "utf8").split(" ", 1)[0]);
  } catch {
    return null;
  }
}

export function describeMachine(compiler: string | null): MachineDescription {
  return {
    processor: cpus()[0]?.model.trim() ?? "unknown processor",
    cores: availableParallelism(),
    system: `${systemName()} ${release()}`,
    node: process.version,
    v8: process.versions.v8,
    compiler,
    load: loadAverage(),
  };
}

/** One line for the head of a table. */
export function machineLine(machine: MachineDescription): string {
  const load = machine.load === null ? "" : `, load ${machine.load.toFixed(1)}`;
  const compiler = machine.compiler === null ? "" : `, ${machine.compiler}`;
  return `${machine.processor}, ${machine.cores} cores, ${machine.system}${load}; Node ${machine.node.slice(1)}, V8 ${machine.v8}${compiler}`;
}
