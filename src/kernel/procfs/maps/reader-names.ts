/** How a file of areas is read. No imports: the scenarios read the names. */

/** The variants of `maps-read`, option `reader` of the program. */
export enum Reader {
  /** The lock of the whole address space, page by page of text: before v6.17. */
  mmapLock = 0,
  /** Without a lock; every area is copied and counts if the address space's number has not moved. */
  rcuValidate = 1,
  /** Without a lock and without looking again. */
  rcuTearing = 2,
  /** `rcuValidate` for readers of low priority, `mmapLock` for the others. */
  rcuLowPriority = 3,
  /** `rcuTearing` under another file's name; who reads the old one gets `mmapLock`. */
  separateFile = 4,
  /** Each area's own lock: v6.17. */
  vmaLock = 5,
}

/** What a reader did, counted per CPU. */
export enum ReaderCount {
  /** Areas and pages of text told, and texts read to the end. */
  areas = 0,
  pages = 1,
  passes = 2,
  /** Looks that were begun again because something had changed. */
  retries = 3,
  /** Times that the lock of the whole address space was taken instead. */
  fallbacks = 4,
  /** Gaps told where pages were mapped all the time. */
  falseGaps = 5,
  /** Areas told although pages of theirs had been told before. */
  twice = 6,
  /** Areas told with an end that is not behind their start. */
  torn = 7,
  /** Bytes of text. */
  bytes = 8,
}
