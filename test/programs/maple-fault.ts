/** What can be wrong with an address space's tree. Without imports: tests read the names. */
export enum MapleFault {
  none = 0,
  /** A node has no slots or too many. */
  size = 1,
  /** Pivots do not ascend, or reach out of the node. */
  order = 2,
  /** A dead node is in the tree. */
  dead = 3,
  /** Leaves are on different levels. */
  depth = 4,
  /** Two neighbours in a leaf are the same. */
  twice = 5,
}
