/**
 * The typed form: what the front end makes of portable TypeScript and both back ends (and the test interpreter) read.
 *
 * Structured: blocks, loops and named exits, no gotos. Expressions are pure and total: every machine operation, every call
 * and every division whose divisor is not a safe constant is a statement with its result in a local. Operands of a
 * statement are evaluated left to right from locals that nothing else changes meanwhile, so order cannot show.
 *
 * Values are 32 bits, kept as signed JavaScript integers whatever the type (`u32` and `ptr` as their i32 bits); signedness
 * is in the operator. `bool` is strictly 0 or 1. Addition, subtraction, multiplication wrap; shifts take the count modulo 32;
 * signed division truncates, -2^31 / -1 is -2^31 and -2^31 % -1 is 0; division by zero is a fault.
 */
import type { Op } from "../machine/ops.ts";

export type IrType = "i32" | "u32" | "ptr" | "bool";

/** A place in a source file: index into `IrProgram.files`, line and column from 1. */
export interface IrPosition {
  readonly file: number;
  readonly line: number;
  readonly column: number;
}

export interface IrLocal {
  readonly name: string;
  readonly type: IrType;
}

/** Comparisons yield bool, the others a 32-bit integer. `div`/`rem` occur in expressions only with a constant divisor that is neither 0 nor (signed) -1. */
export type IrBinaryOp =
  | "add"
  | "sub"
  | "mul"
  | "and"
  | "or"
  | "xor"
  | "shl"
  | "shrS"
  | "shrU"
  | "divS"
  | "divU"
  | "remS"
  | "remU"
  | "eq"
  | "ne"
  | "ltS"
  | "leS"
  | "gtS"
  | "geS"
  | "ltU"
  | "leU"
  | "gtU"
  | "geU";

export type IrDivideOp = "divS" | "divU" | "remS" | "remU";

export type IrExpr =
  | { readonly kind: "const"; readonly value: number; readonly type: IrType }
  | { readonly kind: "local"; readonly local: number; readonly type: IrType }
  | {
      readonly kind: "binary";
      readonly op: IrBinaryOp;
      readonly left: IrExpr;
      readonly right: IrExpr;
      readonly type: IrType;
    }
  /** `test ? then : else`; also `&&` and `||`. Only one arm is evaluated. */
  | {
      readonly kind: "conditional";
      readonly test: IrExpr;
      readonly then: IrExpr;
      readonly else: IrExpr;
      readonly type: IrType;
    }
  /** The 4 bytes at a byte offset of the actor's script; a multiple of 4 inside the script. */
  | { readonly kind: "script"; readonly offset: IrExpr; readonly type: "i32" }
  | { readonly kind: "thisCpu"; readonly type: "i32" };

export type IrStatement =
  | { readonly kind: "assign"; readonly local: number; readonly value: IrExpr; readonly position: IrPosition }
  /** One machine operation; the engine decides when it happens. */
  | {
      readonly kind: "op";
      readonly op: Op;
      readonly args: readonly IrExpr[];
      readonly result: number | null;
      readonly position: IrPosition;
    }
  /** A division that may fault; never dropped, even where its result is unused. */
  | {
      readonly kind: "divide";
      readonly op: IrDivideOp;
      readonly left: IrExpr;
      readonly right: IrExpr;
      readonly result: number;
      readonly position: IrPosition;
    }
  | {
      readonly kind: "call";
      readonly callee: number;
      readonly args: readonly IrExpr[];
      readonly result: number | null;
      readonly position: IrPosition;
    }
  | {
      readonly kind: "if";
      readonly test: IrExpr;
      readonly then: readonly IrStatement[];
      readonly else: readonly IrStatement[];
    }
  /** `break label` leaves it. Labels are unique within a function. */
  | { readonly kind: "block"; readonly label: number; readonly body: readonly IrStatement[] }
  /** Repeats for ever; `continue label` starts its body again, as falling off its end does. Left by a break of an outer block. */
  | { readonly kind: "loop"; readonly label: number; readonly body: readonly IrStatement[] }
  | { readonly kind: "break"; readonly label: number }
  | { readonly kind: "continue"; readonly label: number }
  /** Breaks to the label of the case whose value equals, else to `default`. Case values are distinct. */
  | {
      readonly kind: "switch";
      readonly value: IrExpr;
      readonly cases: readonly { readonly value: number; readonly label: number }[];
      readonly default: number;
    }
  | { readonly kind: "return"; readonly value: IrExpr | null }
  /** Stops the actor with a `FaultReason`. */
  | { readonly kind: "fault"; readonly reason: number; readonly position: IrPosition };

export interface IrFunction {
  /** Index into `IrProgram.functions`. */
  readonly id: number;
  readonly name: string;
  /** Index into `IrProgram.files`. */
  readonly file: number;
  /** Name of the strategy instance the function belongs to, or null for the kernel and test programs. */
  readonly instance: string | null;
  /** The first so many locals are the parameters. */
  readonly parameters: number;
  readonly locals: readonly IrLocal[];
  /** null: returns nothing. */
  readonly result: IrType | null;
  readonly body: readonly IrStatement[];
  readonly position: IrPosition;
}

/**
 * The members of an exported offset enum, for symbols in reports: `Label.refs` is offset 0 of struct `Label`. A strategy's
 * constants that are made from `layout("label")` are the fields of a struct `layout(label)`, other areas likewise.
 */
export interface IrStruct {
  readonly name: string;
  readonly file: number;
  readonly instance: string | null;
  readonly fields: readonly { readonly name: string; readonly offset: number }[];
}

export interface IrProgram {
  /** Source files as shown to people (relative where possible). */
  readonly files: readonly string[];
  /** Callees come before their callers; there is no recursion. */
  readonly functions: readonly IrFunction[];
  /** Entry functions by name. */
  readonly entries: ReadonlyMap<string, number>;
  /** What `compiled` links an operation to (RCU on threads); see `compiledOperations` in `link.ts`. */
  readonly lowerings: ReadonlyMap<Op, number | null>;
  readonly structs: readonly IrStruct[];
  /** Exported integer constants of the entry modules and strategies, by `instance.name` or `name`. */
  readonly constants: ReadonlyMap<string, number>;
}
