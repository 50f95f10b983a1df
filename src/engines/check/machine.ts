/**
 * The machine that the searches drive: a stepped program whose operations are done one at a time, in whichever order a search
 * likes, under sequential consistency or x86-TSO. It knows what can happen next, what that would touch, does it, and can be set
 * back to any earlier state.
 *
 * A transition is one operation and then the actor's own way to its next one. `mark`, `now`, `work`, `quiescent` and the fences
 * that x86 has for free concern no other actor and are done on that way.
 */
import { ActorWord, type ChainFrame, type Step, type SteppedProgram } from "../../link/stepped/index.ts";
import { writeBootBlock } from "../../machine/boot.ts";
import { Boot, RcuHead } from "../../machine/memory-map.ts";
import { FaultReason, Op } from "../../machine/ops.ts";
import { faultTexts, isBadAddress } from "../bad-address.ts";
import { CheckBootError } from "./boot-error.ts";
import { grown } from "./grown.ts";
import { ObjectStatus } from "./objects.ts";
import { queueLimit } from "./sections.ts";
import { EntryKind } from "./store-buffers.ts";
import type { Breach, CheckCall, CheckProblem, Transition } from "./types.ts";
import { TransitionKind, transitionStride } from "./types.ts";
import { BookMark, World } from "./world.ts";

/** Everything that differs from state to state, for `restore`. */
export type Snapshot = Int32Array;

/** By operation: done on the way to the next one. */
const instant = new Uint8Array(32);
for (const op of [Op.mark, Op.now, Op.work, Op.spin, Op.quiescent, Op.loadFence, Op.storeFence])
  instant[op] = 1;
/** By operation: waits until the actor's own store buffer is empty. */
const drains = new Uint8Array(32);
for (const op of [Op.fetchAdd, Op.fetchAnd, Op.fetchOr, Op.exchange, Op.compareExchange, Op.fence])
  drains[op] = 1;
drains[Op.synchronizeRcu] = 1;

const defaultBufferEntries = 32;
const defaultStepLimit = 100_000;

/** For a few words at a time much faster than `set` with `subarray`. */
function copy(from: Int32Array, fromAt: number, to: Int32Array, toAt: number, count: number): void {
  for (let i = 0; i < count; i++) to[toAt + i] = from[fromAt + i] as number;
}

export class CheckMachine {
  readonly program: SteppedProgram;
  readonly problem: CheckProblem;
  readonly actorCount: number;
  readonly world: World;
  /** Actors' words; one more than `actorCount` for the calls before and after. */
  readonly state: Int32Array;
  readonly stride: number;
  /** By actor: runs that a maintenance actor has left after the present one. */
  readonly roundsLeft: Int32Array;
  /** Keys of the last `accessesOf`: key * 2, plus 1 where it writes. */
  accesses = new Int32Array(64);
  /**
   * What the last transition did to the books about labels, as in `accesses`: known only once it is done, because marks are
   * passed on the way to the next operation.
   */
  bookAccesses: Int32Array = new Int32Array(16);
  bookCount = 0;
  /** What the operation of the last step or take handed back. */
  result = 0;
  /** Entries that the last transition put into a store buffer. */
  enqueued = 0;
  outcome = "";
  /** By object that the calls before or after the actors allocated: where, outermost first. For replays. */
  readonly births = new Map<number, readonly ChainFrame[]>();
  private readonly tso: boolean;
  private readonly step: Step;
  private readonly opAt: Uint8Array;
  private readonly scriptBases: number[] = [];
  private readonly stepLimit: number;
  private readonly words: number;
  /** By actor: 1 for softirq, 2 for maintenance. */
  private readonly roles: Uint8Array;
  private readonly startState: Snapshot;
  private accessCount = 0;

