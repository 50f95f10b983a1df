/**
 * Random statements. Every loop is bounded by a counter that nothing else assigns, so that programs end; `continue` never
 * skips what bounds its loop unless the loop is a `for`, whose update must not be skipped by any compiler.
 */
import {
  address,
  binary,
  callOf,
  coin,
  divisor,
  expression,
  literal,
  operands,
} from "./generate-expressions.ts";
import { loopStatement } from "./generate-loops.ts";
import type { AssignOperator, Expr, Local, OperationName, Statement, SwitchClause, Type } from "./program.ts";
import type { FunctionScope, Target } from "./scope.ts";

const depth = 3;

/** Statements of one block, with a scope of their own. */
export function block(
  scope: FunctionScope,
  nesting: number,
  kind: "block" | "clause" = "block",
): Statement[] {
  return scope.inner(() => sequence(scope, nesting), kind);
}

/** Statements that go on in the current scope. */
export function sequence(scope: FunctionScope, nesting: number): Statement[] {
  const { rng } = scope;
  const made: Statement[] = [];
  const count = rng.between(1, nesting === 0 ? 8 : 4);
  for (let i = 0; i < count && scope.budget > 0; i++) {
    scope.budget -= 1;
    made.push(...statement(scope, nesting));
    const last = made.at(-1);
    if (last !== undefined && (last.kind === "return" || last.kind === "break" || last.kind === "continue"))
      break;
  }
  // An empty body would hide whether it was entered.
  if (made.length === 0)
    made.push(scope.traits.operations && rng.chance(0.5) ? operation(scope) : assignment(scope));
  return made;
}

function statement(scope: FunctionScope, nesting: number): Statement[] {
  const { rng, traits } = scope;
  const nest = nesting < 4 ? 1 : 0;
  const operations = traits.operations ? 1 : 0;
  const kind = rng.weighted([
    [6, "let"],
    [7, "assign"],
    [5 * operations, "operation"],
    [2 * operations, "await"],
    [1.5 * operations, "evidence"],
    [2, "discard"],
    [scope.callees.some((callee) => callee.result === null) ? 2.5 : 0, "call"],
    [5 * nest, "if"],
    [5 * nest, "loop"],
    [2.5 * nest, "switch"],
    [0.7 * nest, "block"],
    [nesting > 0 ? 0 : scope.result === null ? 3 : 1, "guard"],
    [nesting === 0 ? 0 : leavesSeveral(scope) ? 5 : 2, "jump"],
  ]);
  switch (kind) {
    case "let":
      return [declaration(scope)];
    case "assign":
      return [assignment(scope)];
    case "operation":
      return [operation(scope)];
    case "await":
      return satisfiedAwait(scope);
    case "evidence":
      return [evidence(scope)];
    case "discard":
      return [discarded(scope)];
    case "call": {
      const call = callOf(scope, null, depth);
      return call === null ? [] : [{ kind: "expression", value: call }];
    }
    case "if":
      return [ifStatement(scope, nesting)];
    case "loop":
      return loopStatement(scope, nesting, block);
    case "switch":
      return [switchStatement(scope, nesting)];
    case "block":
      return [blockStatement(scope, nesting)];
    case "guard":
      return [guard(scope)];
    default:
      return [jump(scope)];
  }
}

/** An early return, as functions begin that check what they are given. */
function guard(scope: FunctionScope): Statement {
  const value = scope.result === null ? null : expression(scope, scope.result, 1);
  return { kind: "if", test: coin(scope), then: [{ kind: "return", value }], else: null };
}

export function declaration(scope: FunctionScope): Statement {
  const { rng } = scope;
  const type = rng.pick<Type>(["i32", "i32", "i32", "u32", "u32", "bool", "ptr"]);
  const isAddress = type === "ptr" && rng.chance(0.6);
  const value = isAddress ? address(scope, depth) : expression(scope, type, rng.between(0, depth));
  const local: Local = { name: scope.freshName(), type };
  const mutable = rng.chance(0.7);
  scope.declare(local, mutable && !isAddress, isAddress);
  return { kind: "let", local, mutable, annotated: rng.chance(0.7), value };
}

const compound: readonly AssignOperator[] = ["+=", "-=", "*=", "&=", "|=", "^=", "<<=", ">>=", ">>>="];

function assignment(scope: FunctionScope): Statement {
  const { rng } = scope;
  const assignable = scope.assignable();
  if (assignable.length === 0) return declaration(scope);
  const local = rng.pick(assignable);
  const { type } = local;
  if ((type === "i32" || type === "u32") && rng.chance(0.12))
    return { kind: "step", local, operator: rng.pick(["++", "--"]) };
  const kind = rng.below(10);
  if (type === "bool" || kind < 4) {
    return { kind: "assign", local, operator: "=", value: expression(scope, type, rng.between(0, depth)) };
  }
  if (type === "ptr") {
    return { kind: "assign", local, operator: rng.pick(["+=", "-="]), value: expression(scope, "i32", 2) };
  }
  if (kind === 9)
    return { kind: "assign", local, operator: rng.pick(["/=", "%="]), value: divisor(scope, type, 2) };
  // `>>>` makes a u32, which an i32 does not take.
  const operators = type === "u32" ? compound : compound.filter((operator) => operator !== ">>>=");
  const operator = rng.pick(operators);
  const valueType = /^(<<|>>)/.test(operator) ? rng.pick<Type>(["i32", "u32"]) : type;
  return { kind: "assign", local, operator, value: expression(scope, valueType, 2) };
}

