/** The thread that simulates: runs one request after the other and keeps the programs that it has built. */
import { parentPort } from "node:worker_threads";
import { SimulationStopped, simulate } from "../engines/sim/index.ts";
import { RefplayError } from "../errors.ts";
import type { IrProgram } from "../link/ir.ts";
import { buildStepped, type SteppedProgram } from "../link/stepped/index.ts";
import { runRequest } from "./sim-request.ts";
import type { FromSimThread, ToSimThread } from "./sim-thread.ts";

const stuckHint = "Ask for fewer requests or CPUs, or look at the strategy with `refplay check`.";

const programs = new Map<string, SteppedProgram>();

/** Functions cannot be sent, so programs come in their typed form, each once. */
function programOf(hash: string, typed: IrProgram | undefined): SteppedProgram {
  const known = programs.get(hash);
  if (known !== undefined) return known;
  if (typed === undefined) throw new Error("a program that was never sent");
  const made = buildStepped(typed);
  programs.set(hash, made);
  return made;
}

function answer(message: FromSimThread): void {
  parentPort?.postMessage(message);
}

parentPort?.on("message", ({ hash, typed, request }: ToSimThread) => {
  try {
    const progress = (share: number): void => answer({ kind: "progress", share });
    answer({ kind: "report", report: runRequest(request, programOf(hash, typed), simulate, progress) });
  } catch (error) {
    if (error instanceof SimulationStopped) {
      answer({ kind: "refused", code: "simulation-stuck", message: error.message, hint: stuckHint });
    } else if (error instanceof RefplayError) {
      const { code, message, hint, location } = error;
      answer({ kind: "refused", code, message, ...(hint && { hint }), ...(location && { location }) });
    } else {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      answer({ kind: "defect", text });
    }
  }
});
