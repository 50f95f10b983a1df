/**
 * JavaScript for expressions of the typed form; stepped programs and generators share it, so both mean the same.
 *
 * Every text is an atom or stands in parentheses. Values are 32-bit integers (`|0` after whatever may leave the range);
 * conditions are left as JavaScript booleans.
 */
import type { IrBinaryOp, IrDivideOp, IrExpr } from "../ir.ts";

/** How generated code names what is not an expression. */
export interface Names {
  local(local: number): string;
  /** The cell at the byte offset that the text computes. */
  script(offset: string): string;
  readonly cpu: string;
}

const comparisons: Partial<Record<IrBinaryOp, { readonly sign: string; readonly unsigned: boolean }>> = {
  eq: { sign: "===", unsigned: false },
  ne: { sign: "!==", unsigned: false },
  ltS: { sign: "<", unsigned: false },
  leS: { sign: "<=", unsigned: false },
  gtS: { sign: ">", unsigned: false },
  geS: { sign: ">=", unsigned: false },
  ltU: { sign: "<", unsigned: true },
  leU: { sign: "<=", unsigned: true },
  gtU: { sign: ">", unsigned: true },
  geU: { sign: ">=", unsigned: true },
};

/** The JavaScript of a 32-bit constant. */
function constantText(value: number): string {
  const signed = value | 0;
  return signed < 0 ? `(${signed})` : `${signed}`;
}

function unsignedText(expr: IrExpr, names: Names): string {
  if (expr.kind === "const") return `${expr.value >>> 0}`;
  return `(${valueText(expr, names)}>>>0)`;
}

/** Division of two texts that are known not to divide by zero. */
export function divisionText(op: IrDivideOp, left: string, right: string): string {
  switch (op) {
    case "divS":
      return `(${left}/${right}|0)`;
    case "remS":
      return `(${left}%${right}|0)`;
    case "divU":
      return `((${left}>>>0)/(${right}>>>0)|0)`;
    case "remU":
      return `((${left}>>>0)%(${right}>>>0)|0)`;
  }
}

function binaryText(expr: Extract<IrExpr, { kind: "binary" }>, names: Names): string {
  const left = valueText(expr.left, names);
  const right = valueText(expr.right, names);
  switch (expr.op) {
    case "add":
      return `(${left}+${right}|0)`;
    case "sub":
      return `(${left}-${right}|0)`;
    case "mul":
      return `Math.imul(${left},${right})`;
    case "and":
      return `(${left}&${right})`;
    case "or":
      return `(${left}|${right})`;
    case "xor":
      return `(${left}^${right})`;
    case "shl":
      return `(${left}<<${right})`;
    case "shrS":
      return `(${left}>>${right})`;
    case "shrU":
      return `(${left}>>>${right}|0)`;
    case "divS":
    case "divU":
    case "remS":
    case "remU":
      return divisionText(expr.op, left, right);
    default:
      return `(${testText(expr, names)}?1:0)`;
  }
}

/** A 32-bit integer. */
export function valueText(expr: IrExpr, names: Names): string {
  switch (expr.kind) {
    case "const":
      return constantText(expr.value);
    case "local":
      return names.local(expr.local);
    case "binary":
      return binaryText(expr, names);
    case "conditional":
      return `(${testText(expr.test, names)}?${valueText(expr.then, names)}:${valueText(expr.else, names)})`;
    case "script":
      return names.script(valueText(expr.offset, names));
    case "thisCpu":
      return names.cpu;
  }
}

/** The same as a condition, for `if` and `?:`. */
export function testText(expr: IrExpr, names: Names): string {
  if (expr.kind === "binary") {
    const comparison = comparisons[expr.op];
    if (comparison !== undefined) {
      const text = comparison.unsigned ? unsignedText : valueText;
      return `(${text(expr.left, names)}${comparison.sign}${text(expr.right, names)})`;
    }
  }
  if (expr.kind === "conditional") {
    const test = testText(expr.test, names);
    if (expr.else.kind === "const" && expr.else.value === 0)
      return `(${test}&&${testText(expr.then, names)})`;
    if (expr.then.kind === "const" && expr.then.value === 1)
      return `(${test}||${testText(expr.else, names)})`;
    return `(${test}?${testText(expr.then, names)}:${testText(expr.else, names)})`;
  }
  return valueText(expr, names);
}
