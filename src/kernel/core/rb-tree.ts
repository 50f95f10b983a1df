/**
 * A red-black tree whose nodes are parts of the objects in it, as `struct rb_node` is (include/linux/rbtree_types.h, v6.6):
 * for the label set, which look-ups walk down without a lock while one writer changes it.
 *
 * The algorithm is the textbook's: Cormen, Leiserson, Rivest, Stein, "Introduction to Algorithms", 3rd edition, chapter 13,
 * with one idea of Guibas and Sedgewick ("A dichromatic framework for balanced trees", FOCS 1978) that makes it short: a
 * rotation hands the place *and the colour* of the node that goes down to the one that goes up, so no path below the two gets
 * blacker or lighter, and what is left to do is to move one red or one missing black.
 *
 * There are no function pointers in the subset, so comparing is the caller's. To insert, the caller walks down from `tree`
 * itself, remembers the last node and the link (a cell) that was 0, and hands both over:
 *
 *     let link: ptr = tree;
 *     let parent: ptr = 0;
 *     let at: ptr = rbTop(tree);
 *     while (at !== 0) {
 *       parent = at;
 *       link = at + (key < keyOf(at) ? RbNode.left : RbNode.right);
 *       at = load(link);
 *     }
 *     rbInsert(tree, node, parent, link);
 *
 * Writers exclude each other by a lock of the caller's. Parent words and colours are theirs alone: `rbFirst` and `rbNext`
 * climb, so they need the lock too.
 *
 * Readers without the lock go down with `rbTop`, `rbLeft` and `rbRight`, under a sequence counter that the writer moves for
 * every insertion and every erasure. What they can rely on:
 *
 * - *A link is 0 or leads to a node that was linked before*, with everything that was written to it before. Each link that a
 *   reader may follow is written by a single release store, and a new node's own links are 0 before it is linked.
 * - *No garbage behind a node that was erased.* Erasing leaves its links as they are, so a reader that stands on it goes on
 *   into the tree, or over other erased nodes. Its memory must stay a node until such readers are gone: free it, or use it for
 *   something else, only after a grace period. Inserting it again is safe at once: its links are 0 before it is reachable.
 * - *There is no loop at any moment.* Rotations and erasures take a subtree off one link before they hang it below a node
 *   that the subtree may lead to; the comments there name the moment. Release stores are seen in their order, so this holds for
 *   what readers see as well.
 * - *They may miss nodes.* Between those two stores a subtree hangs nowhere. And a reader that is carried up and down by one
 *   rotation after the other may go round although there is no loop at any moment. So a walk of more than `rbDepthLimit` steps
 *   is given up, and only what was found, or not found, under an unchanged sequence counter counts.
 *
 * An insertion writes 7 links at most (two rotations), an erasure 13 (three), however large the tree is; most write one to three.
 *
 * `rbReplace` is one release store for readers: they find the old node or the new one, so it needs no move of the counter
 * where both are equal for the caller's comparison.
 */
import { type bool, i32, load, ptr, store, storeRelease } from "../../machine/index.ts";

/** Offsets of `struct rb_root`. */
export enum RbTree {
  /** Topmost node, or 0. */
  top = 0,
}

/** Offsets of `struct rb_node`. 8 bytes each, of which operations use the low 4. */
export enum RbNode {
  /** Address of the parent (0: the node is on top), with the colour in bit 0. */
  parent = 0,
  right = 8,
  left = 16,
}

/** Bit 0 of `RbNode.parent`. A missing child counts as black. */
export enum RbColour {
  red = 0,
  black = 1,
}

export const rbTreeBytes: i32 = 8;
export const rbNodeBytes: i32 = 24;

/**
 * Nodes on the longest way down: a tree of n nodes is at most 2 log2(n + 1) deep (Cormen et al., lemma 13.1), and 4 GiB hold
 * fewer than 2^27.5 nodes of 24 bytes. A reader that took more steps met a writer.
 */
export const rbDepthLimit: i32 = 54;

/** `left + right - side` is the other side. */
const sides: i32 = 24;

// ---- for readers ----

/** The topmost node, or 0. */
export function rbTop(tree: ptr): ptr {
  return load(tree + RbTree.top);
}

/** The child that comes before `node`, or 0. */
export function rbLeft(node: ptr): ptr {
  return load(node + RbNode.left);
}

/** The child that comes after `node`, or 0. */
export function rbRight(node: ptr): ptr {
  return load(node + RbNode.right);
}

// ---- for whoever holds the writers' lock ----

