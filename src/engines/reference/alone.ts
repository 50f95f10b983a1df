/**
 * The fast path: one actor is the only one that can go on, nothing is checked and nothing recorded. It does single cell
 * operations without asking anybody; whatever else comes up goes to `World.perform` or back to the caller.
 */
import { ActorWord, type Step } from "../../link/stepped/index.ts";
import { nullBytes } from "../../machine/memory-map.ts";
import { Op } from "../../machine/ops.ts";
import type { World } from "./world.ts";

/** By operation: it concerns nobody else, so the actor may simply go on. */
const quiet = new Uint8Array(32);
for (const op of [Op.fence, Op.loadFence, Op.storeFence, Op.now, Op.mark, Op.work, Op.spin, Op.quiescent])
  quiet[op] = 1;
for (const op of [Op.rcuReadLock, Op.rcuReadUnlock, Op.allocated, Op.freed]) quiet[op] = 1;

/**
 * Runs an actor that waits for `pending` until it comes to an operation for the caller, or `endStep` is reached. Returns the
 * operation that it then waits for. Only while nobody is parked.
 */
export function runAlone(
  world: World,
  step: Step,
  actor: number,
  base: number,
  pending: Op,
  endStep: number,
): Op {
  const { memory, state, byOp } = world;
  const bytes = memory.length * 4;
  let op = pending;
  let steps = world.steps;
  while (steps < endStep) {
    let result = 0;
    if (op <= Op.compareExchange) {
      if (op === Op.done) break;
      const address = state[base + ActorWord.operand0] as number;
      if ((address & 3) !== 0 || address < nullBytes || address >= bytes) break;
      const cell = address >> 2;
      byOp[op] = (byOp[op] as number) + 1;
      if (op <= Op.loadAcquire) result = memory[cell] as number;
      else {
        const value = state[base + ActorWord.operand1] as number;
        if (op <= Op.storeRelease) memory[cell] = value;
        else {
          result = memory[cell] as number;
          if (op === Op.fetchAdd) memory[cell] = result + value;
          else if (op === Op.compareExchange) {
            if (result === value) memory[cell] = state[base + ActorWord.operand2] as number;
          } else if (op === Op.exchange) memory[cell] = value;
          else if (op === Op.fetchAnd) memory[cell] = result & value;
          else memory[cell] = result | value;
        }
      }
    } else {
      if (quiet[op] === 0) break;
      world.steps = steps;
      result = world.perform(op, actor, base);
      if (world.halted) return op;
    }
    steps++;
    op = step(state, base, result);
  }
  world.steps = steps;
  return op;
}
