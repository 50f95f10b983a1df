/** What came of an actor's turn, in the words that the loop acts on. */
export enum Outcome {
  /** Done: `result` and `cost` tell what it came to. */
  performed = 0,
  /** Only once the actor is really next. */
  later = 1,
  /** The actor's next event is known: `wakeTime` and `wakeKind`, the arrival of a request or the time that it awaits. */
  requested = 2,
  /** The actor waits for something that will wake it. */
  away = 3,
  /** It cannot be done: `fault`. */
  fault = 4,
  /** The actor begins its entry. */
  begins = 5,
}