/** The node above, or 0. */
export function rbParent(node: ptr): ptr {
  return parentIn(load(node + RbNode.parent));
}

/** The first node in order, or 0: rb_first. */
export function rbFirst(tree: ptr): ptr {
  const top: ptr = load(tree + RbTree.top);
  return top === 0 ? top : leftmost(top);
}

/** The node after `node`, or 0: rb_next. */
export function rbNext(node: ptr): ptr {
  const right: ptr = load(node + RbNode.right);
  if (right !== 0) return leftmost(right);
  let below: ptr = node;
  let at: ptr = rbParent(node);
  while (at !== 0) {
    const left: ptr = load(at + RbNode.left);
    if (left === below) return at;
    below = at;
    at = rbParent(at);
  }
  return at;
}

/**
 * Links a node that is in no tree and rebalances: rb_link_node and rb_insert_color. `link` is the address of the cell that
 * was 0 where the walk ended: `tree` itself where there is no node yet (`parent` 0), else a child's link in `parent`.
 */
export function rbInsert(tree: ptr, node: ptr, parent: ptr, link: ptr): void {
  store(node + RbNode.parent, parent);
  store(node + RbNode.left, 0);
  store(node + RbNode.right, 0);
  // From here on readers find it, with what the caller wrote to it before.
  storeRelease(link, node);
  riseRed(tree, node);
}

/** Takes a node out and rebalances: rb_erase. The node's own cells stay as they were, for readers that stand on it. */
export function rbErase(tree: ptr, node: ptr): void {
  const word: i32 = load(node + RbNode.parent);
  const parent: ptr = parentIn(word);
  const left: ptr = load(node + RbNode.left);
  const right: ptr = load(node + RbNode.right);
  if (left !== 0 && right !== 0) {
    eraseBetween(tree, node, left, right);
    return;
  }
  const child: ptr = left === 0 ? right : left;
  const side: i32 = relink(tree, parent, node, child);
  if (child !== 0) {
    // An only child is red, and its parent black: it takes over both place and colour.
    store(child + RbNode.parent, word);
  } else if (parent !== 0 && (word & RbColour.black) !== 0) fillBlack(tree, parent, side);
}

/** Puts `fresh` where `old` is, with its neighbours and colour: rb_replace_node. The caller's order must not change by it. */
export function rbReplace(tree: ptr, old: ptr, fresh: ptr): void {
  const word: i32 = load(old + RbNode.parent);
  const left: ptr = load(old + RbNode.left);
  const right: ptr = load(old + RbNode.right);
  store(fresh + RbNode.parent, word);
  // Released too: where `fresh` was in the tree before, a reader may still stand on it.
  storeRelease(fresh + RbNode.left, left);
  storeRelease(fresh + RbNode.right, right);
  if (left !== 0) setParent(left, fresh);
  if (right !== 0) setParent(right, fresh);
  relink(tree, parentIn(word), old, fresh);
}

// ---- inside ----

function parentIn(word: i32): ptr {
  return ptr(word & ~RbColour.black);
}

/** Another parent, the same colour. */
function setParent(node: ptr, parent: ptr): void {
  const word: i32 = load(node + RbNode.parent);
  store(node + RbNode.parent, i32(parent) | (word & RbColour.black));
}

function isRed(node: ptr): bool {
  if (node === 0) return false;
  const word: i32 = load(node + RbNode.parent);
  return (word & RbColour.black) === 0;
}

function paint(node: ptr, colour: i32): void {
  const word: i32 = load(node + RbNode.parent);
  store(node + RbNode.parent, (word & ~RbColour.black) | colour);
}

function leftmost(from: ptr): ptr {
  let node: ptr = from;
  let left: ptr = load(node + RbNode.left);
  while (left !== 0) {
    node = left;
    left = load(node + RbNode.left);
  }
  return node;
}

/** On which side of `parent` its child `node` is. */
function sideOf(parent: ptr, node: ptr): i32 {
  const left: ptr = load(parent + RbNode.left);
  return left === node ? RbNode.left : RbNode.right;
}

/** Lets the one link that leads down to `old` lead to `fresh`. The side of `parent` that it is on; no matter what on top. */
function relink(tree: ptr, parent: ptr, old: ptr, fresh: ptr): i32 {
  if (parent === 0) {
    storeRelease(tree + RbTree.top, fresh);
    return RbNode.left;
  }
  const side: i32 = sideOf(parent, old);
  storeRelease(parent + side, fresh);
  return side;
}

