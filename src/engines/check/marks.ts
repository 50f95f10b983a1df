/**
 * Marks, which a program passes on its way from one operation to the next: what the checker's books about labels say to them,
 * and which of them mean that a rule is broken.
 */
import { Op } from "../../machine/ops.ts";
import type { Actors } from "./actors.ts";
import { grown } from "./grown.ts";
import type { Keys } from "./keys.ts";
import { BookMark } from "./world.ts";

export class Marks {
  /** What the last transition did to the books, as accesses (`keys.ts`): known only once it is done. */
  bookAccesses: Int32Array = new Int32Array(16);
  bookCount = 0;
  /** Told of every mark; for replays. */
  onMark: ((actor: number, event: number, argument: number) => void) | null = null;
  private readonly actors: Actors;
  private readonly keys: Keys;

  constructor(actors: Actors, keys: Keys) {
    this.actors = actors;
    this.keys = keys;
  }

  /** The actor passes a mark; false where that breaks a rule. */
  pass(actor: number, event: number, argument: number): boolean {
    const { problem, world } = this.actors;
    this.onMark?.(actor, event, argument);
    if (event === BookMark.released || event === BookMark.holderTaken || event === BookMark.holderDropped) {
      this.noteBook(argument, event === BookMark.released ? 1 : 0);
      return world.keepBooks(event, actor, argument);
    }
    const verdict = problem.verdictOfMark?.(event);
    if (verdict === undefined) return true;
    const detail = problem.textOfMark?.(event) ?? "the program's own check failed";
    return world.fail(verdict, actor, Op.mark, argument, detail);
  }

  /**
   * Whether a label is released while somebody holds it depends on the order; who takes or drops first does not. And there are
   * books of a label only from its beginning to its end, so marks conflict with those.
   */
  private noteBook(label: number, write: 0 | 1): void {
    const { books, objects } = this.keys;
    const cell = label >> 2;
    if ((label & 3) !== 0 || label <= 0 || cell >= this.actors.words) return;
    if (this.bookCount + 2 > this.bookAccesses.length) this.bookAccesses = grown(this.bookAccesses);
    this.bookAccesses[this.bookCount++] = (books + cell) * 2 + write;
    this.bookAccesses[this.bookCount++] = (objects + cell) * 2;
  }
}
