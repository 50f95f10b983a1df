/**
 * Makes a failing program small by deleting and simplifying, as long as it fails in the same way. Candidates may be
 * nonsense (a local without declaration, a missing return): the front end refuses them, which is another failure.
 */

import type { Constant, Expr, FuzzFunction, FuzzProgram, Statement, SwitchClause } from "./program.ts";
import { childrenOf, listsOf, replaceFunction, walk, walkExpr, withChild } from "./rewrite.ts";

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

function* candidates(program: FuzzProgram): Iterable<FuzzProgram> {
  for (let index = program.functions.length - 1; index >= 0; index--) {
    const fn = program.functions[index] as FuzzFunction;
    for (const body of smallerLists(fn.body)) yield replaceFunction(program, fn, { ...fn, body });
  }
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