  /** @throws CheckBootError ("check-boot") where the calls before the actors break a rule */
  constructor(program: SteppedProgram, problem: CheckProblem) {
    this.program = program;
    this.problem = problem;
    this.tso = problem.model === "tso";
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
    const cells: number[] = [];
    for (const script of problem.scripts ?? []) {
      this.scriptBases.push(cells.length * 4);
      for (const cell of script) cells.push(cell);
    }
    this.step = program.instantiate(Int32Array.from([...cells, 0, 0, 0, 0]));
    const constant = (name: string, otherwise: number) => program.constants.get(name) ?? otherwise;
    writeBootBlock(this.world.memory, {
      cpus: problem.cpus,
      cpuBase: constant("cpuAreaBase", 1024),
      cpuStride: constant("cpuAreaBytes", 0),
      memoryBytes: this.words * 4,
    });
    for (const call of problem.boot) this.mustWork(this.call(call), call.entry);
    this.world.begin();
    problem.actors.forEach((actor, index) => {
      this.roundsLeft[index] = actor.role === "maintenance" ? (actor.rounds ?? 1) - 1 : 0;
      this.mustWork(this.startActor(index), actor.entry);
    });
    this.startState = this.save();
  }

  private mustWork(worked: boolean, entry: string): void {
    const { breach } = this.world;
    if (worked && breach === null) return;
    if (breach === null) throw new Error(`${entry} failed without a breach`);
    const chain = this.program.chain(this.state, breach.actor * this.stride);
    throw new CheckBootError(entry, breach, chain);
  }

  get breach(): Breach | null {
    return this.world.breach;
  }

  /** The operation that the actor waits for. */
  pendingOp(actor: number): Op {
    return this.opAt[this.state[actor * this.stride] as number] as Op;
  }

  /** Sets the machine back to where all actors begin. */
  reset(): void {
    this.restore(this.startState);
  }

  // ---- what can happen ----

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

  // ---- what it would touch ----

  /** Adds a key to `accesses`, which hold `count` of them; the new count. */
  addAccess(count: number, access: number): number {
    this.accessCount = count;
    this.note(access >>> 1, (access & 1) as 0 | 1);
    return this.accessCount;
  }

  private note(key: number, write: 0 | 1): void {
    if (this.accessCount === this.accesses.length) this.accesses = grown(this.accesses);
    this.accesses[this.accessCount++] = key * 2 + write;
  }

  /** An object as a whole: every touch of a cell in it reads the key, its beginning and end write it. */
  private noteCell(address: number, write: 0 | 1): void {
    const cell = address >> 2;
    if (cell < 0 || cell >= this.words) return;
    this.note(cell, write);
    this.noteObject(address);
  }

  private noteSections(first: number): void {
    for (let reader = 0; reader < this.actorCount; reader++) this.note(first + reader, 0);
  }

  /** Keys above the cells: objects by first cell, entering and leaving sections by reader, callback queues by actor. */
  get objects(): number {
    return this.words;
  }
  get entering(): number {
    return 2 * this.words;
  }
  get leaving(): number {
    return 2 * this.words + this.actorCount;
  }
  get queues(): number {
    return 2 * this.words + 2 * this.actorCount;
  }
  /** Above all others: the books about labels, by first cell of the label. */
  get books(): number {
    return 2 * this.words + 3 * this.actorCount;
  }
  /** All keys are below. */
  get keyLimit(): number {
    return 3 * this.words + 3 * this.actorCount;
  }

  /** What a transition would touch, before it is done; how many keys are in `accesses`. */
  accessesOf(t: Transition): number {
    this.accessCount = 0;
    const actor = Math.floor(t / transitionStride);
    const kind = t % transitionStride;
    if (kind === TransitionKind.step) return this.pendingAccesses(actor);
    if (kind === TransitionKind.flush) this.noteFlush(actor);
    else {
      this.noteTaking(kind - TransitionKind.takeFrom);
      this.noteSections(this.leaving);
    }
    return this.accessCount;
  }

