/**
 * Functions that the back end adds to every module: waiting and burning time. They are shared and never copied into
 * their callers, so that a hot path carries only its first check.
 */
import { Op } from "../../machine/ops.ts";
import type { Ref, WasmContext } from "./context.ts";
import { CpuLine, runtimePrefix } from "./names.ts";

/** Tries before a waiter sleeps: some microseconds, longer than a lock is held while its owner runs. */
const awaitSpins = 500;

/**
 * Nobody notifies a waiter (plain stores cannot), so this bounds how late it looks again: long enough for an owner that was
 * pushed off its processor to run, short beside a scheduler's time slice of some milliseconds.
 */
const awaitSleepNs = 100_000;

/**
 * Spins of this length and above sleep instead, so that an idle CPU leaves its core to others. Shorter ones burn processor
 * time, as the user code they stand for does, and because a sleep ends late.
 */
const spinSleepNs = 1_000_000;

/**
 * How much later than asked a sleep ends: Linux's timer slack of 50 us (prctl(2), PR_SET_TIMERSLACK) and the way back to the
 * thread. Sleeps are shortened by it; what it varies by is little beside a millisecond.
 */
const sleepOvershootNs = 55_000;

export type AwaitOp = Op.awaitEqual | Op.awaitNotEqual | Op.awaitAtLeast;

/** Name of the slow path of an await operation. */
export function awaitFunction(op: AwaitOp): string {
  return `${runtimePrefix}${Op[op]}`;
}

/** Name of the function behind `spin`. */
export const spinFunction = `${runtimePrefix}spin`;
/** Name of the bare loop behind `spin`. */
export const spinLoopFunction = `${runtimePrefix}spinLoop`;

/** Whether the awaited condition holds for a cell's value. */
export function awaitHolds(context: WasmContext, op: AwaitOp, cell: Ref, value: Ref): Ref {
  const { i32 } = context.module;
  if (op === Op.awaitEqual) return i32.eq(cell, value);
  if (op === Op.awaitNotEqual) return i32.ne(cell, value);
  return i32.ge_s(i32.sub(cell, value), i32.const(0));
}

/** Name of the function behind `fetchAdd` where it is not inline. */
export const fetchAddFunction = `${runtimePrefix}fetchAdd`;

/** Name of the function that counts accesses until the next stall. */
export const stallFunction = `${runtimePrefix}stall`;

/** Adds the shared functions to the module. */
export function addRuntime(context: WasmContext): void {
  if (context.options.fetchAdd === "baseline") addFetchAdd(context);
  addAwait(context, Op.awaitEqual);
  addAwait(context, Op.awaitNotEqual);
  addAwait(context, Op.awaitAtLeast);
  addSpinLoop(context);
  addSpin(context);
  if (context.options.stalls !== false) addStall(context);
}

/** `()`: one access less until the engine is asked to hold this CPU up. The counter is the instance's: nobody shares it. */
function addStall(context: WasmContext): void {
  const { module: m, binaryen } = context;
  const counter = "stallIn";
  m.addGlobal(counter, binaryen.i32, true, m.i32.const(1));
  const left = (): Ref => m.global.get(counter, binaryen.i32);
  const body = m.block(null, [
    m.global.set(counter, m.i32.sub(left(), m.i32.const(1))),
    m.if(m.i32.eqz(left()), m.global.set(counter, m.call("stall", [], binaryen.i32))),
  ]);
  m.addFunction(stallFunction, binaryen.none, binaryen.none, [], body);
}

/** `(address, value)`: what was in the cell. `tier-hints.ts` says why this is a function. */
function addFetchAdd(context: WasmContext): void {
  const { module: m, binaryen } = context;
  const body = m.i32.atomic.rmw.add(0, m.local.get(0, binaryen.i32), m.local.get(1, binaryen.i32));
  const params = binaryen.createType([binaryen.i32, binaryen.i32]);
  m.addFunction(fetchAddFunction, params, binaryen.i32, [], body);
}

