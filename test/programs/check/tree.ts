/**
 * Look-ups that walk a red-black tree down without a lock, under a sequence counter, while one writer puts keys in and takes
 * them out, with rotations: what the label set's readers do.
 *
 * The sequence counter also says what a look-up must have found: its value tells how many changes were complete, and the
 * changes are always the same.
 *
 * `broken`: 1 does not look at the counter again, 2 frees what was taken out without a grace period, 3 begins to walk while a
 * change is under way, 4 moves the counter only after the change.
 */
import {
  coreBoot,
  heapAlloc,
  heapFree,
  Kind,
  kernelGlobals,
  type ProgramMeta,
  RbFault,
  RbNode,
  rbCheck,
  rbDepthLimit,
  rbErase,
  rbFirst,
  rbInsert,
  rbLeft,
  rbNodeBytes,
  rbRight,
  rbTop,
  seqBegin,
  seqRetry,
  seqWriteBegin,
  seqWriteEnd,
  spinLock,
  spinUnlock,
  Verdict,
  violation,
} from "refplay/kernel";
import {
  type bool,
  type i32,
  load,
  option,
  type ptr,
  rcuReadLock,
  rcuReadUnlock,
  store,
  synchronizeRcu,
} from "refplay/machine";

const broken: i32 = option("broken");

/** What is looked up: a tree node and its key. */
export enum Scratch {
  node = 0,
  key = rbNodeBytes,
  end = key + 8,
}

/** Cells behind `kernelGlobals`. */
export enum Shared {
  tree = 0,
  sequence = 8,
  lock = 16,
}

const tree: ptr = kernelGlobals + Shared.tree;
const sequence: ptr = kernelGlobals + Shared.sequence;
const lock: ptr = kernelGlobals + Shared.lock;

/** Keys 0 to `planted - 1` are there at first. */
const planted: i32 = 2;
/** Keys 0 to `keyLimit - 1` are there at times. */
const keyLimit: i32 = 4;

/** The key that is put in, or taken out if it is there, by the change of that number (0 to 6). */
function changed(change: i32): i32 {
  switch (change) {
    // A rotation: nobody finds 1 for a moment.
    case 0:
      return 3;
    // Colours only.
    case 1:
      return 2;
    // 1 goes, and 2 takes its place from below 3: nobody finds 2 for a moment.
    case 2:
      return 1;
    case 3:
      return 1;
    // A black too few, made up for by two rotations.
    case 4:
      return 3;
    // A black too few, made up for by colours.
    case 5:
      return 2;
    default:
      return 3;
  }
}

/** Whether the key is there after so many changes. Looks at no memory. */
function isThere(key: i32, changes: i32): bool {
  let there: bool = key < planted;
  for (let change: i32 = 0; change < changes; change += 1) if (changed(change) === key) there = !there;
  return there;
}

/** The planted keys, in the area of a CPU that no actor has, so that all others begin alike. */
export function boot(spare: i32): void {
  coreBoot();
  for (let key: i32 = 0; key < planted; key += 1) putIn(spare, key);
}

function putIn(cpu: i32, key: i32): void {
  const item: ptr = heapAlloc(cpu, Kind.scratch, Scratch.end);
  store(item + Scratch.key, key);
  let link: ptr = tree;
  let parent: ptr = 0;
  let at: ptr = rbTop(tree);
  while (at !== 0) {
    const there: i32 = load(at + Scratch.key);
    parent = at;
    link = at + (key < there ? RbNode.left : RbNode.right);
    at = load(link);
  }
  rbInsert(tree, item, parent, link);
}

/** The node with that key; 0 where there is none, or where the walk was longer than it can be. */
function walk(key: i32): ptr {
  let node: ptr = rbTop(tree);
  for (let steps: i32 = 0; node !== 0 && steps < rbDepthLimit; steps += 1) {
    const there: i32 = load(node + Scratch.key);
    if (there === key) return node;
    node = key < there ? rbLeft(node) : rbRight(node);
  }
  return 0;
}

/**
 * Looks `keys` of the four keys up. Under an unchanged counter it finds exactly what is there after as many changes as that says.
 * The deliberate bugs are given the benefit of every count of changes that may have been true meanwhile, so that they fail
 * only where they miss what was there all the time.
 */
export function reader(cpu: i32, keys: i32): void {
  rcuReadLock();
  for (let look: i32 = 1; look <= keys; look += 1) {
    const key: i32 = look % keyLimit;
    let start: i32 = begin();
    let node: ptr = walk(key);
    let end: i32 = start;
    if (broken === 1) end = load(sequence);
    else {
      while (seqRetry(sequence, start)) {
        start = begin();
        node = walk(key);
      }
      end = start;
    }
    if (broken === 4) end += 1;
    judge(cpu, key, node, start >> 1, (end + 1) >> 1);
  }
  rcuReadUnlock();
}

function begin(): i32 {
  if (broken === 3) return load(sequence);
  return seqBegin(sequence);
}

/** What was found must be what is there after a number of changes from `fewest` to `most`. */
function judge(cpu: i32, key: i32, node: ptr, fewest: i32, most: i32): void {
  const found: bool = node !== 0;
  for (let changes: i32 = fewest; changes <= most; changes += 1) {
    if (isThere(key, changes) === found) return;
  }
  violation(cpu, Verdict.assertion, node);
}

/** The only writer: the first `changes`, each under the lock that would keep other writers out. */
export function writer(cpu: i32, changes: i32): void {
  for (let change: i32 = 0; change < changes; change += 1) {
    const key: i32 = changed(change);
    spinLock(lock);
    if (broken !== 4) seqWriteBegin(sequence);
    let gone: ptr = 0;
    if (isThere(key, change)) gone = takeOut(key);
    else putIn(cpu, key);
    if (broken === 4) seqWriteBegin(sequence);
    seqWriteEnd(sequence);
    spinUnlock(lock);
    if (gone !== 0) {
      // Readers that found it before may still stand on it.
      if (broken !== 2) synchronizeRcu();
      heapFree(cpu, gone);
    }
  }
}

function takeOut(key: i32): ptr {
  const node: ptr = walk(key);
  rbErase(tree, node);
  return node;
}

/** The end: all changes were done and left a tree. */
export function clear(changes: i32): void {
  let count: i32 = 0;
  for (let key: i32 = 0; key < keyLimit; key += 1) if (isThere(key, changes)) count += 1;
  const fault: i32 = rbCheck(tree, Scratch.key, count);
  if (fault !== RbFault.none) violation(0, Verdict.assertion, tree);
  let node: ptr = rbFirst(tree);
  while (node !== 0) {
    rbErase(tree, node);
    heapFree(0, node);
    node = rbFirst(tree);
  }
}

export default {
  options: {
    broken: { unit: "number", default: 0, min: 0, max: 4, doc: "Which deliberate bug; 0 = none." },
  },
} satisfies ProgramMeta;
