/**
 * Inlining on the typed form: the output is the same program with fewer calls, and every position in it knows the chain of
 * calls that was dissolved around it.
 *
 * Two rounds, callees before callers: first every callee that is small enough, then what only one place still calls (a
 * slow path stays out of the small functions that are copied everywhere, and costs no second copy where it ends up).
 */
import type { IrExpr, IrFunction, IrPosition, IrProgram, IrStatement } from "../ir.ts";
import { unassignedAtEntry } from "./liveness.ts";
import type { ChainFrame } from "./program.ts";
import { isCheap, rewrite } from "./simplify.ts";
import { tidy } from "./tidy.ts";
import { weigh } from "./weight.ts";

/** A position in inlined code: the function that was written there, and where that one was called. */
interface InlinedPosition extends IrPosition {
  /** Index into `IrProgram.functions`. */
  readonly function: number;
  readonly inlinedAt: InlinedPosition | null;
}

export interface InlineLimits {
  /** Callees up to this many characters of generated JavaScript (an estimate) are copied to where they are called. */
  readonly maxCallee: number;
  /** No function grows beyond this many characters by copying. */
  readonly maxCaller: number;
  /** Whether a function with a single call goes there whatever its size. */
  readonly mergeSingle: boolean;
}

/** The calls that lead to a position within one function's code, outermost first. */
export function chainOf(program: IrProgram, owner: number, position: IrPosition): ChainFrame[] {
  const frames: ChainFrame[] = [];
  let at: (IrPosition & Partial<InlinedPosition>) | null = position;
  while (at !== null) {
    const fn = program.functions[at.function ?? owner] as IrFunction;
    frames.push({
      function: fn.name,
      file: program.files[at.file] ?? "?",
      instance: fn.instance,
      line: at.line,
      column: at.column,
    });
    at = at.inlinedAt ?? null;
  }
  return frames.reverse();
}

/** Whether a position lies in a strategy instance's function or was called by one. */
export function chainInStrategy(program: IrProgram, owner: number, position: IrPosition): boolean {
  return chainOf(program, owner, position).some((frame) => frame.instance !== null);
}

/** Calls `visit` with every statement, those within others included. */
function eachStatement(statements: readonly IrStatement[], visit: (statement: IrStatement) => void): void {
  for (const statement of statements) {
    visit(statement);
    if (statement.kind === "if") {
      eachStatement(statement.then, visit);
      eachStatement(statement.else, visit);
    } else if (statement.kind === "block" || statement.kind === "loop") eachStatement(statement.body, visit);
  }
}

function assignedLocals(fn: IrFunction): Set<number> {
  const assigned = new Set<number>();
  eachStatement(fn.body, (statement) => {
    if (statement.kind === "assign") assigned.add(statement.local);
    else if (statement.kind === "op" || statement.kind === "call" || statement.kind === "divide") {
      if (statement.result !== null) assigned.add(statement.result);
    }
  });
  return assigned;
}

function highestLabel(statements: readonly IrStatement[]): number {
  let highest = -1;
  eachStatement(statements, (statement) => {
    if (statement.kind === "block" || statement.kind === "loop") highest = Math.max(highest, statement.label);
  });
  return highest;
}

/** What is asked of a callee wherever it is copied. */
interface CalleeFacts {
  readonly weight: number;
  readonly assigned: ReadonlySet<number>;
  readonly unassigned: readonly number[];
  /** Labels that a copy needs. */
  readonly labels: number;
}

const factsOf = new WeakMap<IrFunction, CalleeFacts>();

function facts(fn: IrFunction): CalleeFacts {
  let known = factsOf.get(fn);
  if (known === undefined) {
    known = {
      weight: weigh(fn.body),
      assigned: assignedLocals(fn),
      unassigned: unassignedAtEntry(fn),
      labels: highestLabel(fn.body) + 1,
    };
    factsOf.set(fn, known);
  }
  return known;
}

type Call = Extract<IrStatement, { kind: "call" }>;

/** A function while callees are copied into it. */
class Caller {
  readonly locals: IrFunction["locals"][number][];
  private nextLabel: number;
  weight: number;
  private readonly fn: IrFunction;

  constructor(fn: IrFunction) {
    this.fn = fn;
    this.locals = [...fn.locals];
    this.nextLabel = highestLabel(fn.body) + 1;
    this.weight = weigh(fn.body);
  }

