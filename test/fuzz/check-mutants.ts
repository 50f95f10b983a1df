/**
 * Machines that say less than the truth about what a transition touches. A search that believes one of them leaves out what
 * it must not; the fuzz has to notice.
 */
import { Accesses } from "../../src/engines/check/accesses.ts";
import type { Actors } from "../../src/engines/check/actors.ts";
import { CheckMachine } from "../../src/engines/check/machine.ts";
import { EntryKind } from "../../src/engines/check/store-buffers.ts";
import { type Transition, TransitionKind, transitionStride } from "../../src/engines/check/types.ts";
import { ActorWord } from "../../src/link/stepped/index.ts";
import { Op } from "../../src/machine/ops.ts";

class AwaitsReadNothing extends Accesses {
  override pending(actor: number): number {
    const op = this.actors.pendingOp(actor);
    return op >= Op.awaitEqual && op <= Op.awaitAtLeast ? 0 : super.pending(actor);
  }
}

/** What the oldest entry of the actor's store buffer is. */
function oldestEntry(actors: Actors, actor: number): EntryKind {
  const { buffers } = actors.world;
  return ((buffers.entries[buffers.oldest(actor)] as number) & 3) as EntryKind;
}

class FlushesWriteNothing extends Accesses {
  override of(t: Transition): number {
    const count = super.of(t);
    if (t % transitionStride !== TransitionKind.flush) return count;
    return oldestEntry(this.actors, Math.floor(t / transitionStride)) === EntryKind.store ? 0 : count;
  }
}

class FreedTouchesNothing extends Accesses {
  override of(t: Transition): number {
    const count = super.of(t);
    if (t % transitionStride !== TransitionKind.flush) return count;
    return oldestEntry(this.actors, Math.floor(t / transitionStride)) === EntryKind.freed ? 0 : count;
  }
  override pending(actor: number): number {
    return this.actors.pendingOp(actor) === Op.freed ? 0 : super.pending(actor);
  }
}

class ForwardedLoadsReadNothing extends Accesses {
  override pending(actor: number): number {
    const op = this.actors.pendingOp(actor);
    if (op === Op.load || op === Op.loadAcquire) {
      const address = this.actors.state[actor * this.actors.stride + ActorWord.operand0] as number;
      if (this.actors.world.buffers.newestStore(actor, address) >= 0) return 0;
    }
    return super.pending(actor);
  }
}

/** A machine that says of its accesses what this class does. */
function answeredBy(Answers: typeof Accesses): typeof CheckMachine {
  return class extends CheckMachine {
    override readonly accesses = new Answers(this, this.keys);
  };
}

export const checkMutants: readonly [string, typeof CheckMachine][] = [
  ["awaits read nothing", answeredBy(AwaitsReadNothing)],
  ["a flush writes nothing", answeredBy(FlushesWriteNothing)],
  ["the end of an object touches nothing", answeredBy(FreedTouchesNothing)],
  ["a load from the own buffer reads nothing", answeredBy(ForwardedLoadsReadNothing)],
];
