/**
 * Holds every back end against the BigInt interpreter: one fuzz program, linked once, built in every shape, run from the
 * same inputs.
 */

import { buildGenerators } from "../../src/link/generator/index.ts";
import type { IrProgram } from "../../src/link/ir.ts";
import { linkProgram } from "../../src/link/link.ts";
import { memoryHost } from "../../src/link/source-host.ts";
import { buildStepped, type SteppedOptions } from "../../src/link/stepped/index.ts";
import type { SteppedProgram } from "../../src/link/stepped/program.ts";
import { verifyIr } from "../../src/link/verify-ir.ts";
import type { WasmOptions } from "../../src/link/wasm/options.ts";
import { Op } from "../../src/machine/ops.ts";
import { interpret, type Outcome, type Run } from "./interpreter.ts";
import { printProgram } from "./print.ts";
import { entriesOf, type FuzzProgram } from "./program.ts";
import { runGenerator } from "./run-generator.ts";
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

/** A deliberate mistake of the linker, made by changing what goes from one of its parts to the next. */
export interface Mutant {
  /** What the linker is made to do wrong. */
  readonly name: string;
  /** A mistake of the front end: the source that it compiles instead. */
  readonly source?: (program: FuzzProgram) => FuzzProgram;
  /** A mistake in lowering or in a back end: the typed form that is built instead. */
  readonly typedForm?: (ir: IrProgram) => IrProgram;
  /** A mistake in the stepped program itself. */
  readonly stepped?: (stepped: SteppedProgram) => SteppedProgram;
}

/** A linker without mistakes made on purpose. */
export const faithful: Mutant = { name: "none" };

/** A way to build and run a linked program. */
export interface Shape {
  readonly name: string;
  run(program: FuzzProgram, ir: IrProgram, mutant: Mutant): Promise<Run> | Run;
  /** What of a run can be compared: all operations, the evidence among them, or memory and outcome alone. */
  readonly sees: "operations" | "evidence" | "memory";
  /** False where the outcome is one that this shape does not promise to reproduce. */
  readonly promises?: (outcome: Outcome) => boolean;
}

function steppedShape(name: string, options: SteppedOptions, disturbance: Disturbance = undisturbed): Shape {
  return {
    name: `stepped, ${name}`,
    sees: "operations",
    run: (program, ir, mutant) => {
      const stepped = buildStepped(ir, options);
      return runStepped(program, mutant.stepped?.(stepped) ?? stepped, disturbance);
    },
  };
}

function wasmShape(name: string, options: WasmOptions): Shape {
  const shape: Shape = {
    name: `WebAssembly, ${name}`,
    sees: options.evidence === true ? "evidence" : "memory",
    run: (program, ir) => runWasm(program, ir, options),
  };
  if (options.checks === true) return shape;
  // Measured builds let native code have its way with addresses that no correct program uses.
  const promises = (outcome: Outcome): boolean =>
    outcome.kind !== "fault" || (outcome.reason !== "misaligned" && outcome.reason !== "outOfRange");
  return { ...shape, promises };
}

const disturbed: Disturbance = { relocate: true, normalise: true, companion: true, places: true };

export const steppedShapes: readonly Shape[] = [
  steppedShape("as engines build it", {}),
  steppedShape("as engines build it, disturbed", {}, disturbed),
  steppedShape("nothing inlined, disturbed", { inline: "none" }, disturbed),
  steppedShape("small pieces, disturbed", { inline: 300, maxPieceCharacters: 3000 }, disturbed),
  steppedShape("small pieces, nothing inlined", { inline: "none", maxPieceCharacters: 2000 }),
  {
    name: "generators",
    sees: "operations",
    run: (program, ir) => runGenerator(program, buildGenerators(ir)),
  },
];

export const wasmShapes: readonly Shape[] = [
  wasmShape("with checks", { checks: true, evidence: true }),
  wasmShape("weak ordering", { checks: true, evidence: true, ordering: "weak" }),
  wasmShape("as it is measured", { loads: "plain", fetchAdd: "baseline" }),
  wasmShape("nothing inlined", {
    checks: true,
    evidence: true,
    loads: "plain",
    fetchAdd: "baseline",
    inlineMaxSize: 0,
  }),
];

/** Links the printed source of a fuzz program. */
export function link(program: FuzzProgram): IrProgram {
  const ir = linkProgram(
    { module: "main.ts", entries: entriesOf(program), strategies: [], options: {} },
    memoryHost(printProgram(program)),
  );
  // Fuzz programs come without a kernel: what its RCU would do in a compiled program is nothing here.
  const nothing = [
    Op.work,
    Op.quiescent,
    Op.callRcu,
    Op.synchronizeRcu,
    Op.rcuReadLock,
    Op.rcuReadUnlock,
  ].map((op) => [op, null] as const);
  const linked = { ...ir, lowerings: new Map(nothing) };
  const faults = verifyIr(linked);
  if (faults.length > 0) throw new Error(`the typed form is malformed: ${faults.join("; ")}`);
  return linked;
}

/** A program with what is the same for every back end, and for every mutant of one. */
export interface Prepared {
  readonly program: FuzzProgram;
  readonly expected: Run;
  /** What the front end makes of it, or what it has against it. */
  readonly linked: { readonly ir: IrProgram } | { readonly refusal: string };
}

/** Interprets and links a program; null where it runs too long to be compared. `budget`: see `interpret`. */
export function prepare(program: FuzzProgram, budget?: number): Prepared | null {
  const expected = interpret(program, budget);
  if (expected.outcome.kind === "tooLong" || expected.outcome.kind === "blocked") return null;
  return { program, expected, linked: tryToLink(program) };
}

function tryToLink(program: FuzzProgram): Prepared["linked"] {
  try {
    return { ir: link(program) };
  } catch (error) {
    return { refusal: describe(error) };
  }
}

/** The first difference of any shape from the interpreter, or null. */
export async function comparePrepared(
  { program, expected, linked }: Prepared,
  shapes: readonly Shape[],
  mutant: Mutant = faithful,
): Promise<Difference | null> {
  const result = mutant.source === undefined ? linked : tryToLink(mutant.source(program));
  if ("refusal" in result) return { shape: "front end", message: result.refusal, expected, actual: null };
  const ir = mutant.typedForm?.(result.ir) ?? result.ir;
  for (const shape of shapes) {
    if (shape.promises?.(expected.outcome) === false) continue;
    let actual: Run;
    try {
      actual = await shape.run(program, ir, mutant);
    } catch (error) {
      return { shape: shape.name, message: describe(error), expected, actual: null };
    }
    const message = differenceOf(expected, actual, shape.sees);
    if (message !== null) return { shape: shape.name, message, expected, actual };
  }
  return null;
}

/** The same for a program that is compared once; "skipped" for one that runs too long. */
export async function compare(
  program: FuzzProgram,
  shapes: readonly Shape[],
  budget?: number,
): Promise<Difference | null | "skipped"> {
  const prepared = prepare(program, budget);
  return prepared === null ? "skipped" : comparePrepared(prepared, shapes);
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { format } = error as { format?: () => string };
  return format === undefined ? (error.stack ?? error.message) : format.call(error);
}

/** What a WebAssembly program shows of its operations. */
const evidence: ReadonlySet<string> = new Set(["mark", "allocated", "freed"]);

function differenceOf(expected: Run, actual: Run, sees: Shape["sees"]): string | null {
  const seen = (entry: TraceEntry): boolean =>
    sees === "operations" || (sees === "evidence" && evidence.has(entry.operation));
  const wanted = expected.trace.filter(seen);
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
