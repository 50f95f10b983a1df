/**
 * The fuzzer's own form of a portable program: what the language means, kept apart from the linker's typed form.
 *
 * `generate.ts` makes it, `print.ts` writes it as portable TypeScript for the linker, `interpreter.ts` runs it over BigInt.
 * Nothing here comes from `src/link`, so that a misreading there cannot hide on both sides of the comparison.
 */

import { globalBase } from "../../src/machine/memory-map.ts";

export type Type = "i32" | "u32" | "ptr" | "bool";

/** A local or parameter. Identity is the object: an inner scope may have another local of the same name. */
export interface Local {
  readonly name: string;
  readonly type: Type;
}

/** A module-level `const`, or a member of an enum. */
export interface Constant {
  readonly name: string;
  /** Name of the enum it belongs to, or null for a `const`. */
  readonly enumName: string | null;
  readonly type: Type;
  readonly value: Expr;
  /** Exported, and printed into the library module. */
  readonly library: boolean;
  /** A member of an enum without a value of its own: one more than the member before. */
  readonly implicit?: boolean;
}

export type BinaryOperator =
  | "+"
  | "-"
  | "*"
  | "/"
  | "%"
  | "&"
  | "|"
  | "^"
  | "<<"
  | ">>"
  | ">>>"
  | "<"
  | "<="
  | ">"
  | ">="
  | "==="
  | "!==";

/** Machine operations that programs of the fuzzer use; `script` and `thisCpu` are pure and never in a trace. */
export type OperationName =
  | "load"
  | "loadAcquire"
  | "store"
  | "storeRelease"
  | "fetchAdd"
  | "fetchAnd"
  | "fetchOr"
  | "exchange"
  | "compareExchange"
  | "fence"
  | "loadFence"
  | "storeFence"
  | "awaitEqual"
  | "awaitNotEqual"
  | "awaitAtLeast"
  | "work"
  | "now"
  | "mark"
  | "rcuReadLock"
  | "rcuReadUnlock"
  | "synchronizeRcu"
  | "quiescent"
  | "callRcu"
  | "spin"
  | "allocated"
  | "freed";

export type Expr =
  /** An integer in the range of its type; a bool is 0 or 1. */
  | { readonly kind: "literal"; readonly value: bigint; readonly type: Type }
  | { readonly kind: "constant"; readonly constant: Constant; readonly type: Type }
  | { readonly kind: "local"; readonly local: Local; readonly type: Type }
  | {
      readonly kind: "unary";
      readonly operator: "-" | "~" | "!";
      readonly operand: Expr;
      readonly type: Type;
    }
  | {
      readonly kind: "binary";
      readonly operator: BinaryOperator;
      readonly left: Expr;
      readonly right: Expr;
      readonly type: Type;
    }
  | {
      readonly kind: "logical";
      readonly operator: "&&" | "||";
      readonly left: Expr;
      readonly right: Expr;
      readonly type: "bool";
    }
  | {
      readonly kind: "ternary";
      readonly test: Expr;
      readonly then: Expr;
      readonly else: Expr;
      readonly type: Type;
    }
  /** `i32(x)`, `u32(x)`, `ptr(x)`: the same 32 bits. */
  | { readonly kind: "convert"; readonly operand: Expr; readonly type: "i32" | "u32" | "ptr" }
  | {
      readonly kind: "call";
      readonly callee: FuzzFunction;
      readonly args: readonly Expr[];
      readonly type: Type | null;
    }
  /** `type` is the type that the result takes; null where nothing is handed back. */
  | {
      readonly kind: "operation";
      readonly operation: OperationName;
      readonly args: readonly Expr[];
      readonly type: Type | null;
    }
  | { readonly kind: "script"; readonly offset: Expr; readonly type: "i32" }
  | { readonly kind: "thisCpu"; readonly type: "i32" };

export type AssignOperator =
  | "="
  | "+="
  | "-="
  | "*="
  | "/="
  | "%="
  | "&="
  | "|="
  | "^="
  | "<<="
  | ">>="
  | ">>>=";

