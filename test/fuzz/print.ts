/**
 * Writes a fuzz program as portable TypeScript: `main.ts` and, where it has library parts, `library.ts` next to it.
 *
 * The language gives literals and operation results the type of their context; the fuzz form has a type on every node.
 * So the printer tracks what a context says and adds `u32(...)` where the language alone would choose another type.
 */

import type { Constant, Expr, FuzzFunction, FuzzProgram, OperationName, Statement, Type } from "./program.ts";
import { entriesOf } from "./program.ts";

/** Source texts by file name. */
export function printProgram(program: FuzzProgram): Record<string, string> {
  const library = moduleText(program, true, "");
  const exported = [
    ...new Set(program.constants.filter((c) => c.library).map((c) => c.enumName ?? c.name)),
    ...program.functions.filter((fn) => fn.library).map((fn) => fn.name),
  ];
  if (exported.length === 0) return { "main.ts": moduleText(program, false, "") };
  const { facade } = program.layout;
  const from = facade === null ? "./library.ts" : "./facade.ts";
  const imports = `import { ${exported.join(", ")} } from "${from}";\n`;
  const files: Record<string, string> = {
    "main.ts": moduleText(program, false, imports),
    "library.ts": library,
  };
  if (facade !== null) {
    files["facade.ts"] =
      facade === "names"
        ? `export { ${exported.join(", ")} } from "./library.ts";\n`
        : 'export * from "./library.ts";\n';
  }
  return files;
}

/** All files of a program as one text, for messages. */
export function showProgram(program: FuzzProgram): string {
  const entries = Object.entries(printProgram(program)).map(([name, text]) => `// ---- ${name}\n${text}`);
  const { args, arena, script, cpu, tick } = program.inputs;
  return `${entries.join("\n")}\n// args ${JSON.stringify(args)} cpu ${cpu} tick ${tick}\n// arena ${JSON.stringify(arena)}\n// script ${JSON.stringify(script)}`;
}

function moduleText(program: FuzzProgram, library: boolean, imports: string): string {
  const lines: string[] = [];
  const enums = new Set<string>();
  for (const constant of program.constants.filter((c) => c.library === library)) {
    if (constant.enumName === null) {
      lines.push(
        `${library ? "export " : ""}const ${constant.name}: ${constant.type} = ${print(constant.value, constant.type)};`,
      );
    } else if (!enums.has(constant.enumName)) {
      enums.add(constant.enumName);
      lines.push(enumText(program, constant));
    }
  }
  const functions = program.functions.filter((fn) => fn.library === library);
  // A function may stand behind its callers.
  if (program.layout.callersFirst) functions.reverse();
  for (const fn of functions) lines.push(functionText(program, fn));
  const text = lines.join("\n");
  const values = machineNames.filter((name) => new RegExp(`\\b${name}\\(`).test(text));
  const types = ["i32", "u32", "ptr", "bool"].filter((name) => new RegExp(`: ${name}\\b`).test(text));
  // A name that is both a type and a conversion is imported once, as a value.
  const machine = [
    ...values,
    ...types.filter((name) => !values.includes(name)).map((name) => `type ${name}`),
  ];
  const machineImport =
    machine.length > 0 ? `import { ${machine.join(", ")} } from "refplay/machine";\n` : "";
  return `${machineImport}${imports}${text}\n`;
}

const machineNames: readonly string[] = [
  "i32",
  "u32",
  "ptr",
  "load",
  "loadAcquire",
  "store",
  "storeRelease",
  "fetchAdd",
  "fetchAnd",
  "fetchOr",
  "exchange",
  "compareExchange",
  "fence",
  "loadFence",
  "storeFence",
  "awaitEqual",
  "awaitNotEqual",
  "awaitAtLeast",
  "work",
  "now",
  "mark",
  "script",
  "thisCpu",
  "rcuReadLock",
  "rcuReadUnlock",
  "synchronizeRcu",
  "quiescent",
  "callRcu",
  "spin",
  "allocated",
  "freed",
];

function enumText(program: FuzzProgram, first: Constant): string {
  const members = program.constants.filter(
    (c) => c.enumName === first.enumName && c.library === first.library,
  );
  const text = members.map((member) => {
    return member.implicit === true
      ? `  ${member.name},`
      : `  ${member.name} = ${print(member.value, "i32")},`;
  });
  return `${first.library ? "export " : ""}enum ${first.enumName} {\n${text.join("\n")}\n}`;
}

function functionText(program: FuzzProgram, fn: FuzzFunction): string {
  const parameters = fn.parameters.map((local) => `${local.name}: ${local.type}`).join(", ");
  const exported = fn.library || entriesOf(program).includes(fn.name) ? "export " : "";
  return `${exported}function ${fn.name}(${parameters}): ${fn.result ?? "void"} {\n${body(fn.body, "  ", fn)}}`;
}

