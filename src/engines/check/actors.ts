/**
 * The actors of a checked program and the world that they share: where each of them is, and what can happen next under
 * sequential consistency or x86-TSO. Nothing here changes anything.
 */
import { ActorWord, type SteppedProgram } from "../../link/stepped/index.ts";
import { Op } from "../../machine/ops.ts";
import { isBadAddress } from "../bad-address.ts";
import type { Breach, CheckProblem, Transition } from "./types.ts";
import { TransitionKind, transitionStride } from "./types.ts";
import { World } from "./world.ts";

/** By operation: waits until the actor's own store buffer is empty. */
const drains = new Uint8Array(32);
for (const op of [Op.fetchAdd, Op.fetchAnd, Op.fetchOr, Op.exchange, Op.compareExchange, Op.fence])
  drains[op] = 1;
drains[Op.synchronizeRcu] = 1;

const defaultBufferEntries = 32;
const defaultStepLimit = 100_000;

export class Actors {
  readonly program: SteppedProgram;
  readonly problem: CheckProblem;
  readonly actorCount: number;
  readonly world: World;
  /** Actors' words; one more than `actorCount` for the calls before and after. */
  readonly state: Int32Array;
  readonly stride: number;
  /** By actor: runs that a maintenance actor has left after the present one. */
  readonly roundsLeft: Int32Array;
  /** Cells of memory. */
  readonly words: number;
  readonly isTso: boolean;
  /** Operations after which a call, or instant ones after which an actor, counts as going on for ever. */
  readonly stepLimit: number;
  private readonly opAt: Uint8Array;
  /** By actor: 1 for softirq, 2 for maintenance. */
  private readonly roles: Uint8Array;

  constructor(program: SteppedProgram, problem: CheckProblem) {
    this.program = program;
    this.problem = problem;
    this.isTso = problem.model === "tso";
    this.actorCount = problem.actors.length;
    this.stride = program.wordsPerActor;
    this.stepLimit = problem.stepLimit ?? defaultStepLimit;
    this.words = (problem.memoryBytes & -64) >> 2;
    this.opAt = Uint8Array.from(program.sites, (site) => site.op ?? Op.done);
    this.roles = Uint8Array.from(problem.actors, ({ role }) =>
      role === "softirq" ? 1 : role === "script" ? 0 : 2,
    );
    this.roundsLeft = new Int32Array(this.actorCount);
    // The calls before and after are an actor of their own, the last, whose stores never wait.
    this.world = new World(this.words, this.actorCount + 1, problem.bufferEntries ?? defaultBufferEntries);
    this.state = new Int32Array((this.actorCount + 1) * this.stride);
  }

  get breach(): Breach | null {
    return this.world.breach;
  }

  /** The operation that the actor waits for. */
  pendingOp(actor: number): Op {
    return this.opAt[this.state[actor * this.stride] as number] as Op;
  }

  /** The value that the actor sees at an address. */
  read(actor: number, address: number): number {
    const { buffers, memory } = this.world;
    if (buffers.length[actor] !== 0) {
      const at = buffers.newestStore(actor, address);
      if (at >= 0) return buffers.entries[at + 1] as number;
    }
    return memory[address >> 2] as number;
  }

  /** Fills in what can happen next, in ascending order; returns how many. `out` has room for all. */
  enabled(out: Int32Array): number {
    let count = 0;
    for (let actor = 0; actor < this.actorCount; actor++) {
      const first = actor * transitionStride;
      const op = this.pendingOp(actor);
      if (op === Op.rcuTake) {
        if (this.takesNothing(actor)) out[count++] = first;
      } else if (this.canStep(actor, op)) out[count++] = first;
      if (this.world.buffers.length[actor] !== 0) out[count++] = first + TransitionKind.flush;
      if (op !== Op.rcuTake) continue;
      for (let from = 0; from < this.actorCount; from++) {
        if (this.world.sections.isRipe(from)) out[count++] = first + TransitionKind.takeFrom + from;
      }
    }
    return count;
  }

  isEnabled(t: Transition): boolean {
    const actor = Math.floor(t / transitionStride);
    const kind = t % transitionStride;
    if (actor < 0 || actor >= this.actorCount) return false;
    if (kind === TransitionKind.flush) return this.world.buffers.length[actor] !== 0;
    const op = this.pendingOp(actor);
    if (kind === TransitionKind.step) {
      return op === Op.rcuTake ? this.takesNothing(actor) : this.canStep(actor, op);
    }
    const from = kind - TransitionKind.takeFrom;
    return op === Op.rcuTake && from < this.actorCount && this.world.sections.isRipe(from);
  }

