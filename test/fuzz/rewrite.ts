/**
 * Walking and rewriting fuzz programs: what the shrinker and the mutants of the front end share.
 */
import type { Expr, FuzzFunction, FuzzProgram, Statement } from "./program.ts";

/** Calls `see` with every expression below these statements. */
export function walk(statements: readonly Statement[], see: (expr: Expr) => void): void {
  for (const statement of statements) {
    for (const expr of expressionsOf(statement)) walkExpr(expr, see);
    for (const list of listsOf(statement)) walk(list, see);
  }
}

export function walkExpr(expr: Expr, see: (expr: Expr) => void): void {
  see(expr);
  for (const child of childrenOf(expr)) walkExpr(child, see);
}

function expressionsOf(statement: Statement): readonly Expr[] {
  switch (statement.kind) {
    case "let":
    case "assign":
    case "expression":
    case "switch":
      return [statement.value];
    case "return":
      return statement.value === null ? [] : [statement.value];
    case "if":
    case "while":
    case "doWhile":
      return [statement.test];
    case "for":
      return statement.test === null ? [] : [statement.test];
    default:
      return [];
  }
}

export function listsOf(statement: Statement): readonly (readonly Statement[])[] {
  switch (statement.kind) {
    case "if":
      return statement.else === null ? [statement.then] : [statement.then, statement.else];
    case "for": {
      const heads = [statement.initial, statement.update]
        .filter((head) => head !== null)
        .map((head) => [head]);
      return [...heads, statement.body];
    }
    case "while":
    case "doWhile":
    case "block":
      return [statement.body];
    case "switch":
      return statement.clauses.map((clause) => clause.body);
    default:
      return [];
  }
}

export function childrenOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case "unary":
    case "convert":
      return [expr.operand];
    case "binary":
    case "logical":
      return [expr.left, expr.right];
    case "ternary":
      return [expr.test, expr.then, expr.else];
    case "call":
    case "operation":
      return expr.args;
    case "script":
      return [expr.offset];
    default:
      return [];
  }
}

/** The expression with another child at an index of `childrenOf`. */
export function withChild(expr: Expr, index: number, child: Expr): Expr {
  switch (expr.kind) {
    case "unary":
    case "convert":
      return { ...expr, operand: child };
    case "binary":
    case "logical":
      return index === 0 ? { ...expr, left: child } : { ...expr, right: child };
    case "ternary":
      return index === 0
        ? { ...expr, test: child }
        : index === 1
          ? { ...expr, then: child }
          : { ...expr, else: child };
    case "call":
    case "operation":
      return { ...expr, args: expr.args.map((arg, at) => (at === index ? child : arg)) };
    case "script":
      return { ...expr, offset: child };
    default:
      return expr;
  }
}

interface Rewriter {
  /** Called with every expression, children first. */
  expr(expr: Expr): Expr;
  /** Called with every statement, those within it first. */
  statement(statement: Statement): Statement;
}

/** A program with every expression and statement of its functions rewritten; calls of a key of `renamed` go to its value. */
export function mapProgram(
  program: FuzzProgram,
  rewriter: Rewriter,
  renamed: ReadonlyMap<FuzzFunction, FuzzFunction> = new Map(),
): FuzzProgram {
  const moved = new Map<FuzzFunction, FuzzFunction>();
  const functions = program.functions.map((fn) => {
    const mapExpr = (expr: Expr): Expr => {
      let result = expr;
      for (const [index, child] of childrenOf(expr).entries()) {
        const mapped = mapExpr(child);
        if (mapped !== child) result = withChild(result, index, mapped);
      }
      if (result.kind === "call") {
        const callee = renamed.get(result.callee) ?? result.callee;
        result = { ...result, callee: moved.get(callee) ?? callee };
      }
      return rewriter.expr(result);
    };
    const changed = {
      ...fn,
      body: fn.body.map((statement) => mapStatement(statement, mapExpr, rewriter.statement)),
    };
    moved.set(fn, changed);
    return changed;
  });
  return { ...program, functions };
}

/** A program in which a function is another one, for all its callers too. */
export function replaceFunction(program: FuzzProgram, from: FuzzFunction, to: FuzzFunction): FuzzProgram {
  const exchanged = { ...program, functions: program.functions.map((fn) => (fn === from ? to : fn)) };
  return mapProgram(
    exchanged,
    { expr: (expr) => expr, statement: (statement) => statement },
    new Map([[from, to]]),
  );
}

/** A statement with every expression below it replaced by `mapExpr`, and then every statement by `then`. */
function mapStatement(
  statement: Statement,
  mapExpr: (expr: Expr) => Expr,
  then: (statement: Statement) => Statement,
): Statement {
  const one = (inner: Statement): Statement => mapStatement(inner, mapExpr, then);
  const all = (list: readonly Statement[]): readonly Statement[] => list.map(one);
  switch (statement.kind) {
    case "let":
    case "assign":
    case "expression":
      return then({ ...statement, value: mapExpr(statement.value) });
    case "return":
      return then({ ...statement, value: statement.value === null ? null : mapExpr(statement.value) });
    case "if":
      return then({
        ...statement,
        test: mapExpr(statement.test),
        then: all(statement.then),
        else: statement.else === null ? null : all(statement.else),
      });
    case "while":
    case "doWhile":
      return then({ ...statement, test: mapExpr(statement.test), body: all(statement.body) });
    case "for":
      return then({
        ...statement,
        initial: statement.initial === null ? null : one(statement.initial),
        test: statement.test === null ? null : mapExpr(statement.test),
        update: statement.update === null ? null : one(statement.update),
        body: all(statement.body),
      });
    case "block":
      return then({ ...statement, body: all(statement.body) });
    case "switch": {
      const clauses = statement.clauses.map((clause) => ({ ...clause, body: all(clause.body) }));
      return then({ ...statement, value: mapExpr(statement.value), clauses });
    }
    default:
      return then(statement);
  }
}