function body(statements: readonly Statement[], indent: string, fn: FuzzFunction): string {
  return statements.map((statement) => `${indent}${printStatement(statement, indent, fn)}\n`).join("");
}

function braces(statements: readonly Statement[], indent: string, fn: FuzzFunction): string {
  return `{\n${body(statements, `${indent}  `, fn)}${indent}}`;
}

function printStatement(statement: Statement, indent: string, fn: FuzzFunction): string {
  const label = "label" in statement && statement.label !== null ? statement.label : null;
  const prefix = label === null ? "" : `${label}: `;
  switch (statement.kind) {
    case "let":
    case "assign":
    case "step":
      return `${simple(statement)};`;
    case "expression":
      return `${print(statement.value, statement.value.type)};`;
    case "if":
      return ifText(statement, indent, fn);
    case "while":
      return `${prefix}while (${print(statement.test, "bool")}) ${braces(statement.body, indent, fn)}`;
    case "doWhile":
      return `${prefix}do ${braces(statement.body, indent, fn)} while (${print(statement.test, "bool")});`;
    case "for": {
      const initial = statement.initial === null ? "" : simple(statement.initial);
      const test = statement.test === null ? "" : ` ${print(statement.test, "bool")}`;
      const update = statement.update === null ? "" : ` ${simple(statement.update)}`;
      return `${prefix}for (${initial};${test};${update}) ${braces(statement.body, indent, fn)}`;
    }
    case "switch": {
      const clauses = statement.clauses.map((clause) => {
        const labels = clause.values.map((value) => `${indent}  case ${print(value, statement.value.type)}:`);
        if (clause.isDefault) labels.push(`${indent}  default:`);
        if (clause.braces) return `${labels.join("\n")} ${braces(clause.body, `${indent}  `, fn)}\n`;
        return `${labels.join("\n")}\n${body(clause.body, `${indent}    `, fn)}`;
      });
      return `${prefix}switch (${print(statement.value, null)}) {\n${clauses.join("")}${indent}}`;
    }
    case "block": {
      const [only, second] = statement.body;
      // The same with and without braces; to the linker they are two cases.
      if (only?.kind === "if" && second === undefined) return `${prefix}${printStatement(only, indent, fn)}`;
      return `${prefix}${braces(statement.body, indent, fn)}`;
    }
    case "break":
    case "continue":
      return statement.label === null ? `${statement.kind};` : `${statement.kind} ${statement.label};`;
    case "return":
      return statement.value === null ? "return;" : `return ${print(statement.value, fn.result)};`;
  }
}

function ifText(statement: Statement & { kind: "if" }, indent: string, fn: FuzzFunction): string {
  const test = `if (${print(statement.test, "bool")})`;
  const [only, second] = statement.then;
  // Without braces, as far as no `else` can go astray and nothing is declared.
  const bare = second === undefined && only !== undefined && bareKinds.has(only.kind);
  const then = bare ? printStatement(only, indent, fn) : braces(statement.then, indent, fn);
  if (statement.else === null) return `${test} ${then}`;
  const [first, more] = statement.else;
  const chained = first?.kind === "if" && more === undefined;
  const otherwise = chained ? printStatement(first, indent, fn) : braces(statement.else, indent, fn);
  return `${test} ${then} else ${otherwise}`;
}

const bareKinds: ReadonlySet<string> = new Set([
  "assign",
  "step",
  "expression",
  "break",
  "continue",
  "return",
]);

/** A statement that may stand in the head of a `for`, without its semicolon. */
function simple(statement: Statement): string {
  switch (statement.kind) {
    case "let": {
      const { local } = statement;
      const annotation = statement.annotated ? `: ${local.type}` : "";
      return `${statement.mutable ? "let" : "const"} ${local.name}${annotation} = ${print(statement.value, statement.annotated ? local.type : null)}`;
    }
    case "assign":
      return `${statement.local.name} ${statement.operator} ${assigned(statement)}`;
    case "step":
      return `${statement.local.name}${statement.operator}`;
    case "block":
      return statement.body.map(simple).join(", ");
    default:
      throw new Error(`a ${statement.kind} cannot stand in the head of a loop`);
  }
}

/** The right side of an assignment: `p += 4` adds an i32 to a ptr. */
function assigned(statement: Statement & { kind: "assign" }): string {
  const { operator, value, local } = statement;
  if (/^(<<|>>)/.test(operator)) return count(value);
  return print(value, operator !== "=" && local.type === "ptr" ? "i32" : local.type);
}

/** Whether the language takes the type of an expression from its context: literals, enum members, operation results. */
function isSoft(expr: Expr): boolean {
  if (expr.kind === "ternary") return isLiteral(expr.then) && isLiteral(expr.else);
  return isLiteral(expr) || (expr.kind === "operation" && expr.type !== null);
}

