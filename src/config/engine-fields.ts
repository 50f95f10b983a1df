/**
 * Fields that depend on each other because engines differ: which machine is simulated, how many CPUs each engine may be asked
 * for, and what only one of them has. Checked once every field is right by itself.
 */
import type { SimMachine } from "../engines/sim/types.ts";
import { RefplayError, type SourceLocation } from "../errors.ts";
import type { ValuePath } from "../input/positions.ts";
import { checkCpus } from "../machines/resolve.ts";
import { type Config, type EngineName, enginesOf, maxThreadsCpus } from "./schema.ts";

type Locate = (path: ValuePath) => SourceLocation;

/** The CPU counts of an engine's cells. */
export function cpusOn(engine: EngineName, config: Config): readonly number[] {
  return engine === "threads" && config.threadsCpus.length > 0 ? config.threadsCpus : config.cpus;
}

/** Throws RefplayError `engine-field` or `too-many-cpus`. */
export function checkEngineFields(config: Config, machine: SimMachine | undefined, locate: Locate): void {
  const engines = enginesOf(config);
  const refuse = (field: string, problem: string, hint: string): never => {
    throw new RefplayError("engine-field", problem, { location: locate([field]), hint });
  };
  if (config.maintenanceAtUs.length > 0 && !engines.includes("sim")) {
    refuse(
      "maintenanceAtUs",
      "`maintenanceAtUs` is of engine sim, and nothing runs on it here",
      "On threads, maintenance runs at the strategy's interval; strategies have an option for it.",
    );
  }
  if (config.threadsCpus.length > 0 && engines.length < 2) {
    refuse(
      "threadsCpus",
      "`threadsCpus` is of runs on both engines, `engine: [sim, threads]`",
      "`cpus` are those of the one engine.",
    );
  }
  if (config.runMs > 0 && !engines.includes("threads")) {
    refuse(
      "runMs",
      "`runMs` is of engine threads: on sim every CPU runs its whole script",
      "Say how long a run is with the workload's parameters, as `requests`.",
    );
  }
  if (machine !== undefined) checkCpus(machine, config.cpus, ["cpus"], locate);
  if (engines.includes("threads")) checkThreads(config, locate);
}

function checkThreads(config: Config, locate: Locate): void {
  const cpus = cpusOn("threads", config);
  const index = cpus.findIndex((count) => count > maxThreadsCpus);
  if (index < 0) return;
  const field = cpus === config.threadsCpus ? "threadsCpus" : "cpus";
  const message = `\`${field}[${index}]\` is ${cpus[index]}; on threads it takes ${maxThreadsCpus} at most`;
  throw new RefplayError("too-many-cpus", message, {
    location: locate([field, index]),
    hint: "Every CPU is a worker thread there. Of a run on both engines, `threadsCpus` are those of threads.",
  });
}
