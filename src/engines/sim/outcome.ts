/** What came of an actor's turn, in the words that the loop acts on. */
export enum Outcome {
  /** Done: `result` and `cost` tell what it came to. */
  performed = 0,
  /** Only once the actor is really next. */
  later = 1,
  /** The line is asked for: `requestKey` is the arrival's. */
  requested = 2,
  /** The actor waits for something that will wake it. */
  away = 3,
  /** It cannot be done: `fault`. */
  fault = 4,
  /** The actor begins its entry. */
  begins = 5,
}
