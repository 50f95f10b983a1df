/**
 * The instruction set as data: one number per operation, with what the linker and the engines must know of it.
 * The functions that portable code calls, with their documentation, are in `index.ts`; a test keeps the two equal.
 */

/** Operation codes as a stepped program returns them. */
export enum Op {
  /** The entry function returned; its value is in the actor's return word. */
  done = 0,
  load = 1,
  loadAcquire = 2,
  store = 3,
  storeRelease = 4,
  fetchAdd = 5,
  fetchAnd = 6,
  fetchOr = 7,
  exchange = 8,
  compareExchange = 9,
  fence = 10,
  loadFence = 11,
  storeFence = 12,
  awaitEqual = 13,
  awaitNotEqual = 14,
  awaitAtLeast = 15,
  rcuReadLock = 16,
  rcuReadUnlock = 17,
  callRcu = 18,
  synchronizeRcu = 19,
  allocated = 20,
  freed = 21,
  work = 22,
  now = 23,
  mark = 24,
  quiescent = 25,
  /** For the kernel only: waits for the next RCU callback whose grace period is over. */
  rcuTake = 26,
  /** For the kernel only: burns processor time without being quiescent. */
  spin = 27,
  /** Portable code did something that has no meaning; operand 0 is a `FaultReason`. */
  fault = 28,
}

/** What an operation does to memory, for engines that charge or order it. */
export type OpClass = "load" | "store" | "rmw" | "fence" | "await" | "rcu" | "evidence" | "end";

export interface OpInfo {
  readonly op: Op;
  readonly name: string;
  /** Names of the operands; the first three go into the actor's operand words in this order. */
  readonly operands: readonly string[];
  /** Whether the engine hands a value back (a memory cell, taken as i32, u32 or ptr by its destination). */
  readonly returns: boolean;
  readonly class: OpClass;
}

function info(op: Op, operands: readonly string[], returns: boolean, opClass: OpClass): OpInfo {
  return { op, name: Op[op], operands, returns, class: opClass };
}

/** Every operation that portable code can name, in order of its code. */
export const opTable: readonly OpInfo[] = [
  info(Op.load, ["address"], true, "load"),
  info(Op.loadAcquire, ["address"], true, "load"),
  info(Op.store, ["address", "value"], false, "store"),
  info(Op.storeRelease, ["address", "value"], false, "store"),
  info(Op.fetchAdd, ["address", "value"], true, "rmw"),
  info(Op.fetchAnd, ["address", "value"], true, "rmw"),
  info(Op.fetchOr, ["address", "value"], true, "rmw"),
  info(Op.exchange, ["address", "value"], true, "rmw"),
  info(Op.compareExchange, ["address", "expected", "desired"], true, "rmw"),
  info(Op.fence, [], false, "fence"),
  info(Op.loadFence, [], false, "fence"),
  info(Op.storeFence, [], false, "fence"),
  info(Op.awaitEqual, ["address", "value"], false, "await"),
  info(Op.awaitNotEqual, ["address", "value"], false, "await"),
  info(Op.awaitAtLeast, ["address", "value"], false, "await"),
  info(Op.rcuReadLock, [], false, "rcu"),
  info(Op.rcuReadUnlock, [], false, "rcu"),
  info(Op.callRcu, ["head", "callback"], false, "rcu"),
  info(Op.synchronizeRcu, [], false, "rcu"),
  info(Op.allocated, ["address", "kind", "bytes"], false, "evidence"),
  info(Op.freed, ["address"], false, "evidence"),
  info(Op.work, ["ns"], false, "evidence"),
  info(Op.now, [], true, "evidence"),
  info(Op.mark, ["event", "argument"], false, "evidence"),
  info(Op.quiescent, [], false, "rcu"),
  info(Op.rcuTake, [], true, "rcu"),
  info(Op.spin, ["ns"], false, "evidence"),
];

const byName = new Map(opTable.map((entry) => [entry.name, entry]));
const byCode = new Map(opTable.map((entry) => [entry.op, entry]));

/** The operation called `name`, or undefined where portable code names something else. */
export function opByName(name: string): OpInfo | undefined {
  return byName.get(name);
}

/** The operation with that code; throws for `done`, `fault` and unknown codes. */
export function opByCode(op: Op): OpInfo {
  const entry = byCode.get(op);
  if (entry === undefined) throw new Error(`no operation has the code ${op}`);
  return entry;
}

/** Why portable code stopped; the first operand of `Op.fault`. */
export enum FaultReason {
  divideByZero = 1,
  /** An address that is not a multiple of 4. */
  misaligned = 2,
  /** An address outside the machine's memory, or inside the null line (0 to 63). */
  outOfRange = 3,
  /** Control reached the end of a function that returns a value. */
  noReturn = 4,
  /** A loop without any operation made more rounds than stepped programs allow. */
  endlessLoop = 5,
}
