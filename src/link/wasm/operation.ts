/** Machine operations as WebAssembly; `test/link/wasm-operations.test.ts` reads what comes out of each. */
import { Boot, nullBytes } from "../../machine/memory-map.ts";
import { FaultReason, Op, type OpClass, opByCode } from "../../machine/ops.ts";
import type { IrExpr, IrStatement } from "../ir.ts";
import { type FunctionScope, faultWith, functionName, type Ref } from "./context.ts";
import { emitExpression } from "./expression.ts";
import { CpuLine } from "./names.ts";
import { emitPlainLoad } from "./plain-loads.ts";
import {
  type AwaitOp,
  awaitFunction,
  awaitHolds,
  fetchAddFunction,
  spinFunction,
  stallFunction,
} from "./runtime.ts";

type IrOperation = Extract<IrStatement, { kind: "op" }>;

/** Operations that a build with `stalls` may be held up before. */
const accesses: ReadonlySet<OpClass> = new Set(["load", "store", "rmw", "fence"]);

/** One operation with its result, if it has one, in the statement's local. */
export function emitOperation(scope: FunctionScope, statement: IrOperation): Ref {
  const { module: m } = scope;
  const before: Ref[] = [];
  const { stalls } = scope.options;
  const mayStall = typeof stalls === "function" ? stalls(scope.fn) : stalls;
  if (mayStall && accesses.has(opByCode(statement.op).class)) {
    before.push(m.call(stallFunction, [], scope.binaryen.none));
  }
  const value = emitValue(scope, statement, before);
  let main: Ref;
  if (value.result === null) main = value.effect;
  else if (statement.result === null) main = m.drop(value.result);
  else main = m.local.set(statement.result, value.result);
  return before.length === 0 ? main : m.block(null, [...before, main]);
}

type Emitted = { result: Ref } | { result: null; effect: Ref };

function effect(ref: Ref): Emitted {
  return { result: null, effect: ref };
}

function emitValue(scope: FunctionScope, statement: IrOperation, before: Ref[]): Emitted {
  const { module: m, options } = scope;
  const operand = (index: number): Ref => emitExpression(scope, argument(statement, index));
  const address = (): Ref => emitAddress(scope, argument(statement, 0), before);
  const { atomic } = m.i32;
  switch (statement.op) {
    case Op.load:
      if (options.loads === "plain") return { result: emitPlainLoad(scope, address()) };
      return { result: atomic.load(0, address()) };
    case Op.loadAcquire:
      return { result: atomic.load(0, address()) };
    case Op.store:
      return effect(m.i32.store(0, 4, address(), operand(1)));
    case Op.storeRelease:
      if (options.ordering === "tso") return effect(m.i32.store(0, 4, address(), operand(1)));
      return effect(atomic.store(0, address(), operand(1)));
    case Op.fetchAdd:
      if (options.fetchAdd === "inline") return { result: atomic.rmw.add(0, address(), operand(1)) };
      return { result: m.call(fetchAddFunction, [address(), operand(1)], scope.binaryen.i32) };
    case Op.fetchAnd:
      return { result: atomic.rmw.and(0, address(), operand(1)) };
    case Op.fetchOr:
      return { result: atomic.rmw.or(0, address(), operand(1)) };
    case Op.exchange:
      return { result: atomic.rmw.xchg(0, address(), operand(1)) };
    case Op.compareExchange:
      return { result: atomic.rmw.cmpxchg(0, address(), operand(1), operand(2)) };
    case Op.fence:
      return effect(emitFence(scope));
    case Op.loadFence:
    case Op.storeFence:
      return effect(options.ordering === "tso" ? m.nop() : emitFence(scope));
    case Op.awaitEqual:
    case Op.awaitNotEqual:
    case Op.awaitAtLeast:
      return effect(emitAwait(scope, statement.op, statement, before));
    case Op.now:
      return { result: atomic.load(0, m.i32.const(Boot.tick)) };
    case Op.spin:
      return effect(m.call(spinFunction, [operand(0)], scope.binaryen.none));
    case Op.mark:
    case Op.allocated:
    case Op.freed:
      return effect(emitEvidence(scope, statement));
    // Read sections are free: an unlinked object outlives every quiescent state that a CPU has yet to pass.
    case Op.rcuReadLock:
    case Op.rcuReadUnlock:
      return effect(
        scope.program.lowerings.get(statement.op) == null ? m.nop() : emitLowered(scope, statement),
      );
    case Op.callRcu:
    case Op.synchronizeRcu:
    case Op.quiescent:
    case Op.work:
      return effect(emitLowered(scope, statement));
    case Op.rcuTake:
      // The compiled build runs callbacks at quiescent states; only stepped engines have a soft interrupt that takes.
      return effect(m.unreachable());
    case Op.fault:
    case Op.done:
      throw new Error(`a program cannot name the operation ${Op[statement.op]}`);
  }
}

