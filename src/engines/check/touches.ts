/** What transitions touch, as DPOR sees it: fewer keys than the machine's where RCU's order is told otherwise (`grace-order.ts`). */
import { ActorWord } from "../../link/stepped/index.ts";
import { RcuHead } from "../../machine/memory-map.ts";
import { Op } from "../../machine/ops.ts";
import { type GraceOrder, Role } from "./grace-order.ts";
import type { CheckMachine } from "./machine.ts";
import { EntryKind } from "./store-buffers.ts";
import { type Transition, TransitionKind, transitionStride } from "./types.ts";

/** Touched by whoever takes a callback, where several actors do; behind all keys of the machine. */
export const takeKey = 0x3ffffff0;

export function isStore(op: Op): boolean {
  return op === Op.store || op === Op.storeRelease;
}

function isRmw(op: Op): boolean {
  return op >= Op.fetchAdd && op <= Op.compareExchange;
}

export function isAwait(op: Op): boolean {
  return op >= Op.awaitEqual && op <= Op.awaitAtLeast;
}

export class Touches {
  readonly isSc: boolean;
  /** Softirq actors. */
  readonly takers: number;
  private readonly machine: CheckMachine;
  private readonly grace: GraceOrder;

  constructor(machine: CheckMachine, grace: GraceOrder) {
    this.machine = machine;
    this.grace = grace;
    this.isSc = machine.problem.model === "sc";
    this.takers = machine.problem.actors.filter((actor) => actor.role === "softirq").length;
  }

  /** What a transition would touch, as events of this search touch it, into `machine.accesses.list`; how many keys. */
  accessesOf(transition: Transition, role: Role): number {
    const { grace, machine } = this;
    if (role === Role.leave || role === Role.waited) return 0;
    if (role !== Role.take) {
      return this.takesNothing(transition) ? 0 : machine.accesses.of(transition);
    }
    // Queueing the same head again is a mistake before it is taken and none afterwards; it writes this cell.
    const head = grace.headOf((transition % transitionStride) - TransitionKind.takeFrom);
    const { list } = machine.accesses;
    list[0] = ((head + RcuHead.callback) >> 2) * 2;
    list[1] = takeKey * 2 + 1;
    return this.takers > 1 ? 2 : 1;
  }

  /** Whether it is the end of all callbacks: a softirq actor sees that no more can come. */
  takesNothing(transition: Transition): boolean {
    const actor = Math.floor(transition / transitionStride);
    return (
      transition % transitionStride === TransitionKind.step && this.machine.pendingOp(actor) === Op.rcuTake
    );
  }

  /** The memory cell that a transition overwrites, or -1. */
  overwritten(transition: Transition): number {
    const { buffers } = this.machine.world;
    const actor = Math.floor(transition / transitionStride);
    if (transition % transitionStride === TransitionKind.flush) {
      const entry = buffers.entries[buffers.oldest(actor)] as number;
      return (entry & 3) === EntryKind.store ? entry >> 2 : -1;
    }
    const op = this.machine.pendingOp(actor);
    return isRmw(op) || (this.isSc && isStore(op)) ? this.operandCell(actor) : -1;
  }

  /** The cell that a transition only reads, or -1. */
  loaded(transition: Transition): number {
    if (transition % transitionStride !== TransitionKind.step) return -1;
    const actor = Math.floor(transition / transitionStride);
    const op = this.machine.pendingOp(actor);
    return op === Op.load || op === Op.loadAcquire || isAwait(op) ? this.operandCell(actor) : -1;
  }

  operandCell(actor: number): number {
    const { state, stride } = this.machine;
    return (state[actor * stride + ActorWord.operand0] as number) >> 2;
  }
}
