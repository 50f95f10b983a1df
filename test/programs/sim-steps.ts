/** The vocabulary of the scripts that `sim-stage.ts` executes; apart, so that tests can import it. */

/** First cell of a record; a = address where the step has one, b = value. */
export enum SimStep {
  end = 0,
  load = 1,
  loadAcquire = 2,
  store = 3,
  storeRelease = 4,
  fetchAdd = 5,
  fetchAnd = 6,
  fetchOr = 7,
  exchange = 8,
  /** b = expected, c = desired. */
  compareExchange = 9,
  fence = 10,
  loadFence = 11,
  storeFence = 12,
  awaitEqual = 13,
  awaitNotEqual = 14,
  awaitAtLeast = 15,
  rcuReadLock = 16,
  rcuReadUnlock = 17,
  /** a = head, b = `SimCallback`, c = cell that counts or is written; b + c is the number of the callback. */
  callRcu = 18,
  synchronizeRcu = 19,
  /** b = kind, c = bytes. */
  allocated = 20,
  freed = 21,
  /** a = ns. */
  work = 22,
  now = 23,
  /** a = event, b = argument. */
  mark = 24,
  quiescent = 25,
  /** a = ns. */
  spin = 27,
  spinLock = 30,
  spinUnlock = 31,
  mutexLock = 32,
  mutexUnlock = 33,
  /** Counts a request. */
  request = 34,
}

/** Bits of a record's first cell above the step. */
export enum SimFlags {
  fromLast = 256,
  indexed = 512,
}

/** What a callback does with the cell that it was queued with; all count themselves in `SimCell.callbacksDone` too. */
export enum SimCallback {
  /** Nothing. */
  none = 0,
  count = 1,
  write = 2,
  /** Is queued once more. */
  again = 3,
}

/** Cells of the stage itself, behind what the kernel has below; each on a line of its own, up to 256 bytes long. */
export enum SimCell {
  /** How many callbacks have run. */
  callbacksDone = 65536,
  /** How often `maintain` has something to do. */
  chores = 65536 + 256,
}