  /** The statements that do what `call` does. */
  splice(call: Call, callee: IrFunction): IrStatement[] {
    const { weight, assigned, unassigned, labels } = facts(callee);
    this.weight += weight;
    const base = this.locals.length;
    this.locals.push(...callee.locals);
    const labelBase = this.nextLabel;
    const exit = labelBase + labels;
    this.nextLabel = exit + 1;
    const callPosition = this.annotate(call.position);

    const out: IrStatement[] = [];
    const substitutes = new Map<number, IrExpr>();
    for (let i = 0; i < callee.parameters; i++) {
      const arg = call.args[i] as IrExpr;
      if (!assigned.has(i) && isCheap(arg)) substitutes.set(i, arg);
      else out.push({ kind: "assign", local: base + i, value: arg, position: callPosition });
    }
    for (const local of unassigned) {
      const value: IrExpr = { kind: "const", value: 0, type: callee.locals[local]?.type ?? "i32" };
      out.push({ kind: "assign", local: base + local, value, position: callPosition });
    }

    const rebased = new Map<IrPosition, InlinedPosition>();
    const rebase = (position: IrPosition): InlinedPosition => {
      const known = rebased.get(position);
      if (known !== undefined) return known;
      const inner = position as IrPosition & Partial<InlinedPosition>;
      const result: InlinedPosition = {
        file: position.file,
        line: position.line,
        column: position.column,
        function: inner.function ?? callee.id,
        inlinedAt:
          inner.inlinedAt === undefined || inner.inlinedAt === null ? callPosition : rebase(inner.inlinedAt),
      };
      rebased.set(position, result);
      return result;
    };
    const expr = (value: IrExpr): IrExpr =>
      rewrite(value, (local) => substitutes.get(local.local) ?? { ...local, local: local.local + base });
    const local = (index: number | null): number | null => (index === null ? null : index + base);
    const list = (statements: readonly IrStatement[]): IrStatement[] => statements.flatMap(one);
    const one = (statement: IrStatement): IrStatement[] => {
      switch (statement.kind) {
        case "assign":
          return [
            {
              ...statement,
              local: statement.local + base,
              value: expr(statement.value),
              position: rebase(statement.position),
            },
          ];
        case "op":
        case "call":
          return [
            {
              ...statement,
              args: statement.args.map(expr),
              result: local(statement.result),
              position: rebase(statement.position),
            },
          ];
        case "divide":
          return [
            {
              ...statement,
              left: expr(statement.left),
              right: expr(statement.right),
              result: statement.result + base,
              position: rebase(statement.position),
            },
          ];
        case "if":
          return [
            {
              kind: "if",
              test: expr(statement.test),
              then: list(statement.then),
              else: list(statement.else),
            },
          ];
        case "block":
        case "loop":
          return [{ ...statement, label: statement.label + labelBase, body: list(statement.body) }];
        case "break":
        case "continue":
          return [{ ...statement, label: statement.label + labelBase }];
        case "switch":
          return [
            {
              kind: "switch",
              value: expr(statement.value),
              cases: statement.cases.map((entry) => ({ value: entry.value, label: entry.label + labelBase })),
              default: statement.default + labelBase,
            },
          ];
        case "return": {
          const leave: IrStatement = { kind: "break", label: exit };
          if (call.result === null || statement.value === null) return [leave];
          const value = expr(statement.value);
          return [{ kind: "assign", local: call.result, value, position: callPosition }, leave];
        }
        case "fault":
          return [{ ...statement, position: rebase(statement.position) }];
      }
    };
    out.push({ kind: "block", label: exit, body: list(callee.body) });
    return out;
  }

  private annotate(position: IrPosition): InlinedPosition {
    if ("function" in position) return position as InlinedPosition;
    return { ...position, function: this.fn.id, inlinedAt: null };
  }
}

function replaceCalls(
  statements: readonly IrStatement[],
  replace: (call: Call) => IrStatement[] | null,
): IrStatement[] {
  return statements.flatMap((statement): IrStatement[] => {
    switch (statement.kind) {
      case "call":
        return replace(statement) ?? [statement];
      case "if":
        return [
          {
            ...statement,
            then: replaceCalls(statement.then, replace),
            else: replaceCalls(statement.else, replace),
          },
        ];
      case "block":
      case "loop":
        return [{ ...statement, body: replaceCalls(statement.body, replace) }];
      default:
        return [statement];
    }
  });
}

function inlineInto(
  fn: IrFunction,
  callees: readonly IrFunction[],
  wanted: (callee: IrFunction, weight: number) => boolean,
): IrFunction {
  const caller = new Caller(fn);
  let changed = false;
  const body = replaceCalls(fn.body, (call) => {
    const callee = callees[call.callee] as IrFunction;
    if (!wanted(callee, caller.weight)) return null;
    changed = true;
    return caller.splice(call, callee);
  });
  return changed ? { ...fn, locals: caller.locals, body: tidy(body) } : fn;
}

/** The functions that entries reach through calls that are left, callers before callees. */
export function reachableFunctions(
  functions: readonly IrFunction[],
  roots: Iterable<number>,
): { readonly order: readonly number[]; readonly calls: ReadonlyMap<number, number> } {
  const order: number[] = [];
  const calls = new Map<number, number>();
  const visit = (id: number): void => {
    order.push(id);
    eachStatement((functions[id] as IrFunction).body, (statement) => {
      if (statement.kind !== "call") return;
      const before = calls.get(statement.callee) ?? 0;
      calls.set(statement.callee, before + 1);
      if (before === 0 && !order.includes(statement.callee)) visit(statement.callee);
    });
  };
  for (const root of roots) if (!order.includes(root)) visit(root);
  return { order, calls };
}

/** The program with calls dissolved as far as `limits` allow. Functions keep their ids; some are no longer called. */
export function inlineProgram(program: IrProgram, limits: InlineLimits): IrProgram {
  const small: IrFunction[] = [];
  for (const source of program.functions) {
    const fn = { ...source, body: tidy(source.body) };
    const inlined = inlineInto(fn, small, (callee, callerWeight) => {
      const { weight } = facts(callee);
      return weight <= limits.maxCallee && callerWeight + weight <= limits.maxCaller;
    });
    small.push(inlined);
  }
  if (!limits.mergeSingle) return { ...program, functions: small };

  const roots = new Set(program.entries.values());
  const { calls } = reachableFunctions(small, roots);
  const merged: IrFunction[] = [];
  for (const fn of small) {
    merged.push(inlineInto(fn, merged, (callee) => calls.get(callee.id) === 1 && !roots.has(callee.id)));
  }
  return { ...program, functions: merged };
}
