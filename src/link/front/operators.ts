/**
 * Typing rules of the binary operators: which operation two values of given types make, or why they make none.
 * Nothing mixes implicitly: `i32 + u32` has to say which of the two is meant.
 */
import type { IrBinaryOp, IrType } from "../ir.ts";
import { evaluateBinary } from "./fold.ts";
import { maxI32, settled, typeName, type Value } from "./value.ts";

interface Choice {
  readonly op: IrBinaryOp;
  /** Type both operands take. */
  readonly operands: IrType;
  readonly result: IrType;
}

interface Complaint {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

const arithmeticOps: Readonly<Record<string, { signed: IrBinaryOp; unsigned: IrBinaryOp }>> = {
  "+": { signed: "add", unsigned: "add" },
  "-": { signed: "sub", unsigned: "sub" },
  "*": { signed: "mul", unsigned: "mul" },
  "/": { signed: "divS", unsigned: "divU" },
  "%": { signed: "remS", unsigned: "remU" },
  "&": { signed: "and", unsigned: "and" },
  "|": { signed: "or", unsigned: "or" },
  "^": { signed: "xor", unsigned: "xor" },
};

const comparisonOps: Readonly<Record<string, { signed: IrBinaryOp; unsigned: IrBinaryOp }>> = {
  "===": { signed: "eq", unsigned: "eq" },
  "!==": { signed: "ne", unsigned: "ne" },
  "<": { signed: "ltS", unsigned: "ltU" },
  "<=": { signed: "leS", unsigned: "leU" },
  ">": { signed: "gtS", unsigned: "gtU" },
  ">=": { signed: "geS", unsigned: "geU" },
};

/** The common type of two values, or null where they do not go together. */
export function unify(left: Value, right: Value): IrType | null {
  const open = (value: Value): boolean => value.type === "literal" || value.type === "cell";
  const [a, b] = [settled(left), settled(right)];
  if (a === "void" || b === "void") return null;
  if (a === b) return a;
  if (open(left) && b !== "bool") return b;
  if (open(right) && a !== "bool") return a;
  return null;
}

function mixing(operator: string, left: Value, right: Value): Complaint {
  const [a, b] = [typeName(left.type), typeName(right.type)];
  const hint =
    a === "bool" || b === "bool"
      ? "compare with `!== 0` to get a bool, or convert the bool with `i32(x)`"
      : `convert one side: \`${a}(...)\` or \`${b}(...)\``;
  return { code: "type-mismatch", message: `\`${operator}\` between ${a} and ${b}`, hint };
}

/** Exact arithmetic on two literals, or null where the result leaves 32 bits (then it wraps as i32 does). */
function literal(operator: string, left: number, right: number): number | null {
  const exact: Record<string, number> = { "+": left + right, "-": left - right, "*": left * right };
  const value = exact[operator];
  return value !== undefined && value >= -0x80000000 && value <= 0xffffffff ? value : null;
}

/** Chooses the operation for an operator of the source. */
export function arithmetic(
  operator: string,
  left: Value,
  right: Value,
): Choice | Complaint | { readonly literal: number } {
  if (left.literal !== undefined && right.literal !== undefined) {
    const folded = literal(operator, left.literal, right.literal);
    if (folded !== null) return { literal: folded };
    const bits = arithmeticOps[operator] ?? shifts(operator, "i32");
    const divides = operator === "/" || operator === "%";
    // The count of a shift says nothing about what is shifted.
    const unsigned =
      left.literal > maxI32 || (right.literal > maxI32 && arithmeticOps[operator] !== undefined);
    const op = unsigned ? bits?.unsigned : bits?.signed;
    // A negative literal and a large one have no type in common; only of a quotient do the bits depend on it.
    const typed = !unsigned || Math.min(left.literal, right.literal) >= 0;
    if (op !== undefined && !(divides && (right.literal === 0 || !typed))) {
      const value = evaluateBinary(op, left.literal | 0, right.literal | 0);
      return { literal: operator === ">>>" || (unsigned && operator !== "<<") ? value >>> 0 : value };
    }
  }
  if (operator === "==" || operator === "!=") {
    return {
      code: "not-portable",
      message: `portable code has no \`${operator}\``,
      hint: `write \`${operator}=\``,
    };
  }
  const comparison = comparisonOps[operator];
  if (comparison !== undefined) return compare(operator, comparison, left, right);
  if (operator === "<<" || operator === ">>" || operator === ">>>") return shift(operator, left, right);
  const ops = arithmeticOps[operator];
  if (ops === undefined)
    return {
      code: "not-portable",
      message: `portable code has no operator \`${operator}\``,
      hint: "use + - * / % & | ^ ~ << >> >>> and comparisons",
    };
  const pointer = pointerArithmetic(operator, left, right);
  if (pointer !== null) return pointer;
  const type = unify(left, right);
  if (type === null || type === "bool") return mixing(operator, left, right);
  if (type === "ptr")
    return {
      code: "type-mismatch",
      message: `\`${operator}\` on an address`,
      hint: "convert it with `u32(x)` or `i32(x)`, and back with `ptr(x)`",
    };
  return { op: type === "u32" ? ops.unsigned : ops.signed, operands: type, result: type };
}

function compare(
  operator: string,
  ops: { signed: IrBinaryOp; unsigned: IrBinaryOp },
  left: Value,
  right: Value,
): Choice | Complaint {
  const type = unify(left, right);
  if (type === null) return mixing(operator, left, right);
  if (type === "bool" && operator !== "===" && operator !== "!==") return mixing(operator, left, right);
  return { op: type === "i32" ? ops.signed : ops.unsigned, operands: type, result: "bool" };
}

function shifts(operator: string, type: IrType): { signed: IrBinaryOp; unsigned: IrBinaryOp } | undefined {
  if (operator === "<<") return { signed: "shl", unsigned: "shl" };
  if (operator === ">>") return { signed: type === "u32" ? "shrU" : "shrS", unsigned: "shrU" };
  if (operator === ">>>") return { signed: "shrU", unsigned: "shrU" };
  return undefined;
}

/** The left side decides the type; the count may be any integer and is taken modulo 32. `>>>` yields u32. */
function shift(operator: string, left: Value, right: Value): Choice | Complaint {
  const [type, count] = [settled(left), settled(right)];
  if (
    type === "bool" ||
    type === "ptr" ||
    type === "void" ||
    count === "bool" ||
    count === "ptr" ||
    count === "void"
  )
    return mixing(operator, left, right);
  const ops = shifts(operator, type);
  if (ops === undefined) throw new Error(`not a shift: ${operator}`);
  return {
    op: type === "u32" ? ops.unsigned : ops.signed,
    operands: type,
    result: operator === ">>>" ? "u32" : type,
  };
}

/** `ptr + i32`, `i32 + ptr`, `ptr - i32` are addresses, `ptr - ptr` is a distance; null: not about addresses. */
function pointerArithmetic(operator: string, left: Value, right: Value): Choice | null {
  if (operator !== "+" && operator !== "-") return null;
  const [a, b] = [left.type, right.type];
  const offset = (type: string): boolean => type === "i32" || type === "literal" || type === "cell";
  const op: IrBinaryOp = operator === "+" ? "add" : "sub";
  if (a === "ptr" && offset(b)) return { op, operands: "ptr", result: "ptr" };
  if (operator === "+" && offset(a) && b === "ptr") return { op, operands: "ptr", result: "ptr" };
  if (operator === "-" && a === "ptr" && b === "ptr") return { op, operands: "ptr", result: "i32" };
  return null;
}
