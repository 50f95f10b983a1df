/** Pure expressions: one WebAssembly instruction each; arms of `conditional` stay lazy, as `if` with a value. */
import type { IrBinaryOp, IrExpr } from "../ir.ts";
import type { FunctionScope, Ref } from "./context.ts";

type I32 = FunctionScope["module"]["i32"];
type BinaryMethod = {
  [K in keyof I32]: I32[K] extends (left: Ref, right: Ref) => Ref ? K : never;
}[keyof I32];

const binaryMethods = {
  add: "add",
  sub: "sub",
  mul: "mul",
  and: "and",
  or: "or",
  xor: "xor",
  shl: "shl",
  shrS: "shr_s",
  shrU: "shr_u",
  divS: "div_s",
  divU: "div_u",
  remS: "rem_s",
  remU: "rem_u",
  eq: "eq",
  ne: "ne",
  ltS: "lt_s",
  leS: "le_s",
  gtS: "gt_s",
  geS: "ge_s",
  ltU: "lt_u",
  leU: "le_u",
  gtU: "gt_u",
  geU: "ge_u",
} as const satisfies Record<IrBinaryOp, BinaryMethod>;

/** Builds a pure expression; may be called twice for the same one, each gives its own tree. */
export function emitExpression(scope: FunctionScope, expression: IrExpr): Ref {
  const { module: m, binaryen } = scope;
  switch (expression.kind) {
    case "const":
      return m.i32.const(expression.value | 0);
    case "local":
      return m.local.get(expression.local, binaryen.i32);
    case "binary": {
      const left = emitExpression(scope, expression.left);
      const right = emitExpression(scope, expression.right);
      return m.i32[binaryMethods[expression.op]](left, right);
    }
    case "conditional":
      return m.if(
        emitExpression(scope, expression.test),
        emitExpression(scope, expression.then),
        emitExpression(scope, expression.else),
      );
    case "script":
      return emitScript(scope, expression.offset);
    case "thisCpu":
      return m.global.get("cpu", binaryen.i32);
  }
}

/**
 * A plain load: scripts never change while a program runs, so merging and moving it is welcome. A constant addend goes
 * into the instruction's offset; a script lies below 2 GiB and its offsets are not negative, so nothing can wrap.
 */
function emitScript(scope: FunctionScope, offset: IrExpr): Ref {
  const { module: m, binaryen } = scope;
  const base = m.global.get("scriptBase", binaryen.i32);
  if (offset.kind === "const" && offset.value >= 0) return m.i32.load(offset.value, 4, base);
  if (
    offset.kind === "binary" &&
    offset.op === "add" &&
    offset.right.kind === "const" &&
    offset.right.value >= 0
  ) {
    const start = m.i32.add(base, emitExpression(scope, offset.left));
    return m.i32.load(offset.right.value, 4, start);
  }
  return m.i32.load(0, 4, m.i32.add(base, emitExpression(scope, offset)));
}
