/**
 * Mistakes in lowering and in back ends, as changes of the typed form between the two. Each is one that somebody could
 * make; the fuzzer that does not notice it is no proof of anything.
 */
import type { IrBinaryOp, IrExpr, IrProgram, IrStatement, IrType } from "../../src/link/ir.ts";
import { Op } from "../../src/machine/ops.ts";
import type { Mutant } from "./compare.ts";
import {
  mapLists,
  onBinary,
  onExprs,
  onLists,
  onStatements,
  readsOf,
  type Statements,
} from "./rewrite-typed.ts";

/** Operators taken for others, in expressions and in divisions that may fault. */
function confused(table: Partial<Record<IrBinaryOp, IrBinaryOp>>): (ir: IrProgram) => IrProgram {
  const inExprs = onBinary((expr) => ({ ...expr, op: table[expr.op] ?? expr.op }));
  const inDivisions = onStatements((statement) => {
    if (statement.kind !== "divide") return [statement];
    return [{ ...statement, op: (table[statement.op] ?? statement.op) as typeof statement.op }];
  });
  return (ir) => inDivisions(inExprs(ir));
}

function constant(value: number, type: IrType = "i32"): IrExpr {
  return { kind: "const", value, type };
}

function binary(op: IrBinaryOp, left: IrExpr, right: IrExpr, type: IrType): IrExpr {
  return { kind: "binary", op, left, right, type };
}

/** Locals of which something depends, as `function:local`: an assignment to a local that nobody reads reads nothing. */
function readLocals(ir: IrProgram): Set<string> {
  const found = new Set<string>();
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    for (const fn of ir.functions) {
      const read = (local: number): string => `${fn.id}:${local}`;
      mapLists(fn.body, (list) => {
        for (const statement of list) {
          if (statement.kind === "assign" && !found.has(read(statement.local))) continue;
          for (const local of readsOf(statement)) found.add(read(local));
        }
        return list;
      });
    }
  }
  return found;
}

/** Drops statements whose result nobody reads. */
function dropUnread(kind: "divide" | "op" | "call"): (ir: IrProgram) => IrProgram {
  return (ir) => {
    const read = readLocals(ir);
    const functions = ir.functions.map((fn) => ({
      ...fn,
      body: mapLists(fn.body, (list) =>
        list.filter((statement) => {
          if (statement.kind !== kind) return true;
          const { result } = statement as { result: number | null };
          return result === null || read.has(`${fn.id}:${result}`);
        }),
      ),
    }));
    return { ...ir, functions };
  };
}

/** Swaps neighbours of these kinds where the second does not need the first one's result. */
function swapNeighbours(
  first: IrStatement["kind"],
  second: IrStatement["kind"],
): (ir: IrProgram) => IrProgram {
  return onLists((list) => {
    const result = [...list];
    for (let index = 0; index + 1 < result.length; index++) {
      const [a, b] = [result[index] as IrStatement, result[index + 1] as IrStatement];
      if (a.kind !== first || b.kind !== second) continue;
      const [resultOfA, resultOfB] = [a, b].map(
        (one) => (one as { result?: number | null }).result ?? -1,
      ) as [number, number];
      if (readsOf(b).has(resultOfA) || readsOf(a).has(resultOfB) || resultOfA === resultOfB) continue;
      [result[index], result[index + 1]] = [b, a];
      index += 1;
    }
    return result;
  });
}

/** Puts what stands in front of the test in a loop's head in front of the loop. */
const evaluateConditionOnce = onStatements((statement) => {
  if (statement.kind !== "loop") return [statement];
  const test = statement.body.findIndex(
    (one) => one.kind === "if" && one.then[0]?.kind === "break" && one.else.length === 0,
  );
  const head = statement.body.slice(0, Math.max(test, 0));
  if (head.length === 0 || head.some((one) => one.kind === "block")) return [statement];
  return [...head, { ...statement, body: statement.body.slice(head.length) }];
});

/** `continue` starts the loop again at once: it breaks from the block behind which the update stands. */
const continueSkipsUpdate: (ir: IrProgram) => IrProgram = onStatements((statement) => {
  if (statement.kind !== "loop") return [statement];
  const { label } = statement;
  const blocks = new Set(statement.body.map((one) => (one.kind === "block" ? one.label : -1)));
  const redirect = (list: Statements): Statements =>
    mapLists(list, (inner) =>
      inner.map(
        (one): IrStatement =>
          one.kind === "break" && blocks.has(one.label) ? { kind: "continue", label } : one,
      ),
    );
  return [{ ...statement, body: redirect(statement.body) }];
});