  /**
   * What the actor's next operation would touch, also where it cannot be done yet. With `eventually`, a store touches its cell
   * although it only enters the buffer: what becomes of the operation sooner or later.
   */
  pendingAccesses(actor: number, eventually = false): number {
    this.accessCount = 0;
    const direct = !this.tso || eventually;
    const base = actor * this.stride;
    const op = this.pendingOp(actor);
    const address = this.state[base + ActorWord.operand0] as number;
    switch (op) {
      case Op.load:
      case Op.loadAcquire:
      case Op.awaitEqual:
      case Op.awaitNotEqual:
      case Op.awaitAtLeast:
        this.noteCell(address, 0);
        break;
      case Op.store:
      case Op.storeRelease:
        if (direct) this.noteCell(address, 1);
        else this.noteObject(address);
        break;
      case Op.fetchAdd:
      case Op.fetchAnd:
      case Op.fetchOr:
      case Op.exchange:
        this.noteCell(address, 1);
        break;
      case Op.compareExchange: {
        // One that fails only reads.
        const value = this.world.memory[address >> 2];
        const succeeds = eventually || value === this.state[base + ActorWord.operand1];
        this.noteCell(address, succeeds ? 1 : 0);
        break;
      }
      case Op.rcuReadLock:
        if (this.world.sections.nesting[actor] === 0) this.note(this.entering + actor, 1);
        break;
      case Op.rcuReadUnlock:
        if (direct && this.world.sections.nesting[actor] === 1) this.note(this.leaving + actor, 1);
        break;
      case Op.callRcu:
        if (direct) this.noteQueueing(actor, address);
        else {
          this.noteObject(address);
          // It looks into its own buffer for the same head, which a flush may move to the queue first.
          this.noteCell(address + RcuHead.callback, 0);
        }
        break;
      case Op.synchronizeRcu:
        this.noteSections(this.world.sections.waiting[actor] === 0 ? this.entering : this.leaving);
        break;
      case Op.rcuTake:
        for (let from = 0; from < this.actorCount; from++) this.noteTaking(from);
        this.noteSections(this.leaving);
        break;
      case Op.allocated:
        this.note(this.words + (address >> 2), 1);
        this.noteRange(address, this.state[base + ActorWord.operand2] as number);
        break;
      case Op.freed:
        if (direct) this.note(this.words + (address >> 2), 1);
        break;
    }
    return this.accessCount;
  }

  /** A store that only enters the buffer touches no cell, but must not come after the object's end. */
  private noteObject(address: number): void {
    const cell = address >> 2;
    if (cell < 0 || cell >= this.words) return;
    const object = this.world.objects.find(cell);
    if (object >= 0) this.note(this.words + ((this.world.objects.base[object] as number) >> 2), 0);
  }

  private noteQueueing(actor: number, head: number): void {
    this.noteCell(head + RcuHead.callback, 1);
    this.note(this.queues + actor, 1);
    this.noteSections(this.entering);
  }

  /** Beside the queue the head itself: from now on it may be queued again, by whomever. */
  private noteTaking(from: number): void {
    const { sections, memory } = this.world;
    this.note(this.queues + from, 1);
    if (sections.queued[from] === 0) return;
    const cell = (sections.oldest(from) + RcuHead.callback) >> 2;
    if (cell < memory.length) this.note(cell, 1);
  }

  /** The cells of an object to be: who touches one before knows nothing of the object. */
  private noteRange(address: number, bytes: number): void {
    const end = Math.min((address + bytes + 3) >> 2, this.words);
    for (let cell = Math.max(address >> 2, 0); cell < end; cell++) this.note(cell, 1);
  }

  private noteFlush(actor: number): void {
    const { buffers } = this.world;
    const entry = buffers.entries[buffers.oldest(actor)] as number;
    const address = entry & ~3;
    switch ((entry & 3) as EntryKind) {
      case EntryKind.store:
        this.noteCell(address, 1);
        break;
      case EntryKind.freed:
        this.note(this.words + (address >> 2), 1);
        break;
      case EntryKind.readUnlock:
        this.note(this.leaving + actor, 1);
        break;
      case EntryKind.callRcu:
        this.noteQueueing(actor, address);
        break;
    }
  }

