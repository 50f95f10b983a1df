/** The calls that are made before the actors begin and after they are done, while nothing else runs, and what must hold at the end. */
import { ActorWord } from "../../link/stepped/index.ts";
import { Op } from "../../machine/ops.ts";
import type { Actors } from "./actors.ts";
import { ObjectStatus } from "./objects.ts";
import type { Operations } from "./operations.ts";
import type { OwnWay } from "./own-way.ts";
import type { CheckCall } from "./types.ts";

export class Calls {
  /** What the actors and the calls after them returned, once `conclude` worked. */
  outcome = "";
  private readonly actors: Actors;
  private readonly way: OwnWay;
  private readonly operations: Operations;

  constructor(actors: Actors, way: OwnWay, operations: Operations) {
    this.actors = actors;
    this.way = way;
    this.operations = operations;
  }

  /** Runs an entry to its end while nothing else runs, then the RCU callbacks that it left. */
  run(call: CheckCall): boolean {
    const { actorCount: self, program, world } = this.actors;
    const { sections } = world;
    if (!this.runAlone(call)) return false;
    let waiting = 0;
    for (let actor = 0; actor <= self; actor++) waiting += sections.queued[actor] as number;
    if (waiting === 0 || !program.entries.has("softirq")) return true;
    return this.runAlone({ entry: "softirq", args: [call.cpu], cpu: call.cpu });
  }

  private runAlone(call: CheckCall): boolean {
    const { actors, way } = this;
    const { actorCount: self, stepLimit, world } = actors;
    if (!way.start(self, call)) return false;
    for (let steps = 0; ; steps++) {
      const op = actors.pendingOp(self);
      if (op === Op.done) return true;
      if (steps > stepLimit) {
        const detail = `${call.entry} did not end within ${stepLimit} operations`;
        return world.fail("livelock", self, op, -1, detail);
      }
      if (op === Op.rcuTake) {
        let head = 0;
        for (let actor = 0; actor <= self && head === 0; actor++) {
          if (world.sections.isRipe(actor)) head = world.sections.take(actor);
        }
        if (!way.advance(self, head)) return false;
      } else if (!actors.canStep(self, op)) {
        const detail = `${call.entry} waits for ever: nothing else runs`;
        return world.fail("deadlock", self, op, -1, detail);
      } else if (!this.operations.operate(self, false)) return false;
    }
  }

  /**
   * Runs the calls that come after the actors and looks for leaks; false where that breaks a rule. Fills in `outcome`. Disturbs
   * the state.
   */
  conclude(): boolean {
    const { actorCount, problem, program, state, stride } = this.actors;
    const values: number[] = [];
    const isValue = (entry: string) => program.entries.get(entry)?.returns === true;
    problem.actors.forEach((actor, index) => {
      if (actor.role === "script" && isValue(actor.entry)) {
        values.push(state[index * stride + ActorWord.returnValue] as number);
      }
    });
    for (const call of problem.finish) {
      if (!this.run(call)) return this.blameNobody();
      if (isValue(call.entry)) values.push(state[actorCount * stride + ActorWord.returnValue] as number);
    }
    this.outcome = values.join(",");
    return problem.leaks === false || this.findLeak();
  }

  /** What breaks in the calls at the end is no actor's fault alone. */
  private blameNobody(): false {
    const { actorCount, world } = this.actors;
    const { breach } = world;
    if (breach !== null && breach.actor === actorCount) world.breach = { ...breach, actor: -1 };
    return false;
  }

  private findLeak(): boolean {
    const { problem, world } = this.actors;
    const { objects } = world;
    for (let object = 0; object < objects.count; object++) {
      if (objects.status(object) !== ObjectStatus.live) continue;
      const address = objects.base[object] as number;
      const kind =
        problem.kinds?.get(objects.kind[object] as number) ?? `object of kind ${objects.kind[object]}`;
      const detail = `${kind} at ${address} (${objects.bytes[object]} bytes) was never freed`;
      return world.fail("leak", -1, null, address, detail);
    }
    return true;
  }
}
