/** Rewrites expressions of the typed form: puts arguments in the place of parameters and folds what became constant. */
import type { IrBinaryOp, IrExpr } from "../ir.ts";

/** The value of an operator at two constants, 32-bit; undefined where it is not known here (divisions). */
function fold(op: IrBinaryOp, a: number, b: number): number | undefined {
  switch (op) {
    case "add":
      return (a + b) | 0;
    case "sub":
      return (a - b) | 0;
    case "mul":
      return Math.imul(a, b);
    case "and":
      return a & b;
    case "or":
      return a | b;
    case "xor":
      return a ^ b;
    case "shl":
      return a << b;
    case "shrS":
      return a >> b;
    case "shrU":
      return (a >>> b) | 0;
    case "eq":
      return a === b ? 1 : 0;
    case "ne":
      return a !== b ? 1 : 0;
    case "ltS":
      return a < b ? 1 : 0;
    case "leS":
      return a <= b ? 1 : 0;
    case "gtS":
      return a > b ? 1 : 0;
    case "geS":
      return a >= b ? 1 : 0;
    case "ltU":
      return a >>> 0 < b >>> 0 ? 1 : 0;
    case "leU":
      return a >>> 0 <= b >>> 0 ? 1 : 0;
    case "gtU":
      return a >>> 0 > b >>> 0 ? 1 : 0;
    case "geU":
      return a >>> 0 >= b >>> 0 ? 1 : 0;
    default:
      return undefined;
  }
}

function binary(expr: Extract<IrExpr, { kind: "binary" }>, left: IrExpr, right: IrExpr): IrExpr {
  if (right.kind === "const") {
    if (left.kind === "const") {
      const value = fold(expr.op, left.value | 0, right.value | 0);
      if (value !== undefined) return { kind: "const", value, type: expr.type };
    }
    if (expr.op === "add") {
      if (right.value === 0) return left.kind === "const" ? { ...left, type: expr.type } : left;
      // Field of a field: one addition is enough.
      if (left.kind === "binary" && left.op === "add" && left.right.kind === "const") {
        const value = (left.right.value + right.value) | 0;
        const sum: IrExpr = { kind: "const", value, type: left.right.type };
        return binary(expr, left.left, sum);
      }
    }
  }
  if (left === expr.left && right === expr.right) return expr;
  return { kind: "binary", op: expr.op, left, right, type: expr.type };
}

/** A copy of `expr` in which `local` replaces every local; constants are folded on the way. */
export function rewrite(expr: IrExpr, local: (expr: Extract<IrExpr, { kind: "local" }>) => IrExpr): IrExpr {
  switch (expr.kind) {
    case "const":
    case "thisCpu":
      return expr;
    case "local":
      return local(expr);
    case "binary":
      return binary(expr, rewrite(expr.left, local), rewrite(expr.right, local));
    case "conditional": {
      const test = rewrite(expr.test, local);
      if (test.kind === "const") return rewrite(test.value !== 0 ? expr.then : expr.else, local);
      return { ...expr, test, then: rewrite(expr.then, local), else: rewrite(expr.else, local) };
    }
    case "script":
      return { ...expr, offset: rewrite(expr.offset, local) };
  }
}

/** Whether an argument may be written out at every use of its parameter: it costs less than keeping a copy. */
export function isCheap(expr: IrExpr): boolean {
  if (expr.kind === "const" || expr.kind === "local" || expr.kind === "thisCpu") return true;
  return (
    expr.kind === "binary" && expr.op === "add" && expr.left.kind === "local" && expr.right.kind === "const"
  );
}

/** Calls `visit` with every local that the expression reads. */
export function eachLocal(expr: IrExpr, visit: (local: number) => void): void {
  switch (expr.kind) {
    case "local":
      visit(expr.local);
      break;
    case "binary":
      eachLocal(expr.left, visit);
      eachLocal(expr.right, visit);
      break;
    case "conditional":
      eachLocal(expr.test, visit);
      eachLocal(expr.then, visit);
      eachLocal(expr.else, visit);
      break;
    case "script":
      eachLocal(expr.offset, visit);
      break;
  }
}