  /** Whether a store-buffer entry, once it leaves the buffer, conflicts with an access to `key`. */
  entryConflicts(actor: number, entry: number, key: number, write: boolean): boolean {
    const kind = (entry & 3) as EntryKind;
    if (kind === EntryKind.readUnlock) return key === this.leaving + actor;
    const cell = (kind === EntryKind.callRcu ? (entry & ~3) + RcuHead.callback : entry & ~3) >> 2;
    if (kind === EntryKind.freed) return key === this.words + cell;
    if (key === cell) return true;
    if (key >= this.words && key < this.entering) {
      const object = write ? this.world.objects.find(cell) : -1;
      return object >= 0 && key === this.words + ((this.world.objects.base[object] as number) >> 2);
    }
    if (kind !== EntryKind.callRcu) return false;
    return key === this.queues + actor || (write && key >= this.entering && key < this.leaving);
  }

  // ---- doing it ----

  /** Does an enabled transition; false where that breaks a rule, see `breach`. */
  perform(t: Transition): boolean {
    this.enqueued = 0;
    this.bookCount = 0;
    this.result = 0;
    const actor = Math.floor(t / transitionStride);
    const kind = t % transitionStride;
    if (kind === TransitionKind.flush) return this.flush(actor);
    if (kind === TransitionKind.step) return this.operate(actor, this.tso);
    return this.advance(actor, this.world.sections.take(kind - TransitionKind.takeFrom));
  }

  /** The value that the actor sees at an address. */
  private read(actor: number, address: number): number {
    const { buffers, memory } = this.world;
    if (buffers.length[actor] !== 0) {
      const at = buffers.newestStore(actor, address);
      if (at >= 0) return buffers.entries[at + 1] as number;
    }
    return memory[address >> 2] as number;
  }

  private operate(actor: number, buffered: boolean): boolean {
    const { world, state } = this;
    const base = actor * this.stride;
    const op = this.pendingOp(actor);
    const address = state[base + ActorWord.operand0] as number;
    if (op <= Op.compareExchange) {
      if (!world.touch(op, actor, address)) return false;
      const cell = address >> 2;
      if (op <= Op.loadAcquire) return this.advance(actor, this.read(actor, address));
      const value = state[base + ActorWord.operand1] as number;
      if (op <= Op.storeRelease) {
        if (!buffered) world.write(cell, value);
        else if (!this.enqueue(actor, op, EntryKind.store, address, value)) return false;
        return this.advance(actor, 0);
      }
      const before = world.memory[cell] as number;
      switch (op) {
        case Op.fetchAdd:
          world.write(cell, before + value);
          break;
        case Op.fetchAnd:
          world.write(cell, before & value);
          break;
        case Op.fetchOr:
          world.write(cell, before | value);
          break;
        case Op.exchange:
          world.write(cell, value);
          break;
        default:
          if (before === value) world.write(cell, state[base + ActorWord.operand2] as number);
      }
      return this.advance(actor, before);
    }
    switch (op) {
      case Op.fence:
        return this.advance(actor, 0);
      case Op.awaitEqual:
      case Op.awaitNotEqual:
      case Op.awaitAtLeast:
        return world.touch(op, actor, address) && this.advance(actor, 0);
      case Op.allocated:
        return this.allocate(actor, base, address) && this.advance(actor, 0);
      case Op.freed:
        return this.free(actor, address, buffered) && this.advance(actor, 0);
      case Op.rcuTake:
        return this.advance(actor, 0);
      default:
        return this.operateRcu(op, actor, address, buffered);
    }
  }

