/**
 * What the program of `maps-read` and `maps-query` does, counts and keeps. No imports: scenarios and reports read this file as it is,
 * portable code through the linker.
 */

/** Own events of its scripts; pages are page numbers. */
export enum MapsEvent {
  /** a: what this CPU's random choices begin with. */
  seed = 52,
  /** a = first page, b = pages: unmaps one of them. */
  unmapOne = 53,
  /** Maps that page again. */
  mapOne = 54,
  /** a = first page, b = pages, all mapped: some of them lose or get the permission to write. */
  protectSome = 55,
  /** This CPU makes no more changes. */
  changesDone = 56,
  /** a: bits of `Monitor`, b = ns outside the kernel after each read of a page of text: as many reads as it takes until no CPU makes changes. */
  monitor = 57,
  /** a = page: adds it to the addresses that are looked up. Ascending. */
  address = 58,
  /** Looks all addresses up. */
  lookUp = 59,
  /** Counts which of the answers no longer hold. */
  judge = 60,
  /** Not in scripts, for latencies: a reader reads a page of text, and is outside the kernel. */
  readPage = 61,
  pause = 62,
}

/** Who reads. */
export enum Monitor {
  lowPriority = 1,
  /** Reads the file under the other name. */
  otherFile = 2,
}

/** How addresses are looked up, option `lookUp` of the program. */
export enum LookUp {
  /** The whole text, formatted and parsed. */
  text = 0,
  /** The same now and then, and what was parsed from it until then. */
  cached = 1,
  /** One question for each area. */
  query = 2,
}

/** Counters that `audit` reads. */
export enum MapsAudit {
  /** Objects that are there, and areas of the address space. */
  areaObjects = 0,
  nodes = 1,
  areas = 2,
  /** Changes of the address space, or batches looked up. */
  requests = 8,
  /** Script records executed, and those that made no sense. */
  events = 9,
  badRecords = 10,
  heapBytes = 11,
  /** From here on `MapsCounter`. */
  told = 16,
  pages = 17,
  passes = 18,
  retries = 19,
  fallbacks = 20,
  falseGaps = 21,
  twice = 22,
  torn = 23,
  bytes = 24,
  changes = 25,
  queries = 26,
  answers = 27,
  stale = 28,
  heldUp = 29,
  wrongAnswers = 30,
  /** `warnings + m` and `violations + v`: see `core/evidence.ts`. */
  warnings = 48,
  violations = 80,
}

/** Counters per CPU, as `procCount` takes them. */
export enum MapsCounter {
  /** Areas and pages of text told, and texts read to the end. */
  told = 0,
  pages = 1,
  passes = 2,
  /** Looks that were begun again because something had changed. */
  retries = 3,
  /** Times that the lock of the whole address space was taken instead. */
  fallbacks = 4,
  /** Gaps between lines, or behind the last, in which some pages were mapped all the time. Gaps are counted, not pages. */
  falseGaps = 5,
  /** Lines that begin before the end of one before them. */
  twice = 6,
  /** Lines whose end is not behind their start, or not behind what was told before: they tell of no page. */
  torn = 7,
  /** Bytes of text. */
  bytes = 8,
  changes = 9,
  /** Questions asked, addresses answered, and answers that did not hold any more when the batch was done. */
  queries = 10,
  answers = 11,
  stale = 12,
  /** Times that a reader was held up in the kernel. */
  heldUp = 13,
  /** Answers of each CPU's last batch that are not so although nothing has changed there; counted when all is over. */
  wrongAnswers = 14,
}

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

/** Where areas are, page numbers. */
export enum MapsLayout {
  /** Libraries: four areas of so many pages each, one behind the other, then a gap. */
  libraries = 0x400,
  segmentPages = 128,
  segments = 4,
  libraryStride = 520,
  /** Zones in which CPU 0, 1, ... unmaps and maps pages. */
  zones = 0x100000,
  /** And those in which they change permissions. */
  protectedZones = 0x4000000,
  /** Pages from one CPU's zone to the next one's, more than a zone has. */
  zoneStride = 0x40000,
}
