/**
 * What 32-bit arithmetic means, written down once more over BigInt: exact results, then wrapped into the type.
 * Kept free of `|0`, `Math.imul` and shifts of JavaScript numbers, which is what the linker's back ends use.
 */
import type { BinaryOperator, Type } from "./program.ts";

const two32 = 1n << 32n;
const two31 = 1n << 31n;

/** Division or remainder by zero. */
export class DivisionByZero extends Error {}

/** The value of the low 32 bits in a type's own range: i32 from -2^31 to 2^31-1, u32 and ptr from 0 to 2^32-1, bool 0 or 1. */
export function wrap(value: bigint, type: Type): bigint {
  if (type === "bool") {
    if (value !== 0n && value !== 1n) throw new Error(`not a bool: ${value}`);
    return value;
  }
  const low = ((value % two32) + two32) % two32;
  return type === "i32" && low >= two31 ? low - two32 : low;
}

/** The 32 bits of a value as a signed JavaScript integer, as traces and memory hold them. */
export function toBits(value: bigint): number {
  return Number(wrap(value, "i32"));
}

/** Largest integer not above the quotient of a value and a positive power of two. */
function floorDivide(value: bigint, power: bigint): bigint {
  return (value - (((value % power) + power) % power)) / power;
}

/** `left operator right`, both in the range of `operandType`; comparisons give 0 or 1. a shift's count may be of another type. */
export function applyBinary(
  operator: BinaryOperator,
  left: bigint,
  right: bigint,
  operandType: Type,
  type: Type,
): bigint {
  switch (operator) {
    case "+":
      return wrap(left + right, type);
    case "-":
      return wrap(left - right, type);
    case "*":
      return wrap(left * right, type);
    case "/":
      if (right === 0n) throw new DivisionByZero();
      return wrap(left / right, type);
    case "%":
      if (right === 0n) throw new DivisionByZero();
      return wrap(left % right, type);
    case "&":
      return wrap(wrap(left, "u32") & wrap(right, "u32"), type);
    case "|":
      return wrap(wrap(left, "u32") | wrap(right, "u32"), type);
    case "^":
      return wrap(wrap(left, "u32") ^ wrap(right, "u32"), type);
    case "<<":
      return wrap(left * 2n ** (wrap(right, "u32") % 32n), type);
    case ">>":
      return wrap(floorDivide(wrap(left, operandType), 2n ** (wrap(right, "u32") % 32n)), type);
    case ">>>":
      return wrap(floorDivide(wrap(left, "u32"), 2n ** (wrap(right, "u32") % 32n)), type);
    case "<":
      return left < right ? 1n : 0n;
    case "<=":
      return left <= right ? 1n : 0n;
    case ">":
      return left > right ? 1n : 0n;
    case ">=":
      return left >= right ? 1n : 0n;
    case "===":
      return left === right ? 1n : 0n;
    case "!==":
      return left !== right ? 1n : 0n;
  }
}

/** `-x`, `~x`, `!x`. */
export function applyUnary(operator: "-" | "~" | "!", value: bigint, type: Type): bigint {
  if (operator === "!") return 1n - value;
  return operator === "-" ? wrap(-value, type) : wrap(-value - 1n, type);
}
