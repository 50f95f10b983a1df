/** Jobs for simulators: the stage program, machines and scripts. */
import type { SimJob, SimMachine } from "../../../src/engines/sim/types.ts";
import { linkProgram } from "../../../src/link/link.ts";
import { nodeHost, packageRoot } from "../../../src/link/node-host.ts";
import { buildStepped, type SteppedProgram } from "../../../src/link/stepped/index.ts";
import { SimFlags, type SimStep } from "../../programs/sim-steps.ts";

export { SimCallback, SimCell, SimStep } from "../../programs/sim-steps.ts";

/** One record of a script: a step with its operands, the flags among them. */
export interface SimRecord {
  readonly step: SimStep;
  readonly a?: number;
  readonly b?: number;
  readonly c?: number;
  /** The value is what the last operation returned. */
  readonly fromLast?: boolean;
  /** What the last operation returned picks one of four cells. */
  readonly indexed?: boolean;
}

export function scriptOf(records: readonly SimRecord[]): Int32Array {
  const cells = records.flatMap(({ step, a = 0, b = 0, c = 0, fromLast = false, indexed = false }) => [
    step | (fromLast ? SimFlags.fromLast : 0) | (indexed ? SimFlags.indexed : 0),
    a,
    b,
    c,
  ]);
  return Int32Array.from([...cells, 0, 0, 0, 0]);
}

/** Bytes of the stage's machine; cells from `cellBase` on are for scripts. */
export const stageMemoryBytes = 1 << 18;
export const cellBase = 1 << 17;

let built: SteppedProgram | undefined;

/** The stage program, built once. */
export function stage(): SteppedProgram {
  built ??= buildStepped(
    linkProgram(
      {
        module: `${packageRoot}/test/programs/sim-stage.ts`,
        entries: "all",
        strategies: [],
        options: { percpuBytes: 64, quarantine: 0 },
        steppedOnly: true,
      },
      nodeHost(packageRoot),
    ),
  );
  return built;
}

/** The same with a strategy's interval, in ms, between calls of `maintain`. */
export function stageEvery(intervalMs: number): SteppedProgram {
  const program = stage();
  const constants = new Map(program.constants).set("strategy.maintenanceIntervalMs", intervalMs);
  return Object.create(program, { constants: { value: constants } }) as SteppedProgram;
}

export function stageJob(
  machine: SimMachine,
  scripts: readonly (readonly SimRecord[])[],
  more: Partial<SimJob> = {},
): SimJob {
  return {
    program: stage(),
    machine,
    cpus: scripts.length,
    scripts: scripts.map(scriptOf),
    memoryBytes: stageMemoryBytes,
    ...more,
  };
}
