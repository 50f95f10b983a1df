/**
 * Numbers for what two transitions can conflict about: memory cells by their index, and above them what is no cell. An access
 * is a key * 2, plus 1 where it writes.
 */
export class Keys {
  /** Objects as a whole, by first cell: every touch of a cell in one reads its key, its beginning and end write it. */
  readonly objects: number;
  /** Entering read sections, by reader. */
  readonly entering: number;
  /** Leaving read sections, by reader. */
  readonly leaving: number;
  /** Queues of RCU callbacks, by the actor that queued them. */
  readonly queues: number;
  /** The books about labels, by first cell of the label. */
  readonly books: number;
  /** All keys are below. */
  readonly limit: number;

  /** `words`: cells of memory. */
  constructor(words: number, actors: number) {
    this.objects = words;
    this.entering = 2 * words;
    this.leaving = this.entering + actors;
    this.queues = this.leaving + actors;
    this.books = this.queues + actors;
    this.limit = this.books + words;
  }
}
