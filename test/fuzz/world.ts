/**
 * The smallest machine that can carry out operations one after the other: memory, a trace of what was done, and nothing
 * that depends on how a program was compiled. The interpreter and the stepped programs each run on a world of their own.
 */

import { Boot, nullBytes } from "../../src/machine/memory-map.ts";
import { toBits } from "./arithmetic.ts";
import type { Inputs, OperationName } from "./program.ts";
import { arenaBase, memoryBytes } from "./program.ts";

/** One operation: operands and result as signed 32 bits; `result` is null where the operation hands nothing back. */
export interface TraceEntry {
  readonly operation: OperationName;
  readonly operands: readonly number[];
  readonly result: number | null;
}

/** An operation on an address that no cell has. */
export class AddressFault extends Error {
  readonly reason: "misaligned" | "outOfRange";
  constructor(reason: "misaligned" | "outOfRange") {
    super(reason);
    this.reason = reason;
  }
}

/** Operations whose first operand is the address of a cell that is read or written. */
const touchesMemory: ReadonlySet<OperationName> = new Set([
  "load",
  "loadAcquire",
  "store",
  "storeRelease",
  "fetchAdd",
  "fetchAnd",
  "fetchOr",
  "exchange",
  "compareExchange",
  "awaitEqual",
  "awaitNotEqual",
  "awaitAtLeast",
]);

/** Memory as a program of the fuzzer finds it: the arena, the tick cell and zeros. */
export function initialMemory(inputs: Inputs): Int32Array {
  const memory = new Int32Array(memoryBytes / 4);
  memory.set(inputs.arena, arenaBase / 4);
  memory[Boot.tick / 4] = inputs.tick;
  return memory;
}

export class World {
  readonly memory: Int32Array;
  readonly trace: TraceEntry[] = [];

  constructor(inputs: Inputs) {
    this.memory = initialMemory(inputs);
  }

  /** Carries out one operation and records it; returns its result (0 where it has none), or "blocked" for an unmet await. */
  perform(operation: OperationName, operands: readonly number[]): number | "blocked" {
    const [first = 0, second = 0, third = 0] = operands;
    let result: number | null = null;
    if (touchesMemory.has(operation)) {
      const address = first >>> 0;
      if (address % 4 !== 0) throw new AddressFault("misaligned");
      if (address < nullBytes || address >= memoryBytes) throw new AddressFault("outOfRange");
      const cell = address / 4;
      const before = this.memory[cell] as number;
      const after = writtenValue(operation, before, second, third);
      if (after === "blocked") return "blocked";
      this.memory[cell] = after;
      if (!/^(store|storeRelease|await.*)$/.test(operation)) result = before;
    } else if (operation === "now") {
      result = this.memory[Boot.tick / 4] as number;
    }
    this.trace.push({ operation, operands: [...operands], result });
    return result ?? 0;
  }
}

/** What the cell holds after an operation that found `before` there. */
function writtenValue(
  operation: OperationName,
  before: number,
  value: number,
  desired: number,
): number | "blocked" {
  switch (operation) {
    case "store":
    case "storeRelease":
    case "exchange":
      return value;
    case "fetchAdd":
      return toBits(BigInt(before) + BigInt(value));
    case "fetchAnd":
      return toBits(BigInt(before) & BigInt(value));
    case "fetchOr":
      return toBits(BigInt(before) | BigInt(value));
    case "compareExchange":
      return before === value ? desired : before;
    case "awaitEqual":
      return before === value ? before : "blocked";
    case "awaitNotEqual":
      return before !== value ? before : "blocked";
    case "awaitAtLeast":
      return toBits(BigInt(before) - BigInt(value)) >= 0 ? before : "blocked";
    default:
      return before;
  }
}
