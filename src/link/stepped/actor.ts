/**
 * Where an actor of a stepped program keeps its state: a slice of an Int32Array, a header and then the slots of its
 * locals. Nothing else belongs to an actor, so copying the slice copies it.
 */

/** Words of an actor's header. */
export enum ActorWord {
  /** Where to go on; 0 once the entry has returned. */
  pc = 0,
  /** Operands of the operation that the actor waits for, in the order of `OpInfo.operands`. */
  operand0 = 1,
  operand1 = 2,
  operand2 = 3,
  /** What the entry returned; on the way also what a called function returned. */
  returnValue = 4,
  /** The number that `thisCpu` yields. */
  cpu = 5,
  /** First byte of the actor's script within all scripts. */
  scriptBase = 6,
}

/** First word behind the header (word 7 is not used). */
export const firstSlot = 8;