  private operateRcu(op: Op, actor: number, address: number, buffered: boolean): boolean {
    const { world } = this;
    const { sections } = world;
    switch (op) {
      case Op.rcuReadLock: {
        const depth = sections.nesting[actor] as number;
        sections.nesting[actor] = depth + 1;
        if (depth === 0) sections.enter(actor);
        return this.advance(actor, 0);
      }
      case Op.rcuReadUnlock: {
        const depth = sections.nesting[actor] as number;
        if (depth === 0) {
          return world.fail("assertion", actor, op, -1, "left a read section that it was not in");
        }
        sections.nesting[actor] = depth - 1;
        if (depth === 1) {
          if (!buffered) sections.end(actor);
          else if (!this.enqueue(actor, op, EntryKind.readUnlock, 0, 0)) return false;
        }
        return this.advance(actor, 0);
      }
      case Op.callRcu: {
        const id = this.state[actor * this.stride + ActorWord.operand1] as number;
        if (!world.touch(op, actor, address) || !world.touch(op, actor, address + RcuHead.callback))
          return false;
        if (world.buffers.hasQueued(actor, address)) return this.queuedTwice(actor, address);
        if (!buffered) return this.queue(actor, address, id) && this.advance(actor, 0);
        return this.enqueue(actor, op, EntryKind.callRcu, address, id) && this.advance(actor, 0);
      }
      case Op.synchronizeRcu: {
        if (sections.nesting[actor] !== 0) {
          return world.fail("deadlock", actor, op, -1, "waits for a grace period inside a read section");
        }
        if (sections.waiting[actor] === 0 && actor < this.actorCount) {
          sections.begin(actor);
          return true;
        }
        sections.finish(actor);
        return this.advance(actor, 0);
      }
      default:
        throw new Error(`operation ${Op[op]} is unknown to the checker`);
    }
  }

  private enqueue(actor: number, op: Op, kind: EntryKind, address: number, value: number): boolean {
    this.enqueued = 1;
    if (this.world.buffers.push(actor, kind, address, value)) return true;
    const detail = `the store buffer has no room for more than ${this.world.buffers.capacity} entries`;
    return this.world.fail("limit-exceeded", actor, op, address, detail);
  }

  private flush(actor: number): boolean {
    const { world } = this;
    const { buffers } = world;
    const at = buffers.oldest(actor);
    const entry = buffers.entries[at] as number;
    const value = buffers.entries[at + 1] as number;
    const address = entry & ~3;
    buffers.shift(actor);
    switch ((entry & 3) as EntryKind) {
      case EntryKind.store: {
        const object = world.objects.find(address >> 2);
        if (object >= 0 && world.objects.status(object) === ObjectStatus.freed) {
          const detail = "a store leaves the store buffer when its object is freed already";
          return world.fail("use-after-free", actor, Op.store, address, detail);
        }
        world.write(address >> 2, value);
        return true;
      }
      case EntryKind.freed:
        return world.free(actor, address);
      case EntryKind.readUnlock:
        world.sections.end(actor);
        return true;
      case EntryKind.callRcu:
        return this.queue(actor, address, value);
    }
  }

  private queue(actor: number, head: number, id: number): boolean {
    const { world } = this;
    // As others see it: what the actor frees after this call may be in its buffer already.
    const object = world.objects.find(head >> 2);
    if (object >= 0 && world.objects.status(object) === ObjectStatus.freed) {
      const detail = "a callback is queued when its object is freed already";
      return world.fail("use-after-free", actor, Op.callRcu, head, detail);
    }
    if (world.sections.isQueued(head)) return this.queuedTwice(actor, head);
    world.write((head + RcuHead.callback) >> 2, id);
    if (world.sections.push(actor, head)) return true;
    const detail = `more than ${queueLimit} RCU callbacks of one actor wait`;
    return world.fail("limit-exceeded", actor, Op.callRcu, head, detail);
  }

  private queuedTwice(actor: number, head: number): false {
    return this.world.fail(
      "double-free",
      actor,
      Op.callRcu,
      head,
      "this head already waits for a grace period",
    );
  }