  /** Whether the actor's next operation, which is not `rcuTake`, can be done now. */
  canStep(actor: number, op: Op): boolean {
    switch (op) {
      case Op.done:
        return false;
      case Op.awaitEqual:
      case Op.awaitNotEqual:
      case Op.awaitAtLeast:
        return this.isSatisfied(actor, op);
      case Op.synchronizeRcu: {
        const { buffers, sections } = this.world;
        if (buffers.length[actor] !== 0) return false;
        return sections.waiting[actor] === 0 || sections.isOver(actor);
      }
      case Op.allocated:
        return !this.freedBelow(actor);
      default:
        return drains[op] === 0 || this.world.buffers.length[actor] === 0;
    }
  }

  /** Whether the pending operation, or the actor's end, waits for the actor's own store buffer. */
  needsEmptyBuffer(actor: number): boolean {
    const op = this.pendingOp(actor);
    return drains[op] === 1 || op === Op.done || (op === Op.allocated && this.freedBelow(actor));
  }

  private isSatisfied(actor: number, op: Op): boolean {
    const base = actor * this.stride;
    const address = this.state[base + ActorWord.operand0] as number;
    // A bad address is for `perform` to report.
    if (isBadAddress(address, this.words * 4)) return true;
    const value = this.read(actor, address);
    const wanted = this.state[base + ActorWord.operand1] as number;
    if (op === Op.awaitEqual) return value === wanted;
    if (op === Op.awaitNotEqual) return value !== wanted;
    return ((value - wanted) | 0) >= 0;
  }

  /** Whether the actor is about to reuse memory whose end nobody else has seen. */
  private freedBelow(actor: number): boolean {
    const { buffers, objects } = this.world;
    if (buffers.length[actor] === 0) return false;
    const base = actor * this.stride;
    const first = this.state[base + ActorWord.operand0] as number;
    const end = first + (this.state[base + ActorWord.operand2] as number);
    for (let cell = first >> 2; cell < end >> 2; cell++) {
      const object = objects.find(cell);
      if (object >= 0 && buffers.hasFreed(actor, objects.base[object] as number)) return true;
    }
    return false;
  }

  /** Nothing is left that could ever queue a callback: `rcuTake` yields 0. */
  private takesNothing(actor: number): boolean {
    const { buffers, sections } = this.world;
    for (let other = 0; other < this.actorCount; other++) {
      if (buffers.length[other] !== 0 || sections.queued[other] !== 0) return false;
      const op = this.pendingOp(other);
      if (op === Op.done || other === actor || (op === Op.rcuTake && this.roles[other] === 1)) continue;
      if (this.roles[other] === 2 && !this.canStep(other, op)) continue;
      return false;
    }
    return true;
  }

  /** Whether the execution has come to its proper end. */
  isOver(): boolean {
    const { buffers, sections } = this.world;
    for (let actor = 0; actor < this.actorCount; actor++) {
      if (buffers.length[actor] !== 0 || sections.queued[actor] !== 0) return false;
      const op = this.pendingOp(actor);
      if (op !== Op.done && (this.roles[actor] !== 2 || this.canStep(actor, op))) return false;
    }
    return true;
  }

  /** The breach that a state is in which nothing can happen and which is not over. */
  deadlock(): Breach {
    const waiting: string[] = [];
    let first = -1;
    for (let actor = 0; actor < this.actorCount; actor++) {
      const op = this.pendingOp(actor);
      if (op === Op.done || op === Op.rcuTake || this.roles[actor] === 2) continue;
      if (first < 0) first = actor;
      waiting.push(`${this.problem.actors[actor]?.name} (${Op[op]})`);
    }
    const op = first < 0 ? null : this.pendingOp(first);
    const isAwait = op !== null && op !== Op.synchronizeRcu;
    const address = isAwait ? (this.state[first * this.stride + ActorWord.operand0] as number) : -1;
    const who = waiting.length === 0 ? "an RCU callback" : waiting.join(", ");
    return {
      verdict: "deadlock",
      actor: first,
      op,
      address,
      detail: `nobody can go on: ${who} wait for ever`,
    };
  }
}