/** Whether an expression is an exact integer to the linker, which is wrapped only when it gets a type. */
function isLiteral(expr: Expr): boolean {
  if (expr.kind === "constant") return expr.constant.enumName !== null;
  return expr.kind === "literal" && expr.type !== "bool";
}

/**
 * An expression where the context expects `context`; null: it says nothing, and what has no type of its own is an i32.
 * The text may stand anywhere as an operand.
 */
function print(expr: Expr, context: Type | null): string {
  switch (expr.kind) {
    case "literal":
      if (expr.type === "bool") return String(expr.value === 1n);
      return typed(integer(expr.value), expr.type, context);
    case "operation": {
      const args = expr.args.map((arg, index) => print(arg, operandContext(expr.operation, index)));
      return typed(`${expr.operation}(${args.join(", ")})`, expr.type, context);
    }
    case "constant": {
      const { enumName, name } = expr.constant;
      return enumName === null ? name : typed(`${enumName}.${name}`, "i32", context);
    }
    case "local":
      return expr.local.name;
    case "unary":
      return unary(expr);
    case "binary":
      return binary(expr);
    case "logical":
      return `(${print(expr.left, "bool")} ${expr.operator} ${print(expr.right, "bool")})`;
    case "ternary":
      return ternary(expr, context);
    case "convert":
      return `${expr.type}(${print(expr.operand, null)})`;
    case "call": {
      const args = expr.args.map((arg, index) => print(arg, expr.callee.parameters[index]?.type ?? null));
      return `${expr.callee.name}(${args.join(", ")})`;
    }
    case "script":
      return `script(${print(expr.offset, "i32")})`;
    case "thisCpu":
      return "thisCpu()";
  }
}

/** What has the type of its context, converted where that is not the type it has here. */
function typed(text: string, type: Type | null, context: Type | null): string {
  return type === null || type === (context ?? "i32") ? text : `${type}(${text})`;
}

/** Addresses are taken as ptr; other operands say themselves what they are. */
function operandContext(operation: OperationName, index: number): Type | null {
  const unaddressed: readonly OperationName[] = ["mark", "work", "spin"];
  return index === 0 && !unaddressed.includes(operation) ? "ptr" : null;
}

/** `-5` is a literal again; what else is negated has a type of its own. */
function unary(expr: Expr & { kind: "unary" }): string {
  const { operand, operator } = expr;
  if (operator === "!") return `!${parenthesised(print(operand, "bool"))}`;
  return `${operator}${parenthesised(isLiteral(operand) ? hard(operand) : print(operand, null))}`;
}

/** A literal with a type of its own. */
function hard(expr: Expr): string {
  const text = print(expr, expr.type);
  return isLiteral(expr) ? `${expr.type}(${text})` : text;
}

function ternary(expr: Expr & { kind: "ternary" }, context: Type | null): string {
  const literals = isSoft(expr);
  const [thenContext, elseContext] = literals ? [context, context] : armContexts(expr);
  return `(${print(expr.test, "bool")} ? ${print(expr.then, thenContext)} : ${print(expr.else, elseContext)})`;
}

/** One arm gives its type to the other; two arms without are i32 unless the first one is converted. */
function armContexts(expr: Expr & { kind: "ternary" }): [Type | null, Type | null] {
  const thenSoft = isSoft(expr.then);
  return thenSoft && !isSoft(expr.else) ? [expr.type, null] : [null, expr.type];
}

function binary(expr: Expr & { kind: "binary" }): string {
  const { left, right, operator } = expr;
  // The left side alone decides about a shift, and `ptr - x` is an address unless x is one for sure.
  const shift = operator === "<<" || operator === ">>" || operator === ">>>";
  const same = left.type === right.type && !shift && (left.type !== "ptr" || expr.type === "bool");
  const rightText = shift ? count(right) : print(right, same ? left.type : null);
  // Arithmetic on two literals is exact to the linker; the fuzz form wraps at every step.
  if (isLiteral(left) && isLiteral(right)) return `(${hard(left)} ${operator} ${rightText})`;
  // A side with a type of its own gives it to the other; two sides without are i32 unless the left one is converted.
  return `(${print(left, same && isSoft(left) && !isSoft(right) ? right.type : null)} ${operator} ${rightText})`;
}

/** The count of a shift: the linker takes a literal as the left side's type, into which a negative one may not fit. */
function count(expr: Expr): string {
  return isLiteral(expr) && !(expr.kind === "literal" && expr.value >= 0n) ? hard(expr) : print(expr, null);
}

/** `-(-1)` must not become `--1`. */
function parenthesised(text: string): string {
  return /^[-+~!]/.test(text) ? `(${text})` : text;
}

function integer(value: bigint): string {
  const magnitude = value < 0n ? -value : value;
  const digits =
    magnitude > 255n && magnitude % 3n === 0n ? `0x${magnitude.toString(16)}` : String(magnitude);
  return value < 0n ? `-${digits}` : digits;
}