  private allocate(actor: number, base: number, address: number): boolean {
    const { world, state } = this;
    const kind = state[base + ActorWord.operand1] as number;
    const bytes = state[base + ActorWord.operand2] as number;
    const end = address + bytes;
    if (address < 64 || (address & 3) !== 0 || bytes <= 0 || end > this.words * 4) {
      const detail = `allocated a range of ${bytes} bytes at ${address}, which is not inside the memory`;
      return world.fail("assertion", actor, Op.allocated, address, detail);
    }
    if (!world.objects.isFree(address, bytes)) {
      const detail = `allocated ${bytes} bytes at ${address} over a live object`;
      return world.fail("assertion", actor, Op.allocated, address, detail);
    }
    const object = world.objects.allocate(address, bytes, kind);
    if (actor === this.actorCount) this.births.set(object, this.program.chain(state, base));
    return true;
  }

  private free(actor: number, address: number, buffered: boolean): boolean {
    if (!buffered) return this.world.free(actor, address);
    if (this.world.buffers.hasFreed(actor, address)) {
      return this.world.fail("double-free", actor, Op.freed, address, "frees an object again");
    }
    return this.enqueue(actor, Op.freed, EntryKind.freed, address, 0);
  }

  /** Hands the actor its operation's result and runs it to the next one that is a transition. */
  private advance(actor: number, result: number): boolean {
    this.result = result;
    const { state, world } = this;
    const base = actor * this.stride;
    let op = this.step(state, base, result);
    for (let rounds = 0; instant[op] === 1; rounds++) {
      if (rounds > this.stepLimit) {
        const detail = "runs on for ever without touching memory";
        return world.fail("livelock", actor, op, -1, detail);
      }
      let value = 0;
      if (op === Op.mark) {
        if (!this.mark(actor, base)) return false;
      } else if (op === Op.now) value = world.memory[Boot.tick >> 2] as number;
      else if ((op === Op.work || op === Op.quiescent) && world.sections.nesting[actor] !== 0) {
        return world.fail("assertion", actor, op, -1, `${Op[op]} inside an RCU read section`);
      }
      op = this.step(state, base, value);
    }
    if (op === Op.done) return this.arrive(actor);
    if (op === Op.fault) {
      const reason = state[base + ActorWord.operand0] as number;
      const verdict = reason === FaultReason.endlessLoop ? "livelock" : "assertion";
      return world.fail(verdict, actor, op, -1, faultTexts[reason] ?? `stopped with fault ${reason}`);
    }
    return true;
  }

  /** The actor's entry has returned. */
  private arrive(actor: number): boolean {
    if (this.world.sections.nesting[actor] !== 0) {
      return this.world.fail("assertion", actor, Op.done, -1, "ended inside an RCU read section");
    }
    if (actor === this.actorCount || (this.roundsLeft[actor] as number) === 0) return true;
    this.roundsLeft[actor] = (this.roundsLeft[actor] as number) - 1;
    return this.startActor(actor);
  }

  private mark(actor: number, base: number): boolean {
    const event = this.state[base + ActorWord.operand0] as number;
    const argument = this.state[base + ActorWord.operand1] as number;
    this.onMark?.(actor, event, argument);
    if (event === BookMark.released || event === BookMark.holderTaken || event === BookMark.holderDropped) {
      this.noteBook(argument, event === BookMark.released ? 1 : 0);
      return this.world.keepBooks(event, actor, argument);
    }
    const verdict = this.problem.verdictOfMark?.(event);
    if (verdict === undefined) return true;
    const detail = this.problem.textOfMark?.(event) ?? "the program's own check failed";
    return this.world.fail(verdict, actor, Op.mark, argument, detail);
  }

  /**
   * Whether a label is released while somebody holds it depends on the order; who takes or drops first does not. And there are
   * books of a label only from its beginning to its end, so marks conflict with those.
   */
  private noteBook(label: number, write: 0 | 1): void {
    const cell = label >> 2;
    if ((label & 3) !== 0 || label <= 0 || cell >= this.words) return;
    if (this.bookCount + 2 > this.bookAccesses.length) this.bookAccesses = grown(this.bookAccesses);
    this.bookAccesses[this.bookCount++] = (this.books + cell) * 2 + write;
    this.bookAccesses[this.bookCount++] = (this.objects + cell) * 2;
  }