/** Labels of the blocks that stand one inside the other around a switch, outermost first, each with its list. */
function switchNest(list: Statements): Extract<IrStatement, { kind: "switch" }> | null {
  const first = list[0];
  if (first?.kind === "switch") return first;
  return first?.kind === "block" ? switchNest(first.body) : null;
}

/** A clause ends the switch although no `break` stands at its end. */
const noFallThrough: (ir: IrProgram) => IrProgram = onStatements((statement) => {
  if (statement.kind !== "block" || switchNest(statement.body) === null) return [statement];
  const end = statement.label;
  const close = (list: Statements): Statements => {
    const [first, ...rest] = list;
    if (first?.kind !== "block") return list;
    return [{ ...first, body: close(first.body) }, ...rest, { kind: "break", label: end }];
  };
  const targets = switchNest(statement.body);
  // Only the outermost block of the nest, which is no case of the switch, is its end.
  if (targets?.cases.some((one) => one.label === end) || targets?.default === end) return [statement];
  return [{ ...statement, body: close(statement.body) }];
});

/** Without a matching case the last clause runs instead of `default`. */
const defaultIsLast: (ir: IrProgram) => IrProgram = onStatements((statement) => {
  if (statement.kind !== "switch") return [statement];
  const labels = [statement.default, ...statement.cases.map((one) => one.label)];
  return [{ ...statement, default: Math.max(...labels) }];
});

/** Runs the operation at the beginning of an arm whether or not the arm is taken. */
const eagerArm: (ir: IrProgram) => IrProgram = onStatements((statement) => {
  if (statement.kind !== "if") return [statement];
  const [first, ...rest] = statement.then;
  if (first?.kind !== "op" || first.result === null) return [statement];
  return [first, { ...statement, then: rest }];
});

/** A break that leaves several loops leaves the innermost only. */
const breakInnermost: (ir: IrProgram) => IrProgram = (ir) => {
  const within = (list: Statements, exits: readonly number[]): Statements =>
    list.map((statement): IrStatement => {
      if (statement.kind === "block") {
        const isExit = statement.body[0]?.kind === "loop";
        return { ...statement, body: within(statement.body, isExit ? [...exits, statement.label] : exits) };
      }
      if (statement.kind === "loop") return { ...statement, body: within(statement.body, exits) };
      if (statement.kind === "if") {
        return { ...statement, then: within(statement.then, exits), else: within(statement.else, exits) };
      }
      const innermost = exits.at(-1);
      if (statement.kind !== "break" || innermost === undefined || !exits.includes(statement.label))
        return statement;
      return { kind: "break", label: innermost };
    });
  return { ...ir, functions: ir.functions.map((fn) => ({ ...fn, body: within(fn.body, []) })) };
};

/** The quotient of a division at run time, changed. */
function quotient(
  ops: readonly IrBinaryOp[],
  change: (result: IrExpr, left: IrExpr, right: IrExpr) => IrExpr,
): (ir: IrProgram) => IrProgram {
  return onStatements((statement) => {
    if (statement.kind !== "divide" || !ops.includes(statement.op)) return [statement];
    const result: IrExpr = { kind: "local", local: statement.result, type: "i32" };
    // The operands may name the local that takes the quotient, which has it by then.
    if (readsOf(statement).has(statement.result)) return [statement];
    const value = change(result, statement.left, statement.right);
    return [statement, { kind: "assign", local: statement.result, value, position: statement.position }];
  });
}

function choose(test: IrExpr, then: IrExpr, otherwise: IrExpr): IrExpr {
  return { kind: "conditional", test, then, else: otherwise, type: then.type };
}

function swapArguments(
  matches: (statement: IrStatement) => boolean,
  at: number,
): (ir: IrProgram) => IrProgram {
  return onStatements((statement) => {
    if ((statement.kind !== "op" && statement.kind !== "call") || !matches(statement)) return [statement];
    const [a, b] = [statement.args[at], statement.args[at + 1]];
    if (a === undefined || b === undefined || a.type !== b.type) return [statement];
    const args = [...statement.args];
    [args[at], args[at + 1]] = [b, a];
    return [{ ...statement, args }];
  });
}

const signedOfUnsigned = { ltU: "ltS", leU: "leS", gtU: "gtS", geU: "geS" } as const;
const unsignedOfSigned = { ltS: "ltU", leS: "leU", gtS: "gtU", geS: "geU" } as const;

