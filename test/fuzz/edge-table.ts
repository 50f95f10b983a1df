/**
 * Every operator at the edges of 32 bits, as fuzz programs: both operands from memory, either one constant, both constant.
 * Random programs seldom meet two edges at once; this table always does.
 */
import { binary, literal } from "./generate-expressions.ts";
import type { BinaryOperator, Expr, FuzzProgram, Local, Statement, Type } from "./program.ts";
import { arenaBase, plainLayout } from "./program.ts";

/** 32-bit patterns around zero, the shift counts, the sign bit and half words. */
export const edges: readonly number[] = [
  0, 1, -1, 2, -2, 3, 5, 7, 30, 31, 32, 33, -31, -32, 0xffff, 0x10000, 0x10001, 0x3fffffff, 0x40000000,
  0x55555555, 0x7ffffffe, 0x7fffffff, -0x80000000, -0x7fffffff,
];

/** Fewer for the pairs of constants, which are written out one by one. */
const sharpest: readonly number[] = [
  0, 1, -1, 2, -2, 7, 31, 32, 33, 0x10001, 0x55555555, 0x7ffffffe, 0x7fffffff, -0x80000000, -0x7fffffff,
];

const operators: readonly BinaryOperator[] = [
  "+",
  "-",
  "*",
  "/",
  "%",
  "&",
  "|",
  "^",
  "<<",
  ">>",
  ">>>",
  "<",
  "<=",
  ">",
  ">=",
  "===",
  "!==",
];

function isComparison(operator: BinaryOperator): boolean {
  return ["<", "<=", ">", ">=", "===", "!=="].includes(operator);
}

function resultType(operator: BinaryOperator, type: Type): Type {
  if (isComparison(operator)) return "bool";
  return operator === ">>>" ? "u32" : type;
}

function divides(operator: BinaryOperator): boolean {
  return operator === "/" || operator === "%";
}

/** One program per operator and type; its marks are what is compared. */
export function edgePrograms(): FuzzProgram[] {
  const programs: FuzzProgram[] = [];
  for (const operator of operators) {
    const types: Type[] = isComparison(operator) ? ["i32", "u32", "ptr"] : ["i32", "u32"];
    for (const type of types) {
      programs.push(
        variablePairs(operator, type),
        halfConstant(operator, type),
        constantPairs(operator, type),
      );
    }
  }
  programs.push(pointerArithmetic(), unaryAndConversions());
  return programs;
}

/** Programs of one division by zero each, in every form; all of them must fault. */
export function zeroDivisions(): FuzzProgram[] {
  const programs: FuzzProgram[] = [];
  for (const operator of ["/", "%"] as const) {
    for (const type of ["i32", "u32"] as const) {
      const zero = variable("zero", type);
      const numerator = variable("numerator", type);
      const declared = [declare(zero, loadEdge(0, type)), declare(numerator, loadEdge(3, type))];
      const divisions = [
        binary(operator, read(numerator), read(zero), type),
        binary(operator, read(numerator), literal(0, type), type),
        binary(operator, literal(7, type), read(zero), type),
        binary(operator, literal(7, type), literal(0, type), type),
        binary(operator, read(zero), read(zero), type),
      ];
      for (const division of divisions) {
        const unused: Statement = {
          kind: "let",
          local: variable("unused", type),
          mutable: false,
          annotated: true,
          value: division,
        };
        programs.push(
          edgeProgram(`${type} ${operator} 0`, [...declared, markBits(division, type), markConstant(2)]),
          edgeProgram(`unused ${type} ${operator} 0`, [
            ...declared,
            markConstant(1),
            unused,
            markConstant(2),
          ]),
        );
      }
    }
  }
  return programs;
}

function variable(name: string, type: Type): Local {
  return { name, type };
}

function read(local: Local): Expr {
  return { kind: "local", local, type: local.type };
}

function declare(local: Local, value: Expr): Statement {
  return { kind: "let", local, mutable: true, annotated: true, value };
}

function loadEdge(index: number, type: Type): Expr {
  return { kind: "operation", operation: "load", args: [literal(arenaBase + 4 * index, "ptr")], type };
}

function loadAt(index: Local, type: Type): Expr {
  const offset = binary("*", read(index), literal(4, "i32"), "i32");
  return {
    kind: "operation",
    operation: "load",
    args: [binary("+", literal(arenaBase, "ptr"), offset, "ptr")],
    type,
  };
}

function markConstant(event: number): Statement {
  return mark(literal(event, "i32"), literal(0, "i32"));
}

function mark(event: Expr, argument: Expr): Statement {
  return {
    kind: "expression",
    value: { kind: "operation", operation: "mark", args: [event, argument], type: null },
  };
}

/** Records the bits of a value of any type. */
function markBits(value: Expr, type: Type): Statement {
  return mark(literal(1, "i32"), type === "i32" ? value : { kind: "convert", operand: value, type: "i32" });
}

/** `for (let name = 0; name < edges; name++) body`. */
function forEdges(name: string, body: (index: Local) => Statement[]): Statement {
  const index = variable(name, "i32");
  return {
    kind: "for",
    label: null,
    initial: declare(index, literal(0, "i32")),
    test: binary("<", read(index), literal(edges.length, "i32"), "bool"),
    update: { kind: "step", local: index, operator: "++" },
    body: body(index),
  };
}

