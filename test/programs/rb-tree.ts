/**
 * The red-black tree as entries of a program: one change at a time for a model to follow, whole histories for the compiled
 * build, and readers beside a writer. Items are numbered slots of one table, each with a tree node and a key.
 */
import {
  coreBoot,
  heapReserve,
  kernelGlobals,
  lineBytes,
  type ProgramMeta,
  RbFault,
  RbNode,
  rbCheck,
  rbDepthLimit,
  rbErase,
  rbFirst,
  rbInsert,
  rbLeft,
  rbNext,
  rbParent,
  rbReplace,
  rbRight,
  rbTop,
  seqBegin,
  seqRetry,
  seqWriteBegin,
  seqWriteEnd,
  Verdict,
  violation,
  violations,
} from "refplay/kernel";
import { type bool, i32, load, type ptr, store, u32 } from "refplay/machine";

/** Cells behind `kernelGlobals`, each on its own line. */
enum Cell {
  tree = 0,
  sequence = 64,
  items = 128,
  nodes = 136,
}

/** An item is a line. The node is not at its beginning, so that nobody takes one address for the other. */
enum Item {
  value = 0,
  node = 8,
  key = 40,
}

const tree: ptr = kernelGlobals + Cell.tree;
const sequence: ptr = kernelGlobals + Cell.sequence;
/** From a node to its key. */
const nodeToKey: i32 = Item.key - Item.node;

/** An empty tree, and room for slots 0 to `slots - 1`. */
export function boot(slots: i32): void {
  coreBoot();
  const items: ptr = heapReserve(0, slots * lineBytes);
  store(kernelGlobals + Cell.items, items);
}

function nodeAt(slot: i32): ptr {
  const items: ptr = load(kernelGlobals + Cell.items);
  return items + slot * lineBytes + Item.node;
}

/** The slot of a node; -1 for none. */
function slotOf(node: ptr): i32 {
  if (node === 0) return -1;
  const items: ptr = load(kernelGlobals + Cell.items);
  return (node - items) / lineBytes;
}

function keyOf(node: ptr): i32 {
  return load(node + nodeToKey);
}

/** Address of slot 0's node; the others follow line by line. */
export function firstNodeAddress(): ptr {
  return nodeAt(0);
}

/** Where the tree's link to its topmost node is. */
export function treeAddress(): ptr {
  return tree;
}

// ---- one change at a time ----

/** Puts the slot, which is in no tree, in with that key. False: the key was there, and nothing was changed. */
export function insert(slot: i32, key: i32): bool {
  let link: ptr = tree;
  let parent: ptr = 0;
  let at: ptr = rbTop(tree);
  while (at !== 0) {
    const there: i32 = keyOf(at);
    if (there === key) return false;
    parent = at;
    link = at + (key < there ? RbNode.left : RbNode.right);
    at = load(link);
  }
  const node: ptr = nodeAt(slot);
  store(node + nodeToKey, key);
  rbInsert(tree, node, parent, link);
  addNodes(1);
  return true;
}

function addNodes(more: i32): void {
  const nodes: i32 = load(kernelGlobals + Cell.nodes);
  store(kernelGlobals + Cell.nodes, nodes + more);
}

export function erase(slot: i32): void {
  rbErase(tree, nodeAt(slot));
  addNodes(-1);
}

/** Puts another slot where one is, with its key. */
export function replace(slot: i32, fresh: i32): void {
  const old: ptr = nodeAt(slot);
  const node: ptr = nodeAt(fresh);
  store(node + nodeToKey, keyOf(old));
  rbReplace(tree, old, node);
}

/** The slot with that key; -1 where there is none, -2 where the way down is longer than it can be. */
export function find(key: i32): i32 {
  let node: ptr = rbTop(tree);
  let steps: i32 = 0;
  while (node !== 0) {
    const there: i32 = keyOf(node);
    if (there === key) return slotOf(node);
    steps += 1;
    if (steps > rbDepthLimit) return -2;
    node = key < there ? rbLeft(node) : rbRight(node);
  }
  return -1;
}

/** `RbFault` of the whole tree. */
export function check(): i32 {
  const nodes: i32 = load(kernelGlobals + Cell.nodes);
  return rbCheck(tree, nodeToKey, nodes);
}

/** The slot that is first in order; -1 where there is none. */
export function first(): i32 {
  return slotOf(rbFirst(tree));
}

/** The slot that follows in order; -1 behind the last. */
export function next(slot: i32): i32 {
  return slotOf(rbNext(nodeAt(slot)));
}

/** A number that is the same for two trees with the same slots and colours in the same places (mostly: 32 bits). */
export function shape(): i32 {
  let hash: i32 = 17;
  let node: ptr = rbFirst(tree);
  while (node !== 0) {
    const word: i32 = load(node + RbNode.parent);
    hash = hash * 31 + slotOf(node);
    hash = hash * 31 + slotOf(rbParent(node));
    hash = hash * 31 + (word & 1);
    node = rbNext(node);
  }
  return hash;
}

// ---- whole histories ----

/** Marsaglia's xorshift32 with his first triple (J. Stat. Software 8(14), 2003). Never 0 where `before` is not. */
function draw(before: i32): i32 {
  const a: i32 = before ^ (before << 13);
  const b: i32 = a ^ i32(u32(a) >>> 17);
  return b ^ (b << 5);
}

