/**
 * Makes a failing program small by deleting and simplifying, as long as it fails in the same way. Candidates may be
 * nonsense (a local without declaration, a missing return): the front end refuses them, which is another failure.
 */
import type { Constant, Expr, FuzzFunction, FuzzProgram, Statement, SwitchClause } from "./program.ts";

/** Whether a candidate still shows the failure. */
export type Fails = (candidate: FuzzProgram) => Promise<boolean>;

/** A smaller program that fails in the same way; gives up after `maxTries` candidates. */
export async function shrink(program: FuzzProgram, fails: Fails, maxTries = 4000): Promise<FuzzProgram> {
  let current = program;
  let tries = 0;
  for (let improved = true; improved; ) {
    improved = false;
    let index = 0;
    for (;;) {
      const candidate = nth(candidates(current), index);
      if (candidate === null || tries >= maxTries) break;
      tries += 1;
      if (await fails(prune(candidate))) {
        // What stood at this index is gone; the same index is the next candidate.
        current = prune(candidate);
        improved = true;
      } else index += 1;
    }
  }
  return current;
}

function nth<T>(items: Iterable<T>, index: number): T | null {
  let at = 0;
  for (const item of items) if (at++ === index) return item;
  return null;
}

/** Without functions and constants that nothing uses. */
export function prune(program: FuzzProgram): FuzzProgram {
  const used = new Set<FuzzFunction>();
  const constants = new Set<Constant>();
  const enums = new Set<string>();
  const see = (expr: Expr): void => {
    if (expr.kind === "call" && !used.has(expr.callee)) {
      used.add(expr.callee);
      walk(expr.callee.body, see);
    }
    if (expr.kind === "constant" && !constants.has(expr.constant)) {
      constants.add(expr.constant);
      if (expr.constant.enumName !== null) enums.add(expr.constant.enumName);
      walkExpr(expr.constant.value, see);
    }
  };
  const main = program.functions.at(-1) as FuzzFunction;
  used.add(main);
  walk(main.body, see);
  const kept = program.constants.filter((one) => constants.has(one));
  return { ...program, functions: program.functions.filter((fn) => used.has(fn)), constants: kept };
}

/** Calls `see` with every expression below these statements. */
export function walk(statements: readonly Statement[], see: (expr: Expr) => void): void {
  for (const statement of statements) {
    for (const expr of expressionsOf(statement)) walkExpr(expr, see);
    for (const list of listsOf(statement)) walk(list, see);
  }
}

