/**
 * Machines that say less than the truth about what a transition touches. A search that believes one of them leaves out what
 * it must not; the fuzz has to notice.
 */
import { CheckMachine } from "../../src/engines/check/machine.ts";
import { EntryKind } from "../../src/engines/check/store-buffers.ts";
import { type Transition, TransitionKind, transitionStride } from "../../src/engines/check/types.ts";
import { ActorWord } from "../../src/link/stepped/index.ts";
import { Op } from "../../src/machine/ops.ts";

class AwaitsReadNothing extends CheckMachine {
  override pendingAccesses(actor: number): number {
    const op = this.pendingOp(actor);
    return op >= Op.awaitEqual && op <= Op.awaitAtLeast ? 0 : super.pendingAccesses(actor);
  }
}

/** What the oldest entry of the actor's store buffer is. */
function oldestEntry(machine: CheckMachine, actor: number): EntryKind {
  const { buffers } = machine.world;
  return ((buffers.entries[buffers.oldest(actor)] as number) & 3) as EntryKind;
}

class FlushesWriteNothing extends CheckMachine {
  override accessesOf(t: Transition): number {
    const count = super.accessesOf(t);
    if (t % transitionStride !== TransitionKind.flush) return count;
    return oldestEntry(this, Math.floor(t / transitionStride)) === EntryKind.store ? 0 : count;
  }
}

class FreedTouchesNothing extends CheckMachine {
  override accessesOf(t: Transition): number {
    const count = super.accessesOf(t);
    if (t % transitionStride !== TransitionKind.flush) return count;
    return oldestEntry(this, Math.floor(t / transitionStride)) === EntryKind.freed ? 0 : count;
  }
  override pendingAccesses(actor: number): number {
    return this.pendingOp(actor) === Op.freed ? 0 : super.pendingAccesses(actor);
  }
}

class ForwardedLoadsReadNothing extends CheckMachine {
  override pendingAccesses(actor: number): number {
    const op = this.pendingOp(actor);
    if (op === Op.load || op === Op.loadAcquire) {
      const address = this.state[actor * this.stride + ActorWord.operand0] as number;
      if (this.world.buffers.newestStore(actor, address) >= 0) return 0;
    }
    return super.pendingAccesses(actor);
  }
}

export const checkMutants: readonly [string, typeof CheckMachine][] = [
  ["awaits read nothing", AwaitsReadNothing],
  ["a flush writes nothing", FlushesWriteNothing],
  ["the end of an object touches nothing", FreedTouchesNothing],
  ["a load from the own buffer reads nothing", ForwardedLoadsReadNothing],
];
