/**
 * The machine that the searches drive: a stepped program whose operations are done one at a time, in whichever order a search
 * likes, under sequential consistency or x86-TSO. It knows what can happen next (`actors.ts`), what that would touch
 * (`accesses.ts`), does it (`operations.ts`), and can be set back to any earlier state (`snapshots.ts`).
 *
 * A transition is one operation and then the actor's own way to its next one (`own-way.ts`), or the oldest entry of a store
 * buffer on its way to memory.
 */
import type { ChainFrame, SteppedProgram } from "../../link/stepped/index.ts";
import { writeBootBlock } from "../../machine/boot.ts";
import { Accesses } from "./accesses.ts";
import { Actors } from "./actors.ts";
import { CheckBootError } from "./boot-error.ts";
import { Calls } from "./calls.ts";
import { Keys } from "./keys.ts";
import { Marks } from "./marks.ts";
import { Operations } from "./operations.ts";
import { OwnWay } from "./own-way.ts";
import { restore, type Snapshot, save } from "./snapshots.ts";
import type { CheckProblem, Transition } from "./types.ts";
import { TransitionKind, transitionStride } from "./types.ts";

export class CheckMachine extends Actors {
  readonly keys: Keys;
  readonly accesses: Accesses;
  readonly marks: Marks;
  private readonly way: OwnWay;
  private readonly operations: Operations;
  private readonly calls: Calls;
  private readonly startState: Snapshot;

  /** @throws CheckBootError ("check-boot") where the calls before the actors break a rule */
  constructor(program: SteppedProgram, problem: CheckProblem) {
    super(program, problem);
    this.keys = new Keys(this.words, this.actorCount);
    this.accesses = new Accesses(this, this.keys);
    this.marks = new Marks(this, this.keys);
    this.way = new OwnWay(this, this.marks);
    this.operations = new Operations(this, this.way);
    this.calls = new Calls(this, this.way, this.operations);
    const constant = (name: string, otherwise: number) => program.constants.get(name) ?? otherwise;
    writeBootBlock(this.world.memory, {
      cpus: problem.cpus,
      cpuBase: constant("cpuAreaBase", 1024),
      cpuStride: constant("cpuAreaBytes", 0),
      memoryBytes: this.words * 4,
    });
    for (const call of problem.boot) this.mustWork(this.calls.run(call), call.entry);
    this.world.begin();
    problem.actors.forEach((actor, index) => {
      this.roundsLeft[index] = actor.role === "maintenance" ? (actor.rounds ?? 1) - 1 : 0;
      this.mustWork(this.way.startActor(index), actor.entry);
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

  /** What the operation of the last step or take handed back. */
  get result(): number {
    return this.way.result;
  }

  /** Entries that the last transition put into a store buffer. */
  get enqueued(): number {
    return this.operations.enqueued;
  }

  /** By object that the calls before or after the actors allocated: where, outermost first. For replays. */
  get births(): ReadonlyMap<number, readonly ChainFrame[]> {
    return this.operations.births;
  }

  /** What the actors and the calls after them returned, once `conclude` worked. */
  get outcome(): string {
    return this.calls.outcome;
  }

  /** Does an enabled transition; false where that breaks a rule, see `breach`. */
  perform(t: Transition): boolean {
    this.operations.enqueued = 0;
    this.marks.bookCount = 0;
    this.way.result = 0;
    const actor = Math.floor(t / transitionStride);
    const kind = t % transitionStride;
    if (kind === TransitionKind.flush) return this.operations.flush(actor);
    if (kind === TransitionKind.step) return this.operations.operate(actor, this.isTso);
    return this.way.advance(actor, this.world.sections.take(kind - TransitionKind.takeFrom));
  }

  /**
   * Runs the calls that come after the actors and looks for leaks; false where that breaks a rule. Fills in `outcome`. Disturbs
   * the state.
   */
  conclude(): boolean {
    return this.calls.conclude();
  }

  /** A copy of everything that can change, for `restore`. `reuse`: a copy that nobody needs any more, to be overwritten. */
  save(reuse?: Snapshot): Snapshot {
    return save(this, reuse);
  }

  /** Makes the machine what it was when `save` was called. */
  restore(snapshot: Snapshot): void {
    restore(this, snapshot);
  }

  /** Sets the machine back to where all actors begin. */
  reset(): void {
    this.restore(this.startState);
  }
}