/** An operation as a statement: a store, or one whose result nobody reads. */
function operation(scope: FunctionScope): Statement {
  const name = scope.rng.weighted<OperationName>([
    [5, "store"],
    [2, "storeRelease"],
    [2, "fetchAdd"],
    [1, "fetchAnd"],
    [1, "fetchOr"],
    [1, "exchange"],
    [1, "compareExchange"],
    [1, "load"],
    [1, "fence"],
    [0.5, "loadFence"],
    [0.5, "storeFence"],
  ]);
  return operationStatement(name, operands(scope, name, 2));
}

const handsNothingBack: ReadonlySet<OperationName> = new Set([
  "store",
  "storeRelease",
  "fence",
  "loadFence",
  "storeFence",
  "awaitEqual",
  "awaitNotEqual",
  "awaitAtLeast",
  "work",
  "mark",
  "rcuReadLock",
  "rcuReadUnlock",
  "synchronizeRcu",
  "quiescent",
  "callRcu",
  "spin",
  "allocated",
  "freed",
]);

function operationStatement(name: OperationName, args: readonly Expr[]): Statement {
  const type = handsNothingBack.has(name) ? null : "i32";
  return { kind: "expression", value: { kind: "operation", operation: name, args, type } };
}

/** An await whose cell is as it should be already: nobody else runs. */
function satisfiedAwait(scope: FunctionScope): Statement[] {
  const { rng } = scope;
  const cell = address(scope, 1);
  const loaded: Expr = { kind: "operation", operation: "load", args: [cell], type: "i32" };
  const form = rng.below(4);
  if (form === 0) {
    const local: Local = { name: scope.freshName(), type: "i32" };
    scope.declare(local, false);
    const value: Expr = { kind: "local", local, type: "i32" };
    return [
      {
        kind: "let",
        local,
        mutable: false,
        annotated: true,
        value: expression(scopeWithout(scope, local), "i32", 2),
      },
      operationStatement("store", [cell, value]),
      operationStatement("awaitEqual", [cell, value]),
    ];
  }
  if (form === 1) return [operationStatement("awaitEqual", [cell, loaded])];
  if (form === 2) {
    const other = binary(
      rng.pick(["+", "-", "^"]),
      loaded,
      literal(rng.pick([1, 7, 0x7fffffff]), "i32"),
      "i32",
    );
    return [operationStatement("awaitNotEqual", [cell, other])];
  }
  const less = binary("-", loaded, literal(rng.pick([0, 1, 100, 0x7fffffff]), "i32"), "i32");
  return [operationStatement("awaitAtLeast", [cell, less])];
}

/** The scope as it was before a local that is declared already: its own initialiser must not read it. */
function scopeWithout(scope: FunctionScope, local: Local): FunctionScope {
  const view = Object.create(scope) as FunctionScope;
  view.visible = scope.visible.filter((entry) => entry.local !== local);
  return view;
}

/** Marks, work, the clock, fences of the kernel: what engines record and programs cannot see. */
function evidence(scope: FunctionScope): Statement {
  const { rng, traits } = scope;
  const kind = rng.below(traits.kernelOperations ? 10 : 4);
  if (kind === 0) {
    const masked = binary("&", expression(scope, "i32", 1), literal(1023, "i32"), "i32");
    return operationStatement("work", [masked]);
  }
  if (kind < 4)
    return operationStatement("mark", [literal(rng.below(20), "i32"), expression(scope, "i32", 2)]);
  if (kind === 4)
    return operationStatement("allocated", [
      address(scope, 0),
      literal(rng.below(9), "i32"),
      literal(16, "i32"),
    ]);
  if (kind === 5) return operationStatement("freed", [address(scope, 0)]);
  if (kind === 6) return operationStatement("callRcu", [address(scope, 1), expression(scope, "i32", 1)]);
  if (kind === 7)
    return operationStatement("spin", [binary("&", expression(scope, "i32", 1), literal(3, "i32"), "i32")]);
  return operationStatement(rng.pick(["rcuReadLock", "rcuReadUnlock", "synchronizeRcu", "quiescent"]), []);
}

/** A call whose result is thrown away, or a local that nobody reads: faults in it have to survive. */
function discarded(scope: FunctionScope): Statement {
  const call = callOf(scope, scope.rng.pick<Type | null>([null, null, "i32", "u32", "bool", "ptr"]), depth);
  if (call !== null) return { kind: "expression", value: call };
  const type = scope.rng.pick<"i32" | "u32">(["i32", "u32"]);
  const value = binary(scope.rng.pick(["/", "%"]), expression(scope, type, 2), divisor(scope, type, 2), type);
  return { kind: "let", local: { name: scope.freshName(), type }, mutable: false, annotated: true, value };
}