function walkExpr(expr: Expr, see: (expr: Expr) => void): void {
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

function listsOf(statement: Statement): readonly (readonly Statement[])[] {
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

function childrenOf(expr: Expr): readonly Expr[] {
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

function* candidates(program: FuzzProgram): Iterable<FuzzProgram> {
  for (let index = program.functions.length - 1; index >= 0; index--) {
    const fn = program.functions[index] as FuzzFunction;
    for (const body of smallerLists(fn.body)) yield replaceFunction(program, fn, { ...fn, body });
  }
}

/** A program in which a function is another one, for all its callers too. */
function replaceFunction(program: FuzzProgram, from: FuzzFunction, to: FuzzFunction): FuzzProgram {
  const moved = new Map<FuzzFunction, FuzzFunction>();
  const functions = program.functions.map((fn) => {
    const base = fn === from ? to : fn;
    const body = moved.size === 0 ? base.body : mapStatements(base.body, moved);
    const result = body === base.body ? base : { ...base, body };
    if (result !== fn) moved.set(fn, result);
    return result;
  });
  return { ...program, functions };
}

function* smallerLists(list: readonly Statement[]): Iterable<readonly Statement[]> {
  for (let size = list.length; size >= 1; size = Math.floor(size / 2)) {
    for (let start = 0; start + size <= list.length; start += size) {
      yield [...list.slice(0, start), ...list.slice(start + size)];
    }
  }
  for (const [index, statement] of list.entries()) {
    for (const inside of listsOf(statement))
      yield [...list.slice(0, index), ...inside, ...list.slice(index + 1)];
    for (const smaller of smallerStatements(statement))
      yield [...list.slice(0, index), smaller, ...list.slice(index + 1)];
  }
}

function* smallerStatements(statement: Statement): Iterable<Statement> {
  switch (statement.kind) {
    case "let":
    case "assign":
    case "expression":
      for (const value of smallerExprs(statement.value)) yield { ...statement, value };
      break;
    case "return":
      if (statement.value !== null)
        for (const value of smallerExprs(statement.value)) yield { ...statement, value };
      break;
    case "if":
      if (statement.else !== null) yield { ...statement, else: null };
      for (const body of smallerLists(statement.then)) yield { ...statement, then: body };
      if (statement.else !== null)
        for (const body of smallerLists(statement.else)) yield { ...statement, else: body };
      for (const test of smallerExprs(statement.test)) yield { ...statement, test };
      break;
    case "while":
    case "doWhile":
      for (const body of smallerLists(statement.body)) yield { ...statement, body };
      for (const test of smallerExprs(statement.test)) yield { ...statement, test };
      break;
    case "for":
      for (const body of smallerLists(statement.body)) yield { ...statement, body };
      if (statement.test !== null)
        for (const test of smallerExprs(statement.test)) yield { ...statement, test };
      break;
    case "block":
      for (const body of smallerLists(statement.body)) yield { ...statement, body };
      break;
    case "switch":
      for (const [index, clause] of statement.clauses.entries()) {
        const others = (replacement: readonly SwitchClause[]): Statement => ({
          ...statement,
          clauses: [
            ...statement.clauses.slice(0, index),
            ...replacement,
            ...statement.clauses.slice(index + 1),
          ],
        });
        yield others([]);
        for (const body of smallerLists(clause.body)) yield others([{ ...clause, body }]);
      }
      for (const value of smallerExprs(statement.value)) yield { ...statement, value };
      break;
    default:
  }
}

function* smallerExprs(expr: Expr): Iterable<Expr> {
  if (expr.kind === "literal" || expr.kind === "local") return;
  if (expr.type !== null) {
    for (const value of [0n, 1n]) yield { kind: "literal", value, type: expr.type };
  }
  if (expr.kind === "constant") return;
  const children = childrenOf(expr);
  for (const child of children) if (child.type === expr.type && child.type !== null) yield child;
  for (const [index, child] of children.entries()) {
    for (const smaller of smallerExprs(child)) yield withChild(expr, index, smaller);
  }
}

/** The expression with another child at an index of `childrenOf`. */
function withChild(expr: Expr, index: number, child: Expr): Expr {
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

/** Statements that call other functions instead. */
function mapStatements(
  statements: readonly Statement[],
  moved: ReadonlyMap<FuzzFunction, FuzzFunction>,
): readonly Statement[] {
  let calls = false;
  walk(statements, (expr) => {
    if (expr.kind === "call" && moved.has(expr.callee)) calls = true;
  });
  if (!calls) return statements;
  const mapExpr = (expr: Expr): Expr => {
    let result = expr;
    for (const [index, child] of childrenOf(expr).entries()) {
      const mapped = mapExpr(child);
      if (mapped !== child) result = withChild(result, index, mapped);
    }
    if (result.kind !== "call") return result;
    return { ...result, callee: moved.get(result.callee) ?? result.callee };
  };
  return statements.map((statement) => mapStatement(statement, mapExpr));
}

/** A statement with every expression below it replaced. */
export function mapStatement(statement: Statement, map: (expr: Expr) => Expr): Statement {
  const all = (list: readonly Statement[]): readonly Statement[] => list.map((one) => mapStatement(one, map));
  switch (statement.kind) {
    case "let":
    case "assign":
    case "expression":
      return { ...statement, value: map(statement.value) };
    case "return":
      return { ...statement, value: statement.value === null ? null : map(statement.value) };
    case "if":
      return {
        ...statement,
        test: map(statement.test),
        then: all(statement.then),
        else: statement.else === null ? null : all(statement.else),
      };
    case "while":
    case "doWhile":
      return { ...statement, test: map(statement.test), body: all(statement.body) };
    case "for":
      return {
        ...statement,
        initial: statement.initial === null ? null : mapStatement(statement.initial, map),
        test: statement.test === null ? null : map(statement.test),
        update: statement.update === null ? null : mapStatement(statement.update, map),
        body: all(statement.body),
      };
    case "block":
      return { ...statement, body: all(statement.body) };
    case "switch":
      return {
        ...statement,
        value: map(statement.value),
        clauses: statement.clauses.map((clause) => ({ ...clause, body: all(clause.body) })),
      };
    default:
      return statement;
  }
}
