/** Who the actors are: scripts, the one that runs RCU callbacks, and maintenance; what their beginning and their end mean. */
import { ActorWord } from "../../link/stepped/index.ts";
import { EventKind } from "./event-heap.ts";
import type { GracePeriods } from "./grace-periods.ts";
import { Outcome } from "./outcome.ts";
import { Mode, type SimState } from "./sim-state.ts";

export interface Role {
  readonly entry: string;
  readonly args: readonly number[];
  /** First byte of the script within all scripts. */
  readonly scriptBase: number;
}

export interface MaintenancePlan {
  /** Times of calls in ticks; null: by the interval. */
  readonly times: readonly number[] | null;
  /** Ticks from the end of a call to the next; 0: at once after one that did something. */
  readonly interval: number;
  /** Ticks after a call that did nothing, where the interval is 0. */
  readonly pause: number;
}

export class Roles {
  scriptsLeft: number;
  /** Time at which the script of each CPU ended. */
  readonly endedAt: Float64Array;
  private calls = 0;
  private readonly maintenance: number;

  /** @param roles by actor; the maintenance actor, where there is one, is the last, behind the one for callbacks */
  constructor(
    private readonly s: SimState,
    private readonly grace: GracePeriods,
    private readonly roles: readonly Role[],
    private readonly plan: MaintenancePlan | null,
  ) {
    this.scriptsLeft = s.cpus;
    this.endedAt = new Float64Array(s.cpus);
    this.maintenance = plan === null ? -1 : roles.length - 1;
    roles.forEach((_, actor) => {
      s.mode[actor] = Mode.start;
      s.heap.time[0] = 0;
      if (actor !== this.maintenance) s.heap.push(EventKind.goOn, actor);
    });
    if (plan !== null) this.callAgain(0, false);
  }

  /** An actor begins its entry; its first operation is what the step function returns next. */
  start(actor: number): Outcome {
    const { s } = this;
    if (actor === this.maintenance && this.scriptsLeft === 0) {
      s.mode[actor] = Mode.done;
      return Outcome.away;
    }
    const { entry, args, scriptBase } = this.roles[actor] as Role;
    s.program.start(s.state, actor * s.stride, entry, args, { cpu: actor, scriptBase });
    return Outcome.begins;
  }

  /** An actor's entry returned; it is in no queue. */
  ended(actor: number, time: number): void {
    const { s } = this;
    s.mode[actor] = Mode.done;
    if (actor < s.cpus) {
      this.endedAt[actor] = time;
      s.clock[0] = time;
      s.evidence.event(actor, -1);
      if (--this.scriptsLeft === 0) s.evidence.over = true;
    } else if (actor === this.maintenance && this.scriptsLeft > 0) {
      this.callAgain(time, s.state[actor * s.stride + ActorWord.returnValue] !== 0);
      return;
    }
    if (this.scriptsLeft === 0) this.maybeOver(time);
  }

  private callAgain(time: number, didSomething: boolean): void {
    const { s, plan, maintenance } = this;
    if (plan === null) return;
    let at = time + plan.interval;
    if (plan.times !== null) at = Math.max(time, plan.times[this.calls] ?? Number.POSITIVE_INFINITY);
    else if (plan.interval === 0 && !didSomething) at = time + plan.pause;
    this.calls++;
    s.mode[maintenance] = Mode.start;
    s.heap.time[0] = at;
    if (at < s.heap.end) s.heap.push(EventKind.goOn, maintenance);
  }

  /** Tells the actor that takes callbacks that none can come any more, if that is so. */
  maybeOver(time: number): void {
    const { grace, maintenance, s } = this;
    if (this.scriptsLeft > 0 || grace.over || !grace.idle) return;
    const mode = maintenance < 0 ? Mode.done : (s.mode[maintenance] as Mode);
    if (mode === Mode.done || mode === Mode.start) grace.end(time);
  }
}
