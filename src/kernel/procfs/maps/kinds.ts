/** Kinds of heap objects of an address space; numbers beside those of `../kinds.ts`. No imports: reports read the names. */
export enum MapsKind {
  /** `struct vm_area_struct`. */
  vma = 6,
  mapleNode = 7,
  /** `struct mm_struct`. */
  mm = 8,
  /** The page that a line of text is written to before it is copied out. */
  buffer = 9,
}

/** RCU callbacks of an address space. */
export enum MapsCallback {
  vmaFree = 1,
  mapleFree = 2,
}