/** A number from 0 to `bound - 1`. */
function below(random: i32, bound: i32): i32 {
  return i32(u32(random) % u32(bound));
}

/** Puts a key in, takes it out, or lets another slot take its place. Each key has two slots, itself and `key + keys`. */
export function change(random: i32, key: i32, keys: i32): void {
  const slot: i32 = find(key);
  if (slot === -1) insert((random & 0x100000) === 0 ? key : key + keys, key);
  else if ((random & 0x600000) === 0) replace(slot, slot < keys ? slot + keys : slot - keys);
  else erase(slot);
}

/**
 * `changes` drawn from `seed` (not 0), of keys 0 to `keys - 1`. All of the tree is checked every `checkEvery` changes. 0 if it
 * always was right, else the number of the change.
 */
export function history(seed: i32, keys: i32, changes: i32, checkEvery: i32): i32 {
  let random: i32 = seed;
  for (let done: i32 = 1; done <= changes; done += 1) {
    random = draw(random);
    change(random, below(random, keys), keys);
    if (done % checkEvery === 0) {
      const fault: i32 = check();
      if (fault !== RbFault.none) return done;
    }
  }
  return 0;
}

/** Writes the numbers 0 to `count - 1` in their `number`th order (0 to count! - 1) into the items. */
function permute(count: i32, number: i32): void {
  for (let at: i32 = 0; at < count; at += 1) store(nodeAt(at) - Item.node + Item.value, at);
  let left: i32 = number;
  for (let at: i32 = 0; at < count; at += 1) {
    const from: ptr = nodeAt(at + (left % (count - at))) - Item.node + Item.value;
    const to: ptr = nodeAt(at) - Item.node + Item.value;
    left = left / (count - at);
    const value: i32 = load(from);
    store(from, load(to));
    store(to, value);
  }
}

function permuted(at: i32): i32 {
  return load(nodeAt(at) - Item.node + Item.value);
}

/** Inserts keys 0 to `count - 1` in their `number`th order into the empty tree, and checks after each. An `RbFault`. */
export function insertInOrder(count: i32, number: i32): i32 {
  permute(count, number);
  for (let at: i32 = 0; at < count; at += 1) {
    const key: i32 = permuted(at);
    insert(key, key);
    const fault: i32 = check();
    if (fault !== RbFault.none) return fault;
  }
  return RbFault.none;
}

/** Erases keys 0 to `count - 1`, which all are there in slots of the same numbers, in their `number`th order. */
export function eraseInOrder(count: i32, number: i32): i32 {
  permute(count, number);
  for (let at: i32 = 0; at < count; at += 1) {
    erase(permuted(at));
    const fault: i32 = check();
    if (fault !== RbFault.none) return fault;
  }
  return RbFault.none;
}

/**
 * For every order of erasing `count` keys (`orders` of them: count!): inserts them in their `inserts`th order and erases them.
 * 0 if the tree always was right.
 */
export function eraseInAllOrders(count: i32, inserts: i32, orders: i32): i32 {
  for (let number: i32 = 0; number < orders; number += 1) {
    const built: i32 = insertInOrder(count, inserts);
    if (built !== RbFault.none) return built;
    const erased: i32 = eraseInOrder(count, number);
    if (erased !== RbFault.none) return erased;
  }
  return RbFault.none;
}

// ---- readers beside a writer ----

/** Keys 0 to `keys - 1`: every fourth is there from the beginning and stays, the one after it never comes. */
export function plant(keys: i32): void {
  for (let key: i32 = 0; key < keys; key += 4) insert(key, key);
}

/** The only writer: `changes` of keys that may come and go. */
export function writer(_cpu: i32, seed: i32, keys: i32, changes: i32): void {
  let random: i32 = seed;
  for (let done: i32 = 0; done < changes; done += 1) {
    random = draw(random);
    const key: i32 = below(random, keys);
    if ((key & 2) !== 0) {
      seqWriteBegin(sequence);
      change(random, key, keys);
      seqWriteEnd(sequence);
    }
  }
}

/** Looks keys up without a lock: what the sequence counter confirms must be true. How often it had to walk again. */
export function reader(cpu: i32, seed: i32, keys: i32, rounds: i32): i32 {
  let random: i32 = seed;
  let again: i32 = 0;
  for (let round: i32 = 0; round < rounds; round += 1) {
    random = draw(random);
    const key: i32 = below(random, keys);
    let start: i32 = seqBegin(sequence);
    let slot: i32 = find(key);
    while (seqRetry(sequence, start)) {
      again += 1;
      start = seqBegin(sequence);
      slot = find(key);
    }
    const kind: i32 = key & 3;
    const wrong: bool = slot === -2 || (kind === 0 && slot !== key) || (kind === 1 && slot !== -1);
    if (wrong) violation(cpu, Verdict.assertion, tree);
    if (slot >= 0 && slot !== key && slot !== key + keys) violation(cpu, Verdict.assertion, tree);
  }
  return again;
}

/** How often `violation` was told `verdict`. */
export function violationCount(verdict: i32): i32 {
  return violations(verdict);
}

export default { options: {} } satisfies ProgramMeta;