  /** Told of every mark; for replays. */
  onMark: ((actor: number, event: number, argument: number) => void) | null = null;

  // ---- beginning and end ----

  private startActor(index: number): boolean {
    const actor = this.problem.actors[index] as CheckProblem["actors"][number];
    return this.startAt(index, actor);
  }

  private startAt(index: number, call: CheckCall): boolean {
    const { entry, args, cpu } = call;
    const base = index * this.stride;
    this.program.start(this.state, base, entry, args, { cpu, scriptBase: this.scriptBases[cpu] ?? 0 });
    return this.advance(index, 0);
  }

  /** Runs an entry to its end while nothing else runs, then the RCU callbacks that it left. */
  private call(call: CheckCall): boolean {
    const self = this.actorCount;
    const { sections } = this.world;
    if (!this.runAlone(call)) return false;
    let waiting = 0;
    for (let actor = 0; actor <= self; actor++) waiting += sections.queued[actor] as number;
    if (waiting === 0 || !this.program.entries.has("softirq")) return true;
    return this.runAlone({ entry: "softirq", args: [call.cpu], cpu: call.cpu });
  }

  private runAlone(call: CheckCall): boolean {
    const self = this.actorCount;
    const { world } = this;
    if (!this.startAt(self, call)) return false;
    for (let steps = 0; ; steps++) {
      const op = this.pendingOp(self);
      if (op === Op.done) return true;
      if (steps > this.stepLimit) {
        const detail = `${call.entry} did not end within ${this.stepLimit} operations`;
        return world.fail("livelock", self, op, -1, detail);
      }
      if (op === Op.rcuTake) {
        let head = 0;
        for (let actor = 0; actor <= self && head === 0; actor++) {
          if (world.sections.isRipe(actor)) head = world.sections.take(actor);
        }
        if (!this.advance(self, head)) return false;
      } else if (!this.canStep(self, op)) {
        const detail = `${call.entry} waits for ever: nothing else runs`;
        return world.fail("deadlock", self, op, -1, detail);
      } else if (!this.operate(self, false)) return false;
    }
  }

  /**
   * Runs the calls that come after the actors and looks for leaks; false where that breaks a rule. Fills in `outcome`. Disturbs
   * the state.
   */
  conclude(): boolean {
    const { problem, state, stride } = this;
    const values: number[] = [];
    const isValue = (entry: string) => this.program.entries.get(entry)?.returns === true;
    problem.actors.forEach((actor, index) => {
      if (actor.role === "script" && isValue(actor.entry)) {
        values.push(state[index * stride + ActorWord.returnValue] as number);
      }
    });
    for (const call of problem.finish) {
      if (!this.call(call)) return this.blameNobody();
      if (isValue(call.entry)) values.push(state[this.actorCount * stride + ActorWord.returnValue] as number);
    }
    this.outcome = values.join(",");
    return problem.leaks === false || this.findLeak();
  }

  /** What breaks in the calls at the end is no actor's fault alone. */
  private blameNobody(): false {
    const { breach } = this.world;
    if (breach !== null && breach.actor === this.actorCount) this.world.breach = { ...breach, actor: -1 };
    return false;
  }

  private findLeak(): boolean {
    const { objects } = this.world;
    for (let object = 0; object < objects.count; object++) {
      if (objects.status(object) !== ObjectStatus.live) continue;
      const address = objects.base[object] as number;
      const kind =
        this.problem.kinds?.get(objects.kind[object] as number) ?? `object of kind ${objects.kind[object]}`;
      const detail = `${kind} at ${address} (${objects.bytes[object]} bytes) was never freed`;
      return this.world.fail("leak", -1, null, address, detail);
    }
    return true;
  }

