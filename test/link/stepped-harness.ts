/** Runs one actor of a program on a memory of its own, operation by operation, and writes down what it did. */
import { buildGenerators } from "../../src/link/generator/index.ts";
import type { IrProgram } from "../../src/link/ir.ts";
import {
  ActorWord,
  buildStepped,
  type SteppedOptions,
  type SteppedProgram,
} from "../../src/link/stepped/index.ts";
import { Op, opByCode } from "../../src/machine/ops.ts";

export interface Trace {
  /** `fetchAdd 256 1 -> 0` and so on; the last line is `done 7` or `fault 1`. */
  readonly lines: readonly string[];
  readonly memory: Int32Array;
}

export interface TraceOptions {
  readonly entry?: string;
  readonly args?: readonly number[];
  readonly cpu?: number;
  readonly script?: readonly number[];
  /** Called at every stop of a stepped actor, before the operation is done. */
  readonly atStop?: (state: Int32Array, base: number, op: Op) => void;
}

const maxOperations = 100_000;

function perform(op: Op, operands: readonly number[], memory: Int32Array): number {
  const [address = 0, value = 0, desired = 0] = operands;
  const cell = address >> 2;
  const before = memory[cell] ?? 0;
  switch (op) {
    case Op.store:
    case Op.storeRelease:
      memory[cell] = value;
      return 0;
    case Op.load:
    case Op.loadAcquire:
      return before;
    case Op.fetchAdd:
      memory[cell] = before + value;
      return before;
    case Op.exchange:
      memory[cell] = value;
      return before;
    case Op.compareExchange:
      if (before === value) memory[cell] = desired;
      return before;
    default:
      return 0;
  }
}

function follow(
  next: (result: number) => Op,
  state: Int32Array,
  base: () => number,
  memory: Int32Array,
): string[] {
  const lines: string[] = [];
  let result = 0;
  while (lines.length < maxOperations) {
    const op = next(result);
    if (op === Op.done) return [...lines, `done ${state[base() + ActorWord.returnValue]}`];
    if (op === Op.fault) return [...lines, `fault ${state[base() + ActorWord.operand0]}`];
    const info = opByCode(op);
    const first = base() + ActorWord.operand0;
    const operands = [...state.subarray(first, first + info.operands.length)];
    result = perform(op, operands, memory);
    lines.push(`${[info.name, ...operands].join(" ")}${info.returns ? ` -> ${result}` : ""}`);
  }
  throw new Error("the program does not end");
}

/** Runs an entry (`main` unless named) of a stepped program. */
export function traceStepped(program: SteppedProgram, options: TraceOptions = {}): Trace {
  const memory = new Int32Array(4096);
  const base = 24;
  const state = new Int32Array(base + program.wordsPerActor + 8);
  const { script = [], entry = "main", args = [], cpu = 0, atStop } = options;
  // The actor's script does not begin where all scripts do.
  const step = program.instantiate(Int32Array.from([-1, -1, ...script, -1]));
  program.start(state, base, entry, args, { cpu, scriptBase: 8 });
  const next = (result: number) => {
    const op = step(state, base, result);
    atStop?.(state, base, op);
    return op;
  };
  return { lines: follow(next, state, () => base, memory), memory };
}

/** Runs the same entry as generators. */
export function traceGenerators(ir: IrProgram, options: TraceOptions = {}): Trace {
  const memory = new Int32Array(4096);
  const { script = [], entry = "main", args = [], cpu = 0 } = options;
  const start = buildGenerators(ir).instantiate(Int32Array.from([-1, -1, ...script, -1]));
  const actor = start(entry, args, { cpu, scriptBase: 8 });
  return {
    lines: follow(
      (result) => actor.step(result),
      actor.state,
      () => 0,
      memory,
    ),
    memory,
  };
}

/** Every shape that a program can be built in. */
export const shapes: readonly (readonly [string, SteppedOptions])[] = [
  ["inlined", {}],
  ["with every call kept", { inline: "none" }],
  ["with small callees inlined", { inline: 100 }],
  ["in many pieces", { inline: "none", maxPieceCharacters: 500 }],
  ["inlined, in many pieces", { inline: 100_000, maxPieceCharacters: 500 }],
];

/** The trace of a program if all shapes and generators agree on it; throws where they do not. */
export function agreedTrace(ir: IrProgram, options: TraceOptions = {}): readonly string[] {
  const expected = traceGenerators(ir, options);
  for (const [name, steppedOptions] of shapes) {
    const trace = traceStepped(buildStepped(ir, steppedOptions), options);
    if (trace.lines.join("\n") !== expected.lines.join("\n")) {
      throw new Error(`${name}:\n${trace.lines.join("\n")}\ngenerators:\n${expected.lines.join("\n")}`);
    }
    if (trace.memory.some((cell, i) => cell !== expected.memory[i]))
      throw new Error(`${name}: memory differs`);
  }
  return expected.lines;
}
