/**
 * Holds every back end against the BigInt interpreter: one fuzz program, linked once, built in every shape, run from the
 * same inputs.
 */
import type { IrProgram } from "../../src/link/ir.ts";
import { linkProgram } from "../../src/link/link.ts";
import { memoryHost } from "../../src/link/source-host.ts";
import { buildStepped, type SteppedOptions } from "../../src/link/stepped/index.ts";
import type { WasmOptions } from "../../src/link/wasm/options.ts";
import { Op } from "../../src/machine/ops.ts";
import { interpret, type Outcome, type Run } from "./interpreter.ts";
import { printProgram } from "./print.ts";
import type { FuzzProgram } from "./program.ts";
import { type Disturbance, runStepped, undisturbed } from "./run-stepped.ts";
import { runWasm } from "./run-wasm.ts";
import type { TraceEntry } from "./world.ts";

/** A run that did not do what the language says. */
export interface Difference {
  /** The back end and its shape. */
  readonly shape: string;
  readonly message: string;
  readonly expected: Run | null;
  readonly actual: Run | null;
}

/** A way to build and run a linked program; `null` from `run`: this shape has nothing to say about it. */
export interface Shape {
  readonly name: string;
  run(program: FuzzProgram, ir: IrProgram): Promise<Run> | Run;
  /** What of a run can be compared. */
  readonly sees: "everything" | "effects";
}

function steppedShape(name: string, options: SteppedOptions, disturbance: Disturbance = undisturbed): Shape {
  return {
    name: `stepped, ${name}`,
    sees: "everything",
    run: (program, ir) => runStepped(program, buildStepped(ir, options), disturbance),
  };
}

function wasmShape(name: string, options: WasmOptions): Shape {
  return {
    name: `WebAssembly, ${name}`,
    sees: "effects",
    run: (program, ir) => runWasm(program, ir, options),
  };
}

const disturbed: Disturbance = { relocate: true, normalise: true, companion: true };

export const steppedShapes: readonly Shape[] = [
  steppedShape("as engines build it", {}),
  steppedShape("as engines build it, disturbed", {}, disturbed),
  steppedShape("nothing inlined, disturbed", { inline: "none" }, disturbed),
  steppedShape("small pieces, disturbed", { inline: 300, maxPieceCharacters: 3000 }, disturbed),
  steppedShape("small pieces, nothing inlined", { inline: "none", maxPieceCharacters: 2000 }),
];

export const wasmShapes: readonly Shape[] = [
  wasmShape("tso, with checks", { checks: true, evidence: true, ordering: "tso" }),
  wasmShape("weak ordering", { checks: true, evidence: true, ordering: "weak" }),
];

/** Links the printed source of a fuzz program. */
export function link(program: FuzzProgram): IrProgram {
  const ir = linkProgram(
    { module: "main.ts", entries: ["main"], strategies: [], options: {} },
    memoryHost(printProgram(program)),
  );
  // Fuzz programs come without a kernel: what its RCU would do in a compiled program is nothing here.
  const nothing = [Op.work, Op.quiescent, Op.synchronizeRcu, Op.rcuReadLock, Op.rcuReadUnlock].map(
    (op) => [op, null] as const,
  );
  return { ...ir, lowerings: new Map(nothing) };
}

/** The first difference of any shape from the interpreter, or null; "skipped" for a program that runs too long. */
export async function compare(
  program: FuzzProgram,
  shapes: readonly Shape[],
  change: (ir: IrProgram) => IrProgram = (ir) => ir,
  budget?: number,
): Promise<Difference | null | "skipped"> {
  const expected = interpret(program, budget);
  if (expected.outcome.kind === "tooLong" || expected.outcome.kind === "blocked") return "skipped";
  let ir: IrProgram;
  try {
    ir = change(link(program));
  } catch (error) {
    return { shape: "front end", message: describe(error), expected, actual: null };
  }
  for (const shape of shapes) {
    let actual: Run;
    try {
      actual = await shape.run(program, ir);
    } catch (error) {
      return { shape: shape.name, message: describe(error), expected, actual: null };
    }
    const message = differenceOf(expected, actual, shape.sees);
    if (message !== null) return { shape: shape.name, message, expected, actual };
  }
  return null;
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { format } = error as { format?: () => string };
  return format === undefined ? (error.stack ?? error.message) : format.call(error);
}

/** What a WebAssembly program shows of its operations. */
const evidence: ReadonlySet<string> = new Set(["mark", "allocated", "freed"]);

function differenceOf(expected: Run, actual: Run, sees: Shape["sees"]): string | null {
  const wanted =
    sees === "everything" ? expected.trace : expected.trace.filter((entry) => evidence.has(entry.operation));
  for (let index = 0; index < Math.max(wanted.length, actual.trace.length); index++) {
    const [a, b] = [showEntry(wanted[index]), showEntry(actual.trace[index])];
    if (a !== b) return `operation ${index}: ${a} expected, ${b} found`;
  }
  const [a, b] = [showOutcome(expected.outcome), showOutcome(actual.outcome)];
  if (a !== b) return `outcome: ${a} expected, ${b} found`;
  for (let cell = 0; cell < expected.memory.length; cell++) {
    if (expected.memory[cell] !== actual.memory[cell]) {
      return `memory at ${cell * 4}: ${expected.memory[cell]} expected, ${actual.memory[cell]} found`;
    }
  }
  return null;
}

export function showEntry(entry: TraceEntry | undefined): string {
  if (entry === undefined) return "nothing";
  const result = entry.result === null ? "" : ` -> ${entry.result}`;
  return `${entry.operation}(${entry.operands.join(", ")})${result}`;
}

export function showOutcome(outcome: Outcome): string {
  if (outcome.kind === "returned") return `returned ${outcome.value}`;
  return outcome.kind === "fault" ? `fault ${outcome.reason}` : outcome.kind;
}
