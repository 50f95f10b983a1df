/**
 * Numbers for what can happen next, so that a set of such things is one 32-bit word: two for each actor (its next operation,
 * a flush of its store buffer), and one for every queue of RCU callbacks that a softirq actor was seen to take from.
 */
import { RefplayError } from "../../errors.ts";
import { type Transition, TransitionKind, transitionStride } from "./types.ts";

const bits = 32;

export class ChoiceNumbers {
  /** The numbers of taking callbacks, as a set. */
  takes = 0;
  private readonly numbers = new Map<Transition, number>();
  private readonly transitions: Transition[] = [];
  /** By actor: its numbers of taking callbacks, as a set. */
  private readonly takesOf: Int32Array;

  /** @throws RefplayError "too-many-actors" for more than 16 */
  constructor(actors: number) {
    this.takesOf = new Int32Array(actors);
    for (let actor = 0; actor < actors; actor++) {
      const first = actor * transitionStride;
      this.transitions.push(first + TransitionKind.step, first + TransitionKind.flush);
    }
    this.checkRoom();
  }

  private checkRoom(): void {
    if (this.transitions.length <= bits) return;
    throw new RefplayError("too-many-actors", "this program has too many actors for the DPOR search", {
      hint: "use the stateful search: --explorer states",
    });
  }

  /**
   * The number of a transition.
   * @throws RefplayError "too-many-actors" where no number is left
   */
  choiceOf(transition: Transition): number {
    const kind = transition % transitionStride;
    const actor = (transition - kind) / transitionStride;
    if (kind < TransitionKind.takeFrom) return 2 * actor + kind;
    const known = this.numbers.get(transition);
    if (known !== undefined) return known;
    const number = this.transitions.push(transition) - 1;
    this.checkRoom();
    this.numbers.set(transition, number);
    this.takes |= 1 << number;
    this.takesOf[actor] = (this.takesOf[actor] as number) | (1 << number);
    return number;
  }

  transitionOf(choice: number): Transition {
    return this.transitions[choice] as Transition;
  }

  /** What an actor was seen to take, as a set. */
  takesBy(actor: number): number {
    return this.takesOf[actor] as number;
  }
}
