/** All litmus tests under both models with each explorer, in one fresh process: how long the searches take altogether. */
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { RefplayError } from "../../../src/errors.ts";

export interface LitmusReport {
  readonly tests: number;
  /** Milliseconds of linking all tests, which counts for nothing here. */
  readonly linkMs: number;
  /** Milliseconds over all tests and both models, in the order in which they ran: the first also warms the machine up. */
  readonly explorers: readonly LitmusTime[];
  /** The first round of all explorers together. */
  readonly totalMs: number;
}

export interface LitmusTime {
  readonly explorer: string;
  readonly coldMs: number;
  /** The same once more. */
  readonly againMs: number;
  /** Every search ended with the outcomes that the test states. */
  readonly right: boolean;
}

const module = fileURLToPath(new URL("litmus-child.ts", import.meta.url));

export function measureLitmus(): Promise<LitmusReport> {
  return new Promise((resolve, reject) => {
    const child = fork(module, [], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
    child.on("message", (report) => resolve(report as LitmusReport));
    // After a report this changes nothing any more.
    child.on("exit", (code, signal) =>
      reject(new RefplayError("search-died", `the litmus process ended (${signal ?? code})`)),
    );
  });
}
