/**
 * An actor's own way from one operation to the next: what it does there concerns nobody else. `mark`, `now`, `work`,
 * `quiescent` and the fences that x86 has for free are done on that way.
 */
import { ActorWord, type Step } from "../../link/stepped/index.ts";
import { Boot } from "../../machine/memory-map.ts";
import { FaultReason, Op } from "../../machine/ops.ts";
import { faultTexts } from "../bad-address.ts";
import type { Actors } from "./actors.ts";
import type { Marks } from "./marks.ts";
import type { CheckActor, CheckCall } from "./types.ts";

/** By operation: done on the way to the next one. */
const instant = new Uint8Array(32);
for (const op of [Op.mark, Op.now, Op.work, Op.spin, Op.quiescent, Op.loadFence, Op.storeFence])
  instant[op] = 1;

export class OwnWay {
  /** What the last operation handed back to its actor. */
  result = 0;
  private readonly actors: Actors;
  private readonly marks: Marks;
  private readonly step: Step;
  /** By CPU: where its script begins. */
  private readonly scriptBases: number[] = [];

  constructor(actors: Actors, marks: Marks) {
    this.actors = actors;
    this.marks = marks;
    const cells: number[] = [];
    for (const script of actors.problem.scripts ?? []) {
      this.scriptBases.push(cells.length * 4);
      for (const cell of script) cells.push(cell);
    }
    this.step = actors.program.instantiate(Int32Array.from([...cells, 0, 0, 0, 0]));
  }

  /** Has an actor begin its entry and come to its first operation; false where that breaks a rule, as everywhere here. */
  startActor(actor: number): boolean {
    return this.start(actor, this.actors.problem.actors[actor] as CheckActor);
  }

  /** The same for any call, made by that actor. */
  start(actor: number, call: CheckCall): boolean {
    const { entry, args, cpu } = call;
    const { program, state, stride } = this.actors;
    program.start(state, actor * stride, entry, args, { cpu, scriptBase: this.scriptBases[cpu] ?? 0 });
    return this.advance(actor, 0);
  }

  /** Hands the actor its operation's result and runs it to the next one that is a transition. */
  advance(actor: number, result: number): boolean {
    this.result = result;
    const { state, stride, world } = this.actors;
    const base = actor * stride;
    let op = this.step(state, base, result);
    for (let rounds = 0; instant[op] === 1; rounds++) {
      if (rounds > this.actors.stepLimit) {
        const detail = "runs on for ever without touching memory";
        return world.fail("livelock", actor, op, -1, detail);
      }
      let value = 0;
      if (op === Op.mark) {
        const event = state[base + ActorWord.operand0] as number;
        if (!this.marks.pass(actor, event, state[base + ActorWord.operand1] as number)) return false;
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
    const { actorCount, roundsLeft, world } = this.actors;
    if (world.sections.nesting[actor] !== 0) {
      return world.fail("assertion", actor, Op.done, -1, "ended inside an RCU read section");
    }
    if (actor === actorCount || (roundsLeft[actor] as number) === 0) return true;
    roundsLeft[actor] = (roundsLeft[actor] as number) - 1;
    return this.startActor(actor);
  }
}
