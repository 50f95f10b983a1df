/**
 * One simulated run as plain data, since it happens in a thread of its own: the machine, the scripts, and what comes back, with names
 * in place of addresses.
 */
import type { SimJob, SimMachine, SimResult } from "../engines/sim/types.ts";
import { Mark } from "../kernel/core/marks.ts";
import type { SteppedProgram } from "../link/stepped/index.ts";
import type { Cell } from "../results/schema.ts";
import { hottestLines, type Named, ownershipOf } from "./sim-evidence.ts";

export interface SimRequest {
  readonly machine: SimMachine;
  readonly scripts: readonly Int32Array[];
  readonly memoryBytes: number;
  /** Arguments of `boot`. */
  readonly boot: readonly number[];
  readonly setupRecords: number;
  /** By CPU: records that warm it up; none unless given. */
  readonly warmRecords?: readonly number[];
  readonly maintenance: boolean;
  /** Virtual times at which it runs; its interval decides where there are none. */
  readonly maintenanceAtNs: readonly number[];
  readonly audit: Readonly<Record<string, number>>;
  /** Requests of all scripts, for the progress; unknown unless given. */
  readonly requests?: number;
  /** Profiles that `boot` makes beside `unconfined`. */
  readonly profiles: number;
  /** Of a program that is not the kernel of labels: how its objects are called. */
  readonly objects?: Named["objects"];
}

export interface SimReport extends Omit<SimResult, "hotLines" | "timeline"> {
  readonly hottestLines: NonNullable<Cell["hottestLines"]>;
  readonly ownership: Cell["ownership"];
}

/** The engine: `simulate` of `engines/sim`. */
export type Simulate = (job: SimJob) => SimResult;

/** Lines that results tell of. */
const hotLines = 8;

/** Simulates; `onProgress` hears of the share that is done, 0 to 1. Throws what `simulate` throws. */
export function runRequest(
  request: SimRequest,
  program: SteppedProgram,
  simulate: Simulate,
  onProgress: (share: number) => void,
): SimReport {
  const { machine, scripts, memoryBytes, boot, setupRecords, maintenance, maintenanceAtNs, audit } = request;
  const cpus = scripts.length;
  const result = simulate({
    program,
    machine,
    cpus,
    scripts,
    memoryBytes,
    boot,
    setupRecords,
    ...(request.warmRecords === undefined ? {} : { warmRecords: request.warmRecords }),
    maintenance,
    ...(maintenance && maintenanceAtNs.length > 0 ? { maintenanceAtNs } : {}),
    audit,
    eventMark: Mark.scriptEvent,
    retirementMarks: { retired: Mark.retired, freed: Mark.retiredFreed },
    ...(request.requests === undefined ? {} : { expectedRequests: request.requests }),
    hotLines,
    onProgress(share) {
      onProgress(share);
      return false;
    },
  });
  const { objects, profiles } = request;
  const named: Named = { cpus, profiles, ...(objects === undefined ? {} : { objects }) };
  const { hotLines: _lines, timeline: _timeline, ...rest } = result;
  return {
    ...rest,
    hottestLines: hottestLines(program, named, result),
    ownership: ownershipOf(program, named, result),
  };
}
