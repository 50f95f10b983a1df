/**
 * Rewriting the typed form: what the mutants of lowering and of the back ends are made with.
 */
import type { IrExpr, IrProgram, IrStatement } from "../../src/link/ir.ts";

export type Statements = readonly IrStatement[];
type Binary = Extract<IrExpr, { kind: "binary" }>;

/** Rewrites an expression from the leaves up. */
function mapExpr(expr: IrExpr, map: (expr: IrExpr) => IrExpr): IrExpr {
  switch (expr.kind) {
    case "binary":
      return map({ ...expr, left: mapExpr(expr.left, map), right: mapExpr(expr.right, map) });
    case "conditional":
      return map({
        ...expr,
        test: mapExpr(expr.test, map),
        then: mapExpr(expr.then, map),
        else: mapExpr(expr.else, map),
      });
    case "script":
      return map({ ...expr, offset: mapExpr(expr.offset, map) });
    default:
      return map(expr);
  }
}

function mapExprsOf(statement: IrStatement, map: (expr: IrExpr) => IrExpr): IrStatement {
  const one = (expr: IrExpr): IrExpr => mapExpr(expr, map);
  switch (statement.kind) {
    case "assign":
      return { ...statement, value: one(statement.value) };
    case "op":
    case "call":
      return { ...statement, args: statement.args.map(one) };
    case "divide":
      return { ...statement, left: one(statement.left), right: one(statement.right) };
    case "if":
      return { ...statement, test: one(statement.test) };
    case "switch":
      return { ...statement, value: one(statement.value) };
    case "return":
      return { ...statement, value: statement.value === null ? null : one(statement.value) };
    default:
      return statement;
  }
}

/** Rewrites lists of statements from the innermost outwards. */
export function mapLists(list: Statements, map: (list: Statements) => Statements): Statements {
  return map(
    list.map((statement): IrStatement => {
      if (statement.kind === "if") {
        return { ...statement, then: mapLists(statement.then, map), else: mapLists(statement.else, map) };
      }
      if (statement.kind === "block" || statement.kind === "loop") {
        return { ...statement, body: mapLists(statement.body, map) };
      }
      return statement;
    }),
  );
}

export function onLists(map: (list: Statements) => Statements): (ir: IrProgram) => IrProgram {
  return (ir) => ({ ...ir, functions: ir.functions.map((fn) => ({ ...fn, body: mapLists(fn.body, map) })) });
}

export function onStatements(map: (statement: IrStatement) => Statements): (ir: IrProgram) => IrProgram {
  return onLists((list) => list.flatMap(map));
}

export function onExprs(map: (expr: IrExpr) => IrExpr): (ir: IrProgram) => IrProgram {
  return onStatements((statement) => [mapExprsOf(statement, map)]);
}

export function onBinary(map: (expr: Binary) => IrExpr): (ir: IrProgram) => IrProgram {
  return onExprs((expr) => (expr.kind === "binary" ? map(expr) : expr));
}

/** Locals that a statement reads, not counting those within its blocks. */
export function readsOf(statement: IrStatement): Set<number> {
  const found = new Set<number>();
  mapExprsOf(statement, (expr) => {
    if (expr.kind === "local") found.add(expr.local);
    return expr;
  });
  return found;
}