/** `(address, value)`: spin with atomic loads, then sleep on the value seen with a time-out, until the condition holds. */
function addAwait(context: WasmContext, op: AwaitOp): void {
  const { module: m, binaryen } = context;
  const get = (local: number): Ref => m.local.get(local, binaryen.i32);
  const [address, value, cell, spins] = [0, 1, 2, 3];
  const note = (field: CpuLine, what: Ref): Ref =>
    m.i32.store(field, 4, m.global.get("fenceAddress", binaryen.i32), what);
  const body = m.block(null, [
    m.block("met", [
      m.loop(
        "again",
        m.block(null, [
          m.local.set(spins, m.i32.const(awaitSpins)),
          m.loop(
            "spin",
            m.block(null, [
              m.local.set(cell, m.i32.atomic.load(0, get(address))),
              m.br_if("met", awaitHolds(context, op, get(cell), get(value))),
              m.local.set(spins, m.i32.sub(get(spins), m.i32.const(1))),
              m.br_if("spin", get(spins)),
            ]),
          ),
          note(CpuLine.awaitAddress, get(address)),
          note(CpuLine.awaitValue, get(value)),
          note(CpuLine.awaitOp, m.i32.const(op)),
          m.drop(m.memory.atomic.wait32(get(address), get(cell), m.i64.const(awaitSleepNs))),
          m.br("again"),
        ]),
      ),
    ]),
    note(CpuLine.awaitAddress, m.i32.const(0)),
  ]);
  const params = binaryen.createType([binaryen.i32, binaryen.i32]);
  m.addFunction(awaitFunction(op), params, binaryen.none, [binaryen.i32, binaryen.i32], body);
}

/** `(iterations)`: a chain of multiplications, each waiting for the last, so that a processor cannot overlap them. */
function addSpinLoop(context: WasmContext): void {
  const { module: m, binaryen } = context;
  const get = (local: number): Ref => m.local.get(local, binaryen.i32);
  const [count, chain] = [0, 1];
  const line = (): Ref => m.global.get("fenceAddress", binaryen.i32);
  const body = m.block("end", [
    m.br_if("end", m.i32.le_s(get(count), m.i32.const(0))),
    m.local.set(chain, m.i32.load(CpuLine.sink, 4, line())),
    m.loop(
      "more",
      m.block(null, [
        // Knuth's MMIX constants cut to 32 bits; any odd multiplier would do.
        m.local.set(
          chain,
          m.i32.add(m.i32.mul(get(chain), m.i32.const(1_664_525)), m.i32.const(1_013_904_223)),
        ),
        m.local.set(count, m.i32.sub(get(count), m.i32.const(1))),
        m.br_if("more", get(count)),
      ]),
    ),
    m.i32.store(CpuLine.sink, 4, line(), get(chain)),
  ]);
  m.addFunction(spinLoopFunction, binaryen.createType([binaryen.i32]), binaryen.none, [binaryen.i32], body);
}

/** `(ns)`: nothing for 0 and less, the loop for short times, sleep for long ones. */
function addSpin(context: WasmContext): void {
  const { module: m, binaryen } = context;
  const ns = (): Ref => m.local.get(0, binaryen.i32);
  const sleep = m.drop(
    m.memory.atomic.wait32(
      m.i32.add(m.global.get("fenceAddress", binaryen.i32), m.i32.const(CpuLine.sleep)),
      m.i32.const(0),
      m.i64.extend_s(m.i32.sub(ns(), m.i32.const(sleepOvershootNs))),
    ),
  );
  // Below 1,000,000 ns the product stays under 2^32 for up to 4,294 iterations per us, four times what a processor does.
  const iterations = m.i32.div_u(
    m.i32.mul(ns(), m.global.get("spinsPerUs", binaryen.i32)),
    m.i32.const(1000),
  );
  const body = m.if(
    m.i32.ge_s(ns(), m.i32.const(spinSleepNs)),
    sleep,
    m.if(m.i32.gt_s(ns(), m.i32.const(0)), m.call(spinLoopFunction, [iterations], binaryen.none)),
  );
  m.addFunction(spinFunction, binaryen.createType([binaryen.i32]), binaryen.none, [], body);
}
