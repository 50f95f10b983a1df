/** `refplay calibrate`: measures a host and describes it as a machine for the simulator. */
import { loadavg, platform } from "node:os";
import { parseMachine } from "../machines/resolve.ts";
import { deriveFields } from "./derive.ts";
import type { Field } from "./fields.ts";
import { type HostTexts, readHost } from "./host-files.ts";
import { machineFileText } from "./machine-file.ts";
import { type Measurements, measureHost, memoryBytesFor } from "./measure.ts";
import { type CalibrationPlan, planOf } from "./plan.ts";
import { type HostShape, shapeOf } from "./shape.ts";
import { topologyOf } from "./topology.ts";

export type { Field } from "./fields.ts";
export { shapeText } from "./machine-file.ts";
export type { Measurements } from "./measure.ts";
export type { HostShape } from "./shape.ts";

export interface CalibrationRequest {
  /** Name of the machine. */
  readonly name: string;
  readonly rounds: number;
  /** ISO 8601, UTC. */
  readonly date: string;
  readonly versions: { readonly node: string; readonly refplay: string };
  readonly signal?: AbortSignal;
  readonly onProgress?: (doing: string, fraction: number) => void;
  /** This host unless given. */
  readonly host?: HostTexts;
  /** For tests: turns of loops in percent of the usual number, and no loads from memory. */
  readonly quick?: { readonly turnsPercent: number };
}

export interface Calibration {
  readonly model: string;
  readonly shape: HostShape;
  readonly plan: CalibrationPlan;
  readonly measurements: Measurements;
  readonly fields: readonly Field[];
  readonly load: readonly [number, number] | null;
  readonly notes: readonly string[];
  /** The machine file; the machine schema has accepted it. */
  readonly text: string;
}

/** Measures this host. Rejects with RefplayErrors of the threads engine and with the signal's reason when aborted. */
export async function calibrate(request: CalibrationRequest): Promise<Calibration> {
  const { name, rounds, date, versions, signal, onProgress, quick } = request;
  const host = request.host ?? readHost();
  const topology = topologyOf(host);
  const shape = shapeOf(topology);
  const plan = planOf(shape);
  const [first] = shape.cpus;
  if (first === undefined) throw new Error("a host has at least one CPU");
  const loadBefore = loadNow();
  const measurements = await measureHost({
    cpus: topology.cpus.map(({ cpu }) => cpu),
    ownCpu: first.cpu,
    plan,
    memoryBytes: quick === undefined ? memoryBytesFor(topology.l3Bytes) : 0,
    rounds,
    signal,
    onProgress,
    turnsPercent: quick?.turnsPercent ?? 100,
  });
  const loadAfter = loadNow();
  const load = loadBefore === null || loadAfter === null ? null : ([loadBefore, loadAfter] as const);
  const fields = deriveFields(measurements, plan, topology.lineBytes);
  const notes = [
    ...topology.notes,
    ...shape.notes,
    ...measurements.notes,
    ...busy(loadBefore, shape.cpus.length),
  ];
  const software = `${host.system}, Node ${versions.node}, refplay ${versions.refplay}`;
  const text = machineFileText({
    name,
    model: host.model,
    software,
    date,
    rounds,
    load,
    shape,
    fields,
    notes,
  });
  // What does not fit together would be a mistake of ours: found here and not when somebody uses the file.
  parseMachine(text, name);
  return { model: host.model, shape, plan, measurements, fields, load, notes, text };
}

/** Runnable tasks averaged over a minute; null where the system has no such thing. */
function loadNow(): number | null {
  return platform() === "win32" ? null : (loadavg()[0] ?? null);
}

/** More than a quarter of a CPU was busy with other things. */
const quiet = 0.25;

function busy(load: number | null, cpus: number): string[] {
  if (load === null || load < quiet) return [];
  return [`the host was busy (load ${load.toFixed(1)} on ${cpus} CPUs): measure again when it is idle`];
}
