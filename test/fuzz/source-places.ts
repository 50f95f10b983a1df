/**
 * Checks what a stepped program says about where an actor stands: at every operation the chain of calls must lead from
 * `main` through the text of each call to the text of the operation.
 */
import type { ChainFrame, SteppedProgram } from "../../src/link/stepped/program.ts";
import { Op } from "../../src/machine/ops.ts";
import { printProgram } from "./print.ts";
import type { FuzzProgram } from "./program.ts";

export class SourcePlaces {
  private readonly lines: ReadonlyMap<string, readonly string[]>;
  /** Chains that were right already. */
  private readonly known = new Set<string>();

  constructor(program: FuzzProgram) {
    this.lines = new Map(
      Object.entries(printProgram(program)).map(([file, text]) => [file, text.split("\n")]),
    );
  }

  /** Throws where the chain of an actor that waits for `op` does not lead there. */
  check(stepped: SteppedProgram, chain: readonly ChainFrame[], op: Op): void {
    const shown = chain
      .map((frame) => `${frame.function} ${frame.file}:${frame.line}:${frame.column}`)
      .join(" > ");
    const key = `${shown} ${op}`;
    if (this.known.has(key)) return;
    if (!stepped.entries.has(chain[0]?.function ?? ""))
      throw new Error(`the chain does not begin in an entry: ${shown}`);
    for (const [index, frame] of chain.entries()) {
      const next = chain[index + 1];
      const wanted = `${next === undefined ? Op[op] : next.function}(`;
      const line = this.lines.get(frame.file)?.[frame.line - 1] ?? "";
      if (!line.startsWith(wanted, frame.column - 1))
        throw new Error(`no ${wanted} at ${frame.file}:${frame.line}:${frame.column}, in ${shown}`);
    }
    this.known.add(key);
  }
}
