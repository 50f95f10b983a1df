/**
 * Holds what the checker's machine says of its transitions against what they do: two that touch nothing in common must come to
 * the same in either order, and one may enable another only through something that both touch. Every reduction rests on that.
 */
import type { CheckMachine } from "../../src/engines/check/machine.ts";
import { type Transition, TransitionKind, transitionStride } from "../../src/engines/check/types.ts";
import { Op } from "../../src/machine/ops.ts";
import type { Rng } from "./random.ts";

const room = 4096;

function actorOf(t: Transition): number {
  return Math.floor(t / transitionStride);
}

function isFlush(t: Transition): boolean {
  return t % transitionStride === TransitionKind.flush;
}

function describe(t: Transition): string {
  const actor = actorOf(t);
  const kind = t % transitionStride;
  if (kind === TransitionKind.flush) return `flush of actor ${actor}`;
  return kind === TransitionKind.step ? `step of actor ${actor}` : `take of actor ${actor} from ${kind - 2}`;
}

function keysOf(machine: CheckMachine, count: number): number[] {
  return [...machine.accesses.list.subarray(0, count)];
}

function conflict(some: readonly number[], others: readonly number[]): boolean {
  return some.some((one) => others.some((other) => one >> 1 === other >> 1 && ((one | other) & 1) === 1));
}

/** Whether the order of the two is fixed whatever they touch: steps and takes of one actor, or its flushes. */
function sameProcess(one: Transition, other: Transition): boolean {
  return actorOf(one) === actorOf(other) && isFlush(one) === isFlush(other);
}

/** What a state is, whichever cells were seen first; "stuck" where one of the transitions cannot happen. */
function after(machine: CheckMachine, from: Int32Array, path: readonly Transition[]): string {
  machine.restore(from);
  for (const t of path) {
    if (!machine.isEnabled(t)) return "stuck";
    if (!machine.perform(t)) return `breach ${machine.breach?.verdict}`;
  }
  const out = new Int32Array(room);
  const count = machine.enabled(out);
  return `${out.subarray(0, count).join(" ")} | ${machine.save().join(" ")}`;
}

/** Walks at random through the program and tries all pairs on the way; a sentence on the first that is wrong, or null. */
export function firstWrongIndependence(machine: CheckMachine, rng: Rng, walks: number): string | null {
  const out = new Int32Array(room);
  for (let walk = 0; walk < walks; walk++) {
    machine.reset();
    for (;;) {
      const count = machine.enabled(out);
      if (count === 0) break;
      const here = machine.save();
      const enabled = [...out.subarray(0, count)];
      const wrong = wrongPair(machine, here, enabled) ?? wronglyEnabled(machine, here, enabled);
      if (wrong !== null) return wrong;
      machine.restore(here);
      if (!machine.perform(rng.pick(enabled))) break;
    }
  }
  return null;
}

function wrongPair(machine: CheckMachine, here: Int32Array, enabled: readonly Transition[]): string | null {
  const touched = enabled.map((t) => keysOf(machine, machine.accesses.of(t)));
  for (const [i, one] of enabled.entries()) {
    for (const [j, other] of enabled.entries()) {
      if (j <= i || sameProcess(one, other)) continue;
      if (conflict(touched[i] as number[], touched[j] as number[])) continue;
      // The first time is for the machine to come to know all cells, which a saved state depends on.
      after(machine, here, [one, other]);
      after(machine, here, [other, one]);
      const forward = after(machine, here, [one, other]);
      const backward = after(machine, here, [other, one]);
      machine.restore(here);
      if (forward === backward) continue;
      // Each breaks a rule by itself: whichever comes first is reported.
      if (forward.startsWith("breach") && backward.startsWith("breach")) continue;
      // An actor that ends twice what its own buffer still holds is caught at once; else at the flush, or by whoever is between.
      if (actorOf(one) === actorOf(other) && forward.includes("double-free")) continue;
      return `${describe(one)} and ${describe(other)} touch nothing in common but do not commute: ${forward} / ${backward}`;
    }
  }
  return null;
}

/** A step or take that `one` makes possible, or impossible, without touching what it waits for. */
function wronglyEnabled(
  machine: CheckMachine,
  here: Int32Array,
  enabled: readonly Transition[],
): string | null {
  const out = new Int32Array(room);
  for (const one of enabled) {
    machine.restore(here);
    const touched = keysOf(machine, machine.accesses.of(one));
    const waiting = Array.from({ length: machine.actorCount }, (_, actor) =>
      keysOf(machine, machine.accesses.pending(actor)),
    );
    const pending = waiting.map((_, actor) => machine.pendingOp(actor));
    if (!machine.perform(one)) continue;
    const count = machine.enabled(out);
    for (const other of out.subarray(0, count)) {
      if (enabled.includes(other) || actorOf(other) === actorOf(one) || isFlush(other)) continue;
      // That there is nothing left to take is the last thing to happen, after everything, whatever it touches.
      if (pending[actorOf(other)] === Op.rcuTake && other % transitionStride === TransitionKind.step)
        continue;
      if (!conflict(touched, waiting[actorOf(other)] as number[])) {
        return `${describe(one)} makes the ${describe(other)} possible, but touches nothing of it`;
      }
    }
  }
  machine.restore(here);
  return null;
}