function argument(statement: IrOperation, index: number): IrExpr {
  const found = statement.args[index];
  if (found === undefined) throw new Error(`${Op[statement.op]} lacks operand ${index}`);
  return found;
}

/**
 * A full barrier: an exchange on a line that no other CPU touches. binaryen and V8 keep it because an atomic access orders
 * all memory. The kernel's `lock addl` would be an addition, but V8 11.3 builds atomic additions as a load and a
 * compare-exchange loop: a hazard pointer's acquire and release cost 8.0 ns so, 6.2 ns with `xchg`, 6.5 ns with `lock addl`
 * in C on the same machine. `atomic.fence` becomes `mfence`, five times as dear.
 */
function emitFence(scope: FunctionScope): Ref {
  const { module: m, binaryen } = scope;
  return m.drop(
    m.i32.atomic.rmw.xchg(CpuLine.fence, m.global.get("fenceAddress", binaryen.i32), m.i32.const(0)),
  );
}

/** An address operand; with `checks`, tests that refuse what native code would let pass go to `before`. */
function emitAddress(scope: FunctionScope, expression: IrExpr, before: Ref[]): Ref {
  const { module: m, binaryen, options } = scope;
  if (!options.checks) return emitExpression(scope, expression);
  const local = scope.scratch();
  const get = (): Ref => m.local.get(local, binaryen.i32);
  before.push(
    m.local.set(local, emitExpression(scope, expression)),
    m.if(m.i32.and(get(), m.i32.const(3)), faultWith(scope, FaultReason.misaligned)),
    m.if(m.i32.lt_u(get(), m.i32.const(nullBytes)), faultWith(scope, FaultReason.outOfRange)),
  );
  return get();
}

/** The check that usually holds, and a call of the shared slow path where it does not. */
function emitAwait(scope: FunctionScope, op: AwaitOp, statement: IrOperation, before: Ref[]): Ref {
  const { module: m, binaryen } = scope;
  const address = once(scope, emitAddress(scope, argument(statement, 0), before), before);
  const value = once(scope, emitExpression(scope, argument(statement, 1)), before);
  const holds = awaitHolds(scope, op, m.i32.atomic.load(0, address()), value());
  return m.if(m.i32.eqz(holds), m.call(awaitFunction(op), [address(), value()], binaryen.none));
}

/** Evaluates into a scratch local, so that it can be used several times; the optimiser removes needless ones. */
function once(scope: FunctionScope, value: Ref, before: Ref[]): () => Ref {
  const { module: m, binaryen } = scope;
  const local = scope.scratch();
  before.push(m.local.set(local, value));
  return () => m.local.get(local, binaryen.i32);
}

function emitEvidence(scope: FunctionScope, statement: IrOperation): Ref {
  const { module: m, binaryen, options } = scope;
  if (!options.evidence) return m.nop();
  const operands = statement.args.map((expression) => emitExpression(scope, expression));
  return m.call(Op[statement.op], operands, binaryen.none);
}

/** Operations that are functions of the program in a compiled build: RCU and work. */
function emitLowered(scope: FunctionScope, statement: IrOperation): Ref {
  const { module: m, binaryen, program } = scope;
  const id = program.lowerings.get(statement.op);
  if (id === null) return m.nop();
  const callee = id === undefined ? undefined : program.functions[id];
  if (callee === undefined) {
    throw new Error(
      `${scope.fn.name} uses ${Op[statement.op]}, which this program does not lower to a function`,
    );
  }
  const operands = statement.args.map((expression) => emitExpression(scope, expression));
  const call = m.call(functionName(callee), operands, callee.result === null ? binaryen.none : binaryen.i32);
  return callee.result === null ? call : m.drop(call);
}
