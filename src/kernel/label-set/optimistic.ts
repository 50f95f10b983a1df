/**
 * Searching the tree of a label set without its lock, under RCU and the sequence counter.
 *
 * - *A hit needs no second look.* Every node that a walk comes to was in the tree at some time since the walk began: the link
 *   to it was read from a node that is in the tree, or from one that was taken out meanwhile, whose links stay as they were
 *   then. So an equal label that is not stale and gives a reference was the right answer at that time.
 * - *A miss does.* A rotation hides a subtree for a moment, and an equal label that turned out to be dead or stale may have
 *   been replaced between the walk and that discovery. Both are changes of the tree; the counter is odd before the change is
 *   seen (store fence in `seqWriteBegin`), and it is read again after everything that led to the miss, tryGet included (load
 *   fence in `seqRetry`). An unchanged even number says that there was no live member at any time in between.
 * - *Nobody waits for longer than one change of the tree*: the counter moves for each, whoever holds the lock for how many.
 */
import { type i32, load, loadFence, type ptr } from "refplay/machine";
import { Counter } from "../core/counter-names.ts";
import { count } from "../core/counters.ts";
import { seqBegin, seqRetry } from "../core/seqcount.ts";
import { LabelSet } from "./layout.ts";
import { dropDisplaced, takeFound, takeOrDisplace, treeWalk } from "./tree.ts";

/** What a search returns that met too many changes to know. No label has this address. */
export const undecided: ptr = 1;

/**
 * `retries` for a search that goes on until it knows: each round means that somebody else changed the tree. It is for who makes
 * a label (`takeOrDisplace`).
 */
export const untilKnown: i32 = -1;

/**
 * The live member with that vector, with a reference in `holder`; 0 where there was none at some moment of this call;
 * `undecided` after `retries` changes came in between. Inside an RCU section.
 */
export function treeSearch(cpu: i32, set: ptr, holder: ptr, vector: ptr, size: i32, retries: i32): ptr {
  const sequence: ptr = set + LabelSet.sequence;
  let start: i32 = load(sequence);
  // Where the number is odd, this walk is good for a hit only: that needs no waiting.
  loadFence();
  let found: ptr = take(cpu, holder, treeWalk(set, vector, size), retries);
  let tries: i32 = 0;
  while (found === 0 && ((start & 1) !== 0 || seqRetry(sequence, start))) {
    if (tries === retries) return undecided;
    tries += 1;
    count(cpu, Counter.lookUpRetries, 1);
    dropDisplaced(cpu, holder);
    start = seqBegin(sequence);
    found = take(cpu, holder, treeWalk(set, vector, size), retries);
  }
  return found;
}

function take(cpu: i32, holder: ptr, label: ptr, retries: i32): ptr {
  return retries === untilKnown ? takeOrDisplace(cpu, holder, label) : takeFound(cpu, holder, label);
}