/**
 * Turns `node` down to `side`; its child of the other side takes its place and colour and gives it its own colour.
 */
function rotate(tree: ptr, node: ptr, side: i32): void {
  const other: i32 = sides - side;
  const riser: ptr = load(node + other);
  const inner: ptr = load(riser + side);
  const word: i32 = load(node + RbNode.parent);
  const riserWord: i32 = load(riser + RbNode.parent);
  // `node` no longer leads to `riser` when `riser` is made to lead to `node`. In between nothing does: readers miss it.
  storeRelease(node + other, inner);
  storeRelease(riser + side, node);
  relink(tree, parentIn(word), node, riser);
  store(riser + RbNode.parent, word);
  store(node + RbNode.parent, i32(riser) | (riserWord & RbColour.black));
  if (inner !== 0) setParent(inner, node);
}

/** After an insertion: `fresh` is red, and its parent may be red too. */
function riseRed(tree: ptr, fresh: ptr): void {
  let node: ptr = fresh;
  while (true) {
    const parent: ptr = rbParent(node);
    if (parent === 0) {
      // The top is always black; this adds a black to all ways down at once.
      paint(node, RbColour.black);
      return;
    }
    const word: i32 = load(parent + RbNode.parent);
    if ((word & RbColour.black) !== 0) return;
    // A red node is never on top, so there is a node above the parent.
    const above: ptr = parentIn(word);
    const side: i32 = sideOf(above, parent);
    const uncle: ptr = load(above + sides - side);
    if (!isRed(uncle)) {
      // One rotation around `above` would put an inner node on the wrong side: turn it outwards first.
      const inner: ptr = load(parent + sides - side);
      if (inner === node) rotate(tree, parent, side);
      rotate(tree, above, sides - side);
      return;
    }
    paint(parent, RbColour.black);
    paint(uncle, RbColour.black);
    paint(above, RbColour.red);
    node = above;
  }
}

/** Erases a node with two children: the next one in order, which has no left child, moves into its place. */
function eraseBetween(tree: ptr, node: ptr, left: ptr, right: ptr): void {
  const word: i32 = load(node + RbNode.parent);
  const next: ptr = leftmost(right);
  const nextWord: i32 = load(next + RbNode.parent);
  const down: ptr = load(next + RbNode.right);
  let parent: ptr = next;
  let side: i32 = RbNode.right;
  if (next !== right) {
    // `right` leads down to `next`: first that way is cut (readers miss `next` until the end), then `next` may lead to `right`.
    parent = parentIn(nextWord);
    side = RbNode.left;
    storeRelease(parent + RbNode.left, down);
    storeRelease(next + RbNode.right, right);
    setParent(right, next);
  }
  storeRelease(next + RbNode.left, left);
  setParent(left, next);
  relink(tree, parentIn(word), node, next);
  store(next + RbNode.parent, word);
  if (down !== 0) {
    // An only child again: it takes the place and the colour that `next` had.
    store(down + RbNode.parent, i32(parent) | RbColour.black);
  } else if ((nextWord & RbColour.black) !== 0) fillBlack(tree, parent, side);
}

/** After an erasure: the ways down through `side` of `lighter` have one black too few. */
function fillBlack(tree: ptr, lighter: ptr, lightSide: i32): void {
  let parent: ptr = lighter;
  let side: i32 = lightSide;
  while (true) {
    const other: i32 = sides - side;
    let sibling: ptr = load(parent + other);
    if (isRed(sibling)) {
      // Its children are black: with one of them as sibling the rest applies.
      rotate(tree, parent, side);
      sibling = load(parent + other);
    }
    let far: ptr = load(sibling + other);
    let farRed: bool = isRed(far);
    if (!farRed) {
      const near: ptr = load(sibling + side);
      if (isRed(near)) {
        rotate(tree, sibling, other);
        far = sibling;
        farRed = true;
      }
    }
    if (farRed) {
      // The parent comes down as one black more on this side; the far one makes up for it on the other.
      rotate(tree, parent, side);
      paint(far, RbColour.black);
      return;
    }
    // Both sides are made lighter, and what is above has to make up for it.
    paint(sibling, RbColour.red);
    const word: i32 = load(parent + RbNode.parent);
    const above: ptr = parentIn(word);
    if ((word & RbColour.black) === 0) {
      store(parent + RbNode.parent, word | RbColour.black);
      return;
    }
    if (above === 0) return;
    side = sideOf(above, parent);
    parent = above;
  }
}