export const typedFormMutants: readonly Mutant[] = [
  { name: "an unsigned comparison is signed", typedForm: confused(signedOfUnsigned) },
  { name: "a signed comparison is unsigned", typedForm: confused(unsignedOfSigned) },
  { name: "`<=` is `<`", typedForm: confused({ leS: "ltS", leU: "ltU" }) },
  { name: "an unsigned division is signed", typedForm: confused({ divU: "divS" }) },
  { name: "a signed division is unsigned", typedForm: confused({ divS: "divU" }) },
  { name: "an unsigned remainder is signed", typedForm: confused({ remU: "remS" }) },
  { name: "a right shift of an i32 brings in zeros", typedForm: confused({ shrS: "shrU" }) },
  { name: "a right shift of a u32 brings in the sign", typedForm: confused({ shrU: "shrS" }) },
  {
    name: "a shift by 32 or more gives 0",
    typedForm: onBinary((expr) => {
      if (expr.op !== "shl" && expr.op !== "shrU" && expr.op !== "shrS") return expr;
      return choose(binary("ltU", expr.right, constant(32), "bool"), expr, constant(0, expr.type));
    }),
  },
  {
    name: "operands of a subtraction are swapped where the left one is no constant",
    typedForm: onBinary((expr) =>
      expr.op === "sub" && expr.left.kind !== "const"
        ? { ...expr, left: expr.right, right: expr.left }
        : expr,
    ),
  },
  {
    name: "a division rounds down",
    typedForm: quotient(["divS"], (result, left, right) => {
      const inexact = binary("ne", binary("mul", result, right, "i32"), left, "bool");
      const negative = binary("ltS", binary("xor", left, right, "i32"), constant(0), "bool");
      const less = binary("sub", result, constant(1), "i32");
      return choose(choose(inexact, negative, constant(0, "bool")), less, result);
    }),
  },
  {
    name: "a remainder takes the divisor's sign",
    typedForm: quotient(["remS"], (result, _left, right) => {
      const differs = binary("ltS", binary("xor", result, right, "i32"), constant(0), "bool");
      const inexact = binary("ne", result, constant(0), "bool");
      return choose(
        choose(inexact, differs, constant(0, "bool")),
        binary("add", result, right, "i32"),
        result,
      );
    }),
  },
  {
    name: "-2^31 / -1 is 2^31 - 1, as saturating hardware has it",
    typedForm: quotient(["divS"], (result, left, right) => {
      const lowest = binary("eq", left, constant(-0x80000000), "bool");
      const minusOne = binary("eq", right, constant(-1), "bool");
      return choose(choose(lowest, minusOne, constant(0, "bool")), constant(0x7fffffff), result);
    }),
  },
  {
    name: "a division whose quotient nobody reads is dropped, its fault with it",
    typedForm: dropUnread("divide"),
  },
  { name: "an operation whose result nobody reads is dropped", typedForm: dropUnread("op") },
  { name: "a call whose result nobody reads is dropped", typedForm: dropUnread("call") },
  { name: "an arm's operation runs whether or not the arm is taken", typedForm: eagerArm },
  { name: "`continue` skips the update", typedForm: continueSkipsUpdate },
  { name: "operations in a loop's condition run once", typedForm: evaluateConditionOnce },
  { name: "a break out of two loops leaves the inner one", typedForm: breakInnermost },
  { name: "a switch clause never falls through", typedForm: noFallThrough },
  { name: "the last clause of a switch is its default", typedForm: defaultIsLast },
  {
    name: "cases of a switch are compared as unsigned numbers",
    typedForm: onStatements((statement) => {
      if (statement.kind !== "switch") return [statement];
      return [{ ...statement, cases: statement.cases.filter((one) => one.value >= 0) }];
    }),
  },
  {
    name: "the first two arguments of a call are swapped",
    typedForm: swapArguments((one) => one.kind === "call", 0),
  },
  {
    name: "expected and desired value are swapped",
    typedForm: swapArguments((one) => one.kind === "op" && one.op === Op.compareExchange, 1),
  },
  { name: "arguments are evaluated from right to left", typedForm: swapNeighbours("op", "op") },
  { name: "a call is made before the operation in front of it", typedForm: swapNeighbours("op", "call") },
  {
    name: "a division faults before the operation in front of it",
    typedForm: swapNeighbours("op", "divide"),
  },
  {
    name: "an early return without a value is lost",
    typedForm: onLists((list) => list.filter((one) => one.kind !== "return" || one.value !== null)),
  },
  {
    name: "a script is read from the next word",
    typedForm: onExprs((expr) => {
      if (expr.kind !== "script") return expr;
      return {
        ...expr,
        offset: binary("and", binary("add", expr.offset, constant(4), "i32"), constant(31), "i32"),
      };
    }),
  },
];
