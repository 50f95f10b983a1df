/**
 * What an expression of portable code is while it is being lowered: a pure expression of the typed form with a type that
 * may still be open. Literals take the type of their context; a "cell" is 32 bits from an operation, taken as i32, u32 or
 * ptr by where it goes.
 */
import type { IrExpr, IrType } from "../ir.ts";
import { constant, retype } from "./fold.ts";

export type OpenType = IrType | "literal" | "cell" | "void";

export interface Value {
  readonly expr: IrExpr;
  readonly type: OpenType;
  /** The exact integer of a literal, which may lie outside the signed range. */
  readonly literal?: number;
  /** The exact integers of a cell that is one of several literals, by a condition: each must fit the type it is taken as. */
  readonly oneOf?: readonly number[];
}

export const voidValue: Value = { expr: constant(0, "i32"), type: "void" };

export function literalValue(value: number): Value {
  return { expr: constant(value, "i32"), type: "literal", literal: value };
}

export function typedValue(expr: IrExpr, type: IrType): Value {
  return { expr: retype(expr, type), type };
}

export const minI32 = -0x80000000;
export const maxI32 = 0x7fffffff;
export const maxU32 = 0xffffffff;

/** Whether an exact integer is a value of the type as written (pointers are unsigned). */
export function fits(value: number, type: IrType): boolean {
  if (type === "i32") return value >= minI32 && value <= maxI32;
  return value >= 0 && value <= maxU32;
}

/** The type as people write it. */
export function typeName(type: OpenType): string {
  if (type === "literal") return "number";
  if (type === "cell") return "i32";
  return type;
}

/** Why a value cannot go where `target` is expected, with what to write; null where it can. */
export function mismatch(value: Value, target: IrType): { message: string; hint: string } | null {
  const { type, literal } = value;
  if (type === target) return null;
  if (type === "void")
    return {
      message: `a ${target} is needed, but this returns nothing`,
      hint: "call a function that returns a value",
    };
  if ((type === "literal" || value.oneOf !== undefined) && target !== "bool") {
    const wrong = (value.oneOf ?? [literal ?? 0]).find((one) => !fits(one, target));
    if (wrong === undefined) return null;
    const range = target === "i32" ? "-2147483648 to 2147483647" : "0 to 4294967295";
    return {
      message: `${wrong} does not fit ${target} (${range})`,
      hint: `write \`${target}(${wrong})\` if the bits are meant`,
    };
  }
  if (type === "cell" && target !== "bool") return null;
  if (target === "bool")
    return { message: `a bool is needed, not ${typeName(type)}`, hint: "compare it: `x !== 0`" };
  return { message: `a ${target} is needed, not ${typeName(type)}`, hint: `convert it: \`${target}(...)\`` };
}

/** The expression of a value under the type it goes to; call after `mismatch` found nothing. */
export function closed(value: Value, target: IrType): IrExpr {
  return retype(value.expr, target);
}

/** The type a value takes where nothing says which: i32 for open ones. */
export function settled(value: Value): IrType | "void" {
  return value.type === "literal" || value.type === "cell" ? "i32" : value.type;
}
