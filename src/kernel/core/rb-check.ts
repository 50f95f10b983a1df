/**
 * Whether a red-black tree is one: for tests and verify builds, which call it after every change. It looks at every node, so
 * nobody else may change the tree meanwhile, and it comes to an end on any tree whose links lead to nodes.
 */
import { type bool, type i32, load, type ptr } from "../../machine/index.ts";
import { RbColour, RbNode, rbFirst, rbLeft, rbNext, rbParent, rbRight, rbTop } from "./rb-tree.ts";

/** The first invariant that was found broken. */
export enum RbFault {
  none = 0,
  /** A node's parent word leads elsewhere than where the node hangs, or it hangs at two links. */
  parentLink = 1,
  /** The topmost node is red. */
  redTop = 2,
  /** A red node has a red child. */
  redBelowRed = 3,
  /** Two ways down have different numbers of black nodes. */
  blackHeight = 4,
  /** There are more or fewer nodes than the caller knows of. */
  count = 5,
  /** A key is not greater than the one before. */
  order = 6,
}

/**
 * Links, colours and number of nodes. `count`: how many nodes there must be, or -1 where nobody knows. Returns an `RbFault`.
 *
 * In preorder. Nobody goes down to a node whose parent word does not lead back, so each is visited once at most.
 */
export function rbCheckShape(tree: ptr, count: i32): i32 {
  const top: ptr = rbTop(tree);
  if (top === 0) return count > 0 ? RbFault.count : RbFault.none;
  const above: ptr = rbParent(top);
  if (above !== 0) return RbFault.parentLink;
  if (!isBlack(top)) return RbFault.redTop;
  let at: ptr = top;
  let nodes: i32 = 1;
  /** Black nodes from the top down to `at`. */
  let blacks: i32 = 1;
  /** The same down to a missing child; 0 until there was one. */
  let height: i32 = 0;
  while (true) {
    const left: ptr = rbLeft(at);
    const right: ptr = rbRight(at);
    const fault: i32 = checkNode(at, left, right);
    if (fault !== RbFault.none) return fault;
    if (left === 0 || right === 0) {
      if (height === 0) height = blacks;
      if (height !== blacks) return RbFault.blackHeight;
    }
    let next: ptr = left === 0 ? right : left;
    // No child: up to the first node that was left to its left and has a right child.
    let below: ptr = at;
    while (next === 0) {
      if (isBlack(below)) blacks -= 1;
      if (below === top) return count >= 0 && nodes !== count ? RbFault.count : RbFault.none;
      const parent: ptr = rbParent(below);
      const first: ptr = rbLeft(parent);
      if (first === below) next = rbRight(parent);
      below = parent;
    }
    at = next;
    nodes += 1;
    if (isBlack(at)) blacks += 1;
  }
}

/** The same and the order of signed keys, each in the cell at `node + key`. Returns an `RbFault`. */
export function rbCheck(tree: ptr, key: i32, count: i32): i32 {
  const fault: i32 = rbCheckShape(tree, count);
  if (fault !== RbFault.none) return fault;
  let node: ptr = rbFirst(tree);
  while (node !== 0) {
    const next: ptr = rbNext(node);
    if (next !== 0) {
      const here: i32 = load(node + key);
      const there: i32 = load(next + key);
      if (here >= there) return RbFault.order;
    }
    node = next;
  }
  return RbFault.none;
}

function isBlack(node: ptr): bool {
  const word: i32 = load(node + RbNode.parent);
  return (word & RbColour.black) !== 0;
}

/** What one node and its children must be, before anybody goes down to them. */
function checkNode(node: ptr, left: ptr, right: ptr): i32 {
  if (left !== 0 && left === right) return RbFault.parentLink;
  if (left !== 0) {
    const back: ptr = rbParent(left);
    if (back !== node) return RbFault.parentLink;
    if (!isBlack(node) && !isBlack(left)) return RbFault.redBelowRed;
  }
  if (right !== 0) {
    const back: ptr = rbParent(right);
    if (back !== node) return RbFault.parentLink;
    if (!isBlack(node) && !isBlack(right)) return RbFault.redBelowRed;
  }
  return RbFault.none;
}