  // ---- states ----

  /** A copy of everything that can change, for `restore`. `reuse`: a copy that nobody needs any more, to be overwritten. */
  save(reuse?: Snapshot): Snapshot {
    const { world, actorCount } = this;
    const { objects, sections, buffers, cells, memory } = world;
    const actorWords = actorCount * this.stride;
    let entries = 0;
    let callbacks = 0;
    for (let actor = 0; actor < actorCount; actor++) {
      entries += buffers.length[actor] as number;
      callbacks += sections.queued[actor] as number;
    }
    const rcuWords = actorCount * (5 + actorCount + 1) + callbacks * sections.stride;
    const size = 2 + actorWords + rcuWords + entries * 2 + objects.count + cells.length;
    const snapshot = reuse !== undefined && reuse.length >= size ? reuse : new Int32Array(size);
    let at = 0;
    snapshot[at++] = objects.count;
    snapshot[at++] = cells.length;
    copy(this.state, 0, snapshot, at, actorWords);
    at += actorWords;
    for (let actor = 0; actor < actorCount; actor++) {
      snapshot[at++] = sections.nesting[actor] as number;
      snapshot[at++] = sections.open[actor] as number;
      snapshot[at++] = sections.waiting[actor] as number;
      snapshot[at++] = this.roundsLeft[actor] as number;
      copy(sections.left, actor * sections.nesting.length, snapshot, at, actorCount);
      at += actorCount;
      const queued = sections.queued[actor] as number;
      snapshot[at++] = queued;
      copy(sections.queue, actor * queueLimit * sections.stride, snapshot, at, queued * sections.stride);
      at += queued * sections.stride;
      const length = buffers.length[actor] as number;
      snapshot[at++] = length;
      copy(buffers.entries, buffers.oldest(actor), snapshot, at, length * 2);
      at += length * 2;
    }
    copy(objects.words, 0, snapshot, at, objects.count);
    at += objects.count;
    for (let slot = 0; slot < cells.length; slot++) snapshot[at++] = memory[cells[slot] as number] as number;
    return snapshot;
  }

  /** Makes the machine what it was when `save` was called. */
  restore(snapshot: Snapshot): void {
    const { world, actorCount } = this;
    const { objects, sections, buffers, cells, memory, start } = world;
    world.breach = null;
    const actorWords = actorCount * this.stride;
    let at = 2;
    copy(snapshot, at, this.state, 0, actorWords);
    at += actorWords;
    for (let actor = 0; actor < actorCount; actor++) {
      sections.nesting[actor] = snapshot[at++] as number;
      sections.open[actor] = snapshot[at++] as number;
      sections.waiting[actor] = snapshot[at++] as number;
      this.roundsLeft[actor] = snapshot[at++] as number;
      copy(snapshot, at, sections.left, actor * sections.nesting.length, actorCount);
      at += actorCount;
      const queued = snapshot[at++] as number;
      sections.queued[actor] = queued;
      copy(snapshot, at, sections.queue, actor * queueLimit * sections.stride, queued * sections.stride);
      at += queued * sections.stride;
      const length = snapshot[at++] as number;
      buffers.length[actor] = length;
      copy(snapshot, at, buffers.entries, buffers.oldest(actor), length * 2);
      at += length * 2;
    }
    // What the calls after the actors left behind.
    sections.nesting[actorCount] = 0;
    sections.open[actorCount] = 0;
    sections.queued[actorCount] = 0;
    const objectCount = snapshot[0] as number;
    copy(snapshot, at, objects.words, 0, objectCount);
    objects.words.fill(0, objectCount, objects.count);
    at += objectCount;
    const slots = snapshot[1] as number;
    for (let slot = 0; slot < slots; slot++) memory[cells[slot] as number] = snapshot[at++] as number;
    for (let slot = slots; slot < cells.length; slot++) {
      const cell = cells[slot] as number;
      memory[cell] = start[cell] as number;
    }
  }
}
