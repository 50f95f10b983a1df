/**
 * Arithmetic of the typed form on constants, and the constructors of pure expressions that fold with it. Every back end
 * must agree with `evaluateBinary`; the differential fuzz test holds all of them against a BigInt interpreter.
 */
import type { IrBinaryOp, IrExpr, IrType } from "../ir.ts";

const comparisons: ReadonlySet<IrBinaryOp> = new Set([
  "eq",
  "ne",
  "ltS",
  "leS",
  "gtS",
  "geS",
  "ltU",
  "leU",
  "gtU",
  "geU",
]);

export function isComparison(op: IrBinaryOp): boolean {
  return comparisons.has(op);
}

/**
 * The value of a binary operator on two constants (signed 32-bit, as the typed form keeps them).
 * @throws RangeError on division by zero, which is a fault at run time and never folded
 */
export function evaluateBinary(op: IrBinaryOp, left: number, right: number): number {
  switch (op) {
    case "add":
      return (left + right) | 0;
    case "sub":
      return (left - right) | 0;
    case "mul":
      return Math.imul(left, right);
    case "and":
      return left & right;
    case "or":
      return left | right;
    case "xor":
      return left ^ right;
    case "shl":
      return left << right;
    case "shrS":
      return left >> right;
    case "shrU":
      return (left >>> right) | 0;
    case "eq":
      return left === right ? 1 : 0;
    case "ne":
      return left !== right ? 1 : 0;
    case "ltS":
      return left < right ? 1 : 0;
    case "leS":
      return left <= right ? 1 : 0;
    case "gtS":
      return left > right ? 1 : 0;
    case "geS":
      return left >= right ? 1 : 0;
    case "ltU":
      return left >>> 0 < right >>> 0 ? 1 : 0;
    case "leU":
      return left >>> 0 <= right >>> 0 ? 1 : 0;
    case "gtU":
      return left >>> 0 > right >>> 0 ? 1 : 0;
    case "geU":
      return left >>> 0 >= right >>> 0 ? 1 : 0;
    default:
      break;
  }
  if (right === 0) throw new RangeError("division by zero");
  switch (op) {
    case "divS":
      return (left / right) | 0;
    case "divU":
      return ((left >>> 0) / (right >>> 0)) | 0;
    case "remS":
      return (left % right) | 0;
    case "remU":
      return ((left >>> 0) % (right >>> 0)) | 0;
    default:
      throw new Error(`unknown operator ${op}`);
  }
}

export function constant(value: number, type: IrType): IrExpr {
  return { kind: "const", value: value | 0, type };
}

/** A binary expression, folded where both sides are known and simplified where one side is neutral. */
export function binary(op: IrBinaryOp, left: IrExpr, right: IrExpr, type: IrType): IrExpr {
  if (left.kind === "const" && right.kind === "const") {
    return constant(evaluateBinary(op, left.value, right.value), type);
  }
  if (
    right.kind === "const" &&
    right.value === 0 &&
    (op === "add" || op === "sub") &&
    left.kind !== "conditional"
  ) {
    return retype(left, type);
  }
  // (base + a) + b, as struct layouts make them, is one addition.
  if (
    op === "add" &&
    right.kind === "const" &&
    left.kind === "binary" &&
    left.op === "add" &&
    left.right.kind === "const"
  ) {
    return binary("add", left.left, constant(left.right.value + right.value, right.type), type);
  }
  return { kind: "binary", op, left, right, type };
}

/** `test ? then : otherwise`, reduced to one arm where the test is known. */
export function conditional(test: IrExpr, then: IrExpr, otherwise: IrExpr, type: IrType): IrExpr {
  if (test.kind === "const") return test.value !== 0 ? then : otherwise;
  return { kind: "conditional", test, then, else: otherwise, type };
}

/** Logical negation of a bool. */
export function negate(value: IrExpr): IrExpr {
  const inverse: Partial<Record<IrBinaryOp, IrBinaryOp>> = {
    eq: "ne",
    ne: "eq",
    ltS: "geS",
    geS: "ltS",
    gtS: "leS",
    leS: "gtS",
    ltU: "geU",
    geU: "ltU",
    gtU: "leU",
    leU: "gtU",
  };
  if (value.kind === "const") return constant(value.value === 0 ? 1 : 0, "bool");
  if (value.kind === "binary") {
    const op = inverse[value.op];
    if (op !== undefined) return { ...value, op };
  }
  return { kind: "binary", op: "eq", left: value, right: constant(0, "bool"), type: "bool" };
}

/** The same 32 bits under another integer type (bits never change; bool becomes 0 or 1). */
export function retype(value: IrExpr, type: IrType): IrExpr {
  if (value.type === type) return value;
  if (value.kind === "const") return constant(value.value, type);
  if (value.type === "bool") return conditional(value, constant(1, type), constant(0, type), type);
  if (value.kind === "script" || value.kind === "thisCpu") {
    return { kind: "binary", op: "or", left: value, right: constant(0, type), type };
  }
  return { ...value, type };
}
