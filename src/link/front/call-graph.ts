/**
 * Orders functions so that callees come before callers, drops those that no entry reaches, and refuses recursion: a stepped
 * actor keeps each function's locals in a fixed place.
 */
import type { IrFunction, IrStatement } from "../ir.ts";

/** Calls in a body, in order of the text. */
export function calls(body: readonly IrStatement[]): number[] {
  return body.flatMap((statement) => {
    switch (statement.kind) {
      case "call":
        return [statement.callee];
      case "if":
        return [...calls(statement.then), ...calls(statement.else)];
      case "block":
      case "loop":
        return calls(statement.body);
      default:
        return [];
    }
  });
}

/** A circle of calls: the functions' ids, the first again at the end. */
export class RecursionError extends Error {
  constructor(readonly cycle: readonly number[]) {
    super("recursion");
  }
}

/**
 * Functions reachable from `roots`, callees first, in an order that depends on the text only.
 * @throws RecursionError where a function calls itself, directly or through others
 */
export function orderCalls(functions: ReadonlyMap<number, IrFunction>, roots: readonly number[]): number[] {
  const order: number[] = [];
  const done = new Set<number>();
  const path: number[] = [];
  const visit = (id: number): void => {
    if (done.has(id)) return;
    const at = path.indexOf(id);
    if (at >= 0) throw new RecursionError([...path.slice(at), id]);
    path.push(id);
    const body = functions.get(id)?.body ?? [];
    for (const callee of calls(body)) visit(callee);
    path.pop();
    done.add(id);
    order.push(id);
  };
  for (const root of roots) visit(root);
  return order;
}

/** The same statements with functions numbered anew. */
export function renumber(body: readonly IrStatement[], ids: ReadonlyMap<number, number>): IrStatement[] {
  return body.map((statement) => {
    switch (statement.kind) {
      case "call":
        return { ...statement, callee: ids.get(statement.callee) ?? statement.callee };
      case "if":
        return { ...statement, then: renumber(statement.then, ids), else: renumber(statement.else, ids) };
      case "block":
      case "loop":
        return { ...statement, body: renumber(statement.body, ids) };
      default:
        return statement;
    }
  });
}