function ifStatement(scope: FunctionScope, nesting: number): Statement {
  const test = scope.rng.chance(0.3) ? coin(scope) : expression(scope, "bool", depth);
  const then = block(scope, nesting + 1);
  return { kind: "if", test, then, else: scope.rng.chance(0.5) ? block(scope, nesting + 1) : null };
}

function blockStatement(scope: FunctionScope, nesting: number): Statement {
  const label = scope.rng.chance(0.6) ? scope.freshLabel() : null;
  // A labelled `if` is left by `break` as a block is.
  const make = (): Statement[] =>
    scope.rng.chance(0.3) ? scope.inner(() => [ifStatement(scope, nesting + 1)]) : block(scope, nesting + 1);
  const body = label === null ? make() : scope.within({ kind: "block", label }, make);
  return { kind: "block", label, body };
}

function switchStatement(scope: FunctionScope, nesting: number): Statement {
  const { rng } = scope;
  const type = rng.pick<"i32" | "u32">(["i32", "i32", "u32"]);
  const label = rng.chance(0.15) ? scope.freshLabel() : null;
  const subject = expression(scope, type, 2);
  // Mostly a subject that meets its cases: the low bits of something, often around zero, where i32 and u32 part.
  const lowest = rng.pick([0, 0, -1, -2]);
  const low = binary("&", subject, literal(3, type), type);
  const shifted = lowest === 0 ? low : binary("-", low, literal(-lowest, type), type);
  const value = rng.chance(0.8) ? shifted : subject;
  const used = new Set<bigint>();
  const clauses: SwitchClause[] = [];
  const clauseCount = rng.between(1, 4);
  const defaultAt = rng.chance(0.75) ? rng.below(clauseCount) : -1;
  for (let i = 0; i < clauseCount; i++) {
    const values: Expr[] = [];
    const wanted = i === defaultAt && rng.chance(0.5) ? 0 : rng.chance(0.2) ? 2 : 1;
    for (let v = 0; v < wanted; v++) {
      const candidate = literal(rng.chance(0.8) ? lowest + rng.below(4) : rng.bits(), type);
      if (candidate.kind !== "literal" || used.has(candidate.value)) continue;
      used.add(candidate.value);
      values.push(candidate);
    }
    if (values.length === 0 && i !== defaultAt) continue;
    const braces = rng.chance(0.5);
    const body = scope.within({ kind: "switch", label }, () =>
      block(scope, nesting + 1, braces ? "block" : "clause"),
    );
    const ended = ["break", "continue", "return"].includes(body.at(-1)?.kind ?? "");
    if (!ended && rng.chance(0.55))
      body.push({ kind: "break", label: label !== null && rng.chance(0.5) ? label : null });
    clauses.push({ values, isDefault: i === defaultAt, body, braces });
  }
  return { kind: "switch", label, value, clauses };
}

/** Labelled targets around the innermost loop, switch or block. */
function outerLabelled(scope: FunctionScope): readonly Target[] {
  return scope.targets.slice(0, -1).filter((target) => target.label !== null);
}

/** Whether a jump may leave more than one statement. */
function leavesSeveral(scope: FunctionScope): boolean {
  return outerLabelled(scope).length > 0;
}

/** `break`, `continue` or `return`, as far as the place allows; mostly under a condition of its own. */
function jump(scope: FunctionScope): Statement {
  const { rng } = scope;
  const made = jumpStatement(scope);
  if (made.kind === "assign" || made.kind === "let" || rng.chance(0.3)) return made;
  return { kind: "if", test: coin(scope), then: [made], else: null };
}

function jumpStatement(scope: FunctionScope): Statement {
  const { rng, targets, result } = scope;
  const loops = targets.filter((target) => target.kind === "loop");
  const outer = outerLabelled(scope);
  const outerLoops = outer.filter((target) => target.kind === "loop");
  const labelled =
    outer.length > 0 && rng.chance(0.7) ? outer : targets.filter((target) => target.label !== null);
  const labelledLoops =
    outerLoops.length > 0 && rng.chance(0.8) ? outerLoops : loops.filter((loop) => loop.label !== null);
  const breakable = targets.some((target) => target.kind !== "block");
  const kind = rng.weighted([
    [breakable ? 3 : 0, "break"],
    [labelled.length > 0 ? 3 : 0, "breakLabel"],
    [loops.length > 0 ? 3 : 0, "continue"],
    [labelledLoops.length > 0 ? 4 : 0, "continueLabel"],
    [1.5, "return"],
  ]);
  switch (kind) {
    case "break":
      return { kind: "break", label: null };
    case "breakLabel":
      return { kind: "break", label: rng.pick(labelled).label };
    case "continue":
      return { kind: "continue", label: null };
    case "continueLabel":
      return { kind: "continue", label: rng.pick(labelledLoops).label };
    default:
      return { kind: "return", value: result === null ? null : expression(scope, result, 2) };
  }
}