function unlessZero(operator: BinaryOperator, divisor: Expr, statement: Statement): Statement {
  if (!divides(operator)) return statement;
  return {
    kind: "if",
    test: binary("!==", divisor, literal(0, divisor.type as Type), "bool"),
    then: [statement],
    else: null,
  };
}

/** Nothing is known at link time. */
function variablePairs(operator: BinaryOperator, type: Type): FuzzProgram {
  const [left, right] = [variable("left", type), variable("right", type)];
  const result = binary(operator, read(left), read(right), resultType(operator, type));
  const inner = (j: Local): Statement[] => [
    declare(right, loadAt(j, type)),
    unlessZero(operator, read(right), markBits(result, result.type as Type)),
  ];
  const body = forEdges("i", (i) => [declare(left, loadAt(i, type)), forEdges("j", inner)]);
  return edgeProgram(`${type} ${operator}, both from memory`, [body]);
}

/** One side is known: multiplications and divisions by constants are where compilers get clever. */
function halfConstant(operator: BinaryOperator, type: Type): FuzzProgram {
  const value = variable("value", type);
  const statements: Statement[] = [];
  for (const edge of edges) {
    const known = literal(edge, type);
    if (!(divides(operator) && edge === 0)) {
      const right = binary(operator, read(value), known, resultType(operator, type));
      statements.push(markBits(right, right.type as Type));
    }
    const left = binary(operator, known, read(value), resultType(operator, type));
    statements.push(unlessZero(operator, read(value), markBits(left, left.type as Type)));
  }
  return edgeProgram(`${type} ${operator}, one side constant`, [
    forEdges("i", (i) => [declare(value, loadAt(i, type)), ...statements]),
  ]);
}

/** Everything is known: what the front end and the optimiser fold. */
function constantPairs(operator: BinaryOperator, type: Type): FuzzProgram {
  const statements: Statement[] = [];
  for (const left of sharpest) {
    for (const right of sharpest) {
      if (divides(operator) && right === 0) continue;
      const result = binary(operator, literal(left, type), literal(right, type), resultType(operator, type));
      statements.push(markBits(result, result.type as Type));
    }
  }
  return edgeProgram(`${type} ${operator}, both constant`, statements);
}

/** `ptr + i32`, `i32 + ptr`, `ptr - i32`, `ptr - ptr`. */
function pointerArithmetic(): FuzzProgram {
  const [address, offset, other] = [
    variable("address", "ptr"),
    variable("offset", "i32"),
    variable("other", "ptr"),
  ];
  const inner = (j: Local): Statement[] => [
    declare(offset, loadAt(j, "i32")),
    declare(other, loadAt(j, "ptr")),
    markBits(binary("+", read(address), read(offset), "ptr"), "ptr"),
    markBits(binary("+", read(offset), read(address), "ptr"), "ptr"),
    markBits(binary("-", read(address), read(offset), "ptr"), "ptr"),
    markBits(binary("-", read(address), read(other), "i32"), "i32"),
  ];
  return edgeProgram("addresses", [
    forEdges("i", (i) => [declare(address, loadAt(i, "ptr")), forEdges("j", inner)]),
  ]);
}

function unaryAndConversions(): FuzzProgram {
  const statements: Statement[] = [];
  const forms = (value: (type: "i32" | "u32" | "ptr") => Expr): Statement[] => {
    const made: Statement[] = [];
    for (const type of ["i32", "u32"] as const) {
      for (const operator of ["-", "~"] as const)
        made.push(markBits({ kind: "unary", operator, operand: value(type), type }, type));
    }
    for (const from of ["i32", "u32", "ptr"] as const) {
      for (const to of ["i32", "u32", "ptr"] as const) {
        if (from !== to) made.push(markBits({ kind: "convert", operand: value(from), type: to }, to));
      }
      // A condition is 0 or 1 and nothing else, also when it came from a value with other bits.
      const test = binary("!==", value(from), literal(0, from), "bool");
      made.push(
        markBits(test, "bool"),
        markBits({ kind: "unary", operator: "!", operand: test, type: "bool" }, "bool"),
      );
    }
    return made;
  };
  const [a, b, c] = [variable("signed", "i32"), variable("unsigned", "u32"), variable("address", "ptr")];
  const byType = { i32: a, u32: b, ptr: c };
  statements.push(
    forEdges("i", (i) => [
      declare(a, loadAt(i, "i32")),
      declare(b, loadAt(i, "u32")),
      declare(c, loadAt(i, "ptr")),
      ...forms((type) => read(byType[type])),
    ]),
  );
  for (const edge of edges) statements.push(...forms((type) => literal(edge, type)));
  return edgeProgram("unary operators and conversions", statements);
}

function edgeProgram(seed: string, body: readonly Statement[]): FuzzProgram {
  const inputs = { args: [], arena: edges, script: [0], cpu: 0, tick: 0 };
  return {
    seed,
    constants: [],
    functions: [{ name: "main", parameters: [], result: null, body, library: false }],
    inputs,
    layout: plainLayout,
  };
}
