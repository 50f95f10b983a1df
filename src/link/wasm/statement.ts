/** Structured statements map one to one onto WebAssembly's blocks, loops and branches. */
import type { IrStatement } from "../ir.ts";
import { type FunctionScope, faultWith, functionName, type Ref } from "./context.ts";
import { emitExpression } from "./expression.ts";
import { emitOperation } from "./operation.ts";

type Of<K extends IrStatement["kind"]> = Extract<IrStatement, { kind: K }>;

/** A list of statements as one expression without a value. */
export function emitBlock(
  scope: FunctionScope,
  statements: readonly IrStatement[],
  label: string | null = null,
): Ref {
  const { module: m, binaryen } = scope;
  const children = statements.map((statement) => emitStatement(scope, statement));
  const only = children[0];
  if (label === null && children.length === 1 && only !== undefined) return only;
  return label === null ? m.block(null, children, binaryen.auto) : m.block(label, children, binaryen.none);
}

function blockName(label: number): string {
  return `b${label}`;
}

function loopName(label: number): string {
  return `l${label}`;
}

function emitStatement(scope: FunctionScope, statement: IrStatement): Ref {
  const { module: m } = scope;
  switch (statement.kind) {
    case "assign":
      return m.local.set(statement.local, emitExpression(scope, statement.value));
    case "op":
      return emitOperation(scope, statement);
    case "divide":
      return emitDivide(scope, statement);
    case "call":
      return emitCall(scope, statement);
    case "if": {
      const test = emitExpression(scope, statement.test);
      const then = emitBlock(scope, statement.then);
      return statement.else.length === 0
        ? m.if(test, then)
        : m.if(test, then, emitBlock(scope, statement.else));
    }
    case "block":
      return emitBlock(scope, statement.body, blockName(statement.label));
    case "loop": {
      const name = loopName(statement.label);
      return m.loop(name, m.block(null, [emitBlock(scope, statement.body), m.br(name)]));
    }
    case "break":
      return m.br(blockName(statement.label));
    case "continue":
      return m.br(loopName(statement.label));
    case "switch":
      return emitSwitch(scope, statement);
    case "return":
      return statement.value === null ? m.return() : m.return(emitExpression(scope, statement.value));
    case "fault":
      return faultWith(scope, statement.reason);
  }
}

/**
 * Division by zero traps by itself; -2^31 / -1 traps in WebAssembly but is -2^31 here, so a divisor of -1 negates
 * (wrapping) instead. `rem_s` gives 0 for -1 by itself.
 */
function emitDivide(scope: FunctionScope, statement: Of<"divide">): Ref {
  const { module: m, binaryen } = scope;
  const left = emitExpression(scope, statement.left);
  const right = emitExpression(scope, statement.right);
  if (statement.op === "divU") return m.local.set(statement.result, m.i32.div_u(left, right));
  if (statement.op === "remU") return m.local.set(statement.result, m.i32.rem_u(left, right));
  if (statement.op === "remS") return m.local.set(statement.result, m.i32.rem_s(left, right));
  const [dividend, divisor] = [scope.scratch(), scope.scratch()];
  const get = (local: number): Ref => m.local.get(local, binaryen.i32);
  return m.block(null, [
    m.local.set(dividend, left),
    m.local.set(divisor, right),
    m.local.set(
      statement.result,
      m.if(
        m.i32.eq(get(divisor), m.i32.const(-1)),
        m.i32.sub(m.i32.const(0), get(dividend)),
        m.i32.div_s(get(dividend), get(divisor)),
      ),
    ),
  ]);
}

function emitCall(scope: FunctionScope, statement: Of<"call">): Ref {
  const { module: m, binaryen, program } = scope;
  const callee = program.functions[statement.callee];
  if (callee === undefined)
    throw new Error(`${scope.fn.name} calls function ${statement.callee}, which does not exist`);
  const operands = statement.args.map((argument) => emitExpression(scope, argument));
  const call = m.call(functionName(callee), operands, callee.result === null ? binaryen.none : binaryen.i32);
  if (callee.result === null) return call;
  return statement.result === null ? m.drop(call) : m.local.set(statement.result, call);
}

/** A jump table may have this many entries beyond four per case before comparisons are used instead. */
const tableSlack = 16;

function emitSwitch(scope: FunctionScope, statement: Of<"switch">): Ref {
  const { module: m, binaryen } = scope;
  const fallback = blockName(statement.default);
  const value = emitExpression(scope, statement.value);
  const values = statement.cases.map((one) => one.value);
  if (values.length === 0) return m.block(null, [m.drop(value), m.br(fallback)]);
  const low = Math.min(...values);
  const span = Math.max(...values) - low + 1;
  if (values.length > 2 && span <= 4 * values.length + tableSlack) {
    const labels = new Array<string>(span).fill(fallback);
    for (const one of statement.cases) labels[one.value - low] = blockName(one.label);
    return m.switch(labels, fallback, low === 0 ? value : m.i32.sub(value, m.i32.const(low)));
  }
  const local = scope.scratch();
  return m.block(null, [
    m.local.set(local, value),
    ...statement.cases.map((one) =>
      m.br_if(blockName(one.label), m.i32.eq(m.local.get(local, binaryen.i32), m.i32.const(one.value))),
    ),
    m.br(fallback),
  ]);
}