export type Statement =
  | {
      readonly kind: "let";
      readonly local: Local;
      readonly mutable: boolean;
      readonly annotated: boolean;
      readonly value: Expr;
    }
  | {
      readonly kind: "assign";
      readonly local: Local;
      readonly operator: AssignOperator;
      readonly value: Expr;
    }
  | { readonly kind: "step"; readonly local: Local; readonly operator: "++" | "--" }
  /** A call or operation whose result, if any, is discarded. */
  | { readonly kind: "expression"; readonly value: Expr }
  | {
      readonly kind: "if";
      readonly test: Expr;
      readonly then: readonly Statement[];
      readonly else: readonly Statement[] | null;
    }
  | {
      readonly kind: "while";
      readonly label: string | null;
      readonly test: Expr;
      readonly body: readonly Statement[];
    }
  | {
      readonly kind: "doWhile";
      readonly label: string | null;
      readonly test: Expr;
      readonly body: readonly Statement[];
    }
  | {
      readonly kind: "for";
      readonly label: string | null;
      readonly initial: Statement | null;
      readonly test: Expr | null;
      readonly update: Statement | null;
      readonly body: readonly Statement[];
    }
  | {
      readonly kind: "switch";
      readonly label: string | null;
      readonly value: Expr;
      readonly clauses: readonly SwitchClause[];
    }
  | { readonly kind: "block"; readonly label: string | null; readonly body: readonly Statement[] }
  | { readonly kind: "break"; readonly label: string | null }
  | { readonly kind: "continue"; readonly label: string | null }
  | { readonly kind: "return"; readonly value: Expr | null };

export interface SwitchClause {
  /** Several `case` labels of one body; empty with `isDefault` for a plain `default`. */
  readonly values: readonly Expr[];
  readonly isDefault: boolean;
  readonly body: readonly Statement[];
  /** Whether the body is printed in braces of its own. */
  readonly braces: boolean;
}

export interface FuzzFunction {
  readonly name: string;
  readonly parameters: readonly Local[];
  readonly result: Type | null;
  readonly body: readonly Statement[];
  /** Exported, and printed into the library module. */
  readonly library: boolean;
}

/** What the program runs on; all values are signed 32 bits. */
export interface Inputs {
  /** Arguments of `main`. */
  readonly args: readonly number[];
  /** First contents of the arena, one entry per 4-byte cell. */
  readonly arena: readonly number[];
  /** The actor's script, one entry per 4 bytes. */
  readonly script: readonly number[];
  readonly cpu: number;
  /** Contents of the tick cell. */
  readonly tick: number;
}

export interface FuzzProgram {
  readonly seed: string;
  /** In the order of declaration. */
  readonly constants: readonly Constant[];
  /** Callees first; the last one is `main`. */
  readonly functions: readonly FuzzFunction[];
  readonly inputs: Inputs;
  readonly layout: SourceLayout;
}

/** How a program is spread over its source files; means nothing. */
export interface SourceLayout {
  /** Functions stand behind the ones that call them. */
  readonly callersFirst: boolean;
  /** A module between the library and `main`, which hands on the library's names one by one or all at once. */
  readonly facade: "names" | "star" | null;
  /** Functions of the main module that are entries, too. */
  readonly extraEntries: readonly string[];
}

export const plainLayout: SourceLayout = { callersFirst: false, facade: null, extraEntries: [] };

/** Names of the functions that a program is linked with as entries; shrinking may have removed some. */
export function entriesOf(program: FuzzProgram): string[] {
  const names = new Set(program.functions.filter((fn) => !fn.library).map((fn) => fn.name));
  return ["main", ...program.layout.extraEntries].filter((name) => names.has(name));
}

/** First byte of the arena, the only memory that programs use: the lowest address that a program may compute. */
export const arenaBase = globalBase;
/** 4-byte cells of the arena; a power of two. */
export const arenaCells = 16;
/** Bytes of the machine's memory: one WebAssembly page, so that out of range means the same everywhere. */
export const memoryBytes = 65536;
/** 4-byte words of a script; a power of two. */
export const scriptWords = 8;

/** `main` of a program. */
export function mainOf(program: FuzzProgram): FuzzFunction {
  const main = program.functions.at(-1);
  if (main === undefined) throw new Error("a program has at least one function");
  return main;
}
