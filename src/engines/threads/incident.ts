/** Says what a worker was doing when it died or hung: entry, arguments, place in the script, what it waits for. */
import { RefplayError } from "../../errors.ts";
import { CpuLine } from "../../link/wasm/names.ts";
import { Op } from "../../machine/ops.ts";
import { WorkerState } from "./control.ts";
import type { Command, WorkerSetup } from "./protocol.ts";

export interface Incident {
  readonly setup: WorkerSetup;
  /** What the worker was told to do last; null while it starts. */
  readonly command: Command | null;
  readonly state: WorkerState;
  readonly cells: Int32Array;
  readonly constants: ReadonlyMap<string, number>;
}

/** Bytes of a script record: event and three operands. */
const recordBytes = 16;

/** `worker-died`: a trap, an exception, or the end of the thread. */
export function diedError(incident: Incident, reason: string, cause?: unknown): RefplayError {
  const where = [doing(incident), scriptPlace(incident)].filter((part) => part !== null).join(", ");
  return new RefplayError("worker-died", `CPU ${incident.setup.cpu} died in ${where}: ${reason}`, {
    hint: "`refplay check <its file>` tries small programs in all orders, and tells the order of what it finds",
    ...(cause === undefined ? {} : { cause }),
  });
}

/** `worker-hung`: no heartbeat for the time-out, on one CPU or on several that wait for each other. */
export function hungError(incidents: readonly Incident[], timeoutMs: number): RefplayError {
  const lines = incidents.map((incident) => {
    const parts = [doing(incident), scriptPlace(incident), waitsFor(incident)];
    return `CPU ${incident.setup.cpu} in ${parts.filter((part) => part !== null).join(", ")}`;
  });
  const message = `no sign of life for ${timeoutMs / 1000} s: ${lines.join("; ")}`;
  return new RefplayError("worker-hung", message, {
    hint: "a lock that is not given back, a wait for a CPU whose script is over, or a hang time-out that is too short",
  });
}

function doing({ command, state }: Incident): string {
  if (command === null) return "starting";
  const what = command.kind === "call" ? `${command.entry}(${command.args.join(", ")})` : command.kind;
  return state === WorkerState.atBarrier ? `${what} (at the barrier before it)` : what;
}

/**
 * The record that comes next, where the program tells the place of its cursor: constant `scriptCursor`, the offset in a
 * CPU's area of the cell with the byte offset of the next record.
 */
function scriptPlace({ setup, cells, constants, command }: Incident): string | null {
  const [base, stride] = [constants.get("cpuAreaBase"), constants.get("cpuAreaBytes")];
  const cursor = constants.get("scriptCursor");
  if (command?.kind !== "run" || base === undefined || stride === undefined || cursor === undefined)
    return null;
  const next = Atomics.load(cells, (base + setup.cpu * stride + cursor) / 4);
  return `before script record ${next / recordBytes}`;
}

function waitsFor({ setup, cells }: Incident): string | null {
  const read = (field: CpuLine): number => Atomics.load(cells, (setup.fenceAddress + field) / 4);
  const address = read(CpuLine.awaitAddress);
  if (address === 0) return null;
  const cell = Atomics.load(cells, address / 4);
  const operation = Op[read(CpuLine.awaitOp)] ?? "await";
  return `in ${operation}(${address}, ${read(CpuLine.awaitValue)}) while the cell holds ${cell}`;
}
