/**
 * The tree of a label set: ordered by vectors, one member for each vector. Changes are made under the set's lock; walking is
 * also for those who have no lock (`optimistic.ts`).
 *
 * Membership holds no reference. A label without references stays until it is removed, so whoever finds one must try to take
 * a reference; and an equal label that is dead or out of date is no obstacle to a new one, which takes its place.
 */
import { type bool, type i32, load, type ptr, store } from "refplay/machine";
import { Counter } from "../core/counter-names.ts";
import { count } from "../core/counters.ts";
import { Label, LabelFlags } from "../core/label-layout.ts";
import {
  RbNode,
  rbDepthLimit,
  rbErase,
  rbFirst,
  rbInsert,
  rbLeft,
  rbNext,
  rbReplace,
  rbRight,
  rbTop,
} from "../core/rb-tree.ts";
import { seqWriteBegin, seqWriteEnd } from "../core/seqcount.ts";
import { labelPut, labelTryGet, ownLabel } from "../reference.ts";
import { LabelSet, LabelSetVariant, labelSetVariant, Member, MemberState } from "./layout.ts";
import { vectorCompare, vectorIsStale } from "./vector.ts";

/** Whether somebody walks the tree without the lock and must be told of changes. */
const lockFree: bool = labelSetVariant !== LabelSetVariant.rwlock;

/** Whether the tree is changed in the midst of a search of all members. */
const hasCursor: bool = labelSetVariant === LabelSetVariant.rcuList;

/** Compares a vector with that of a label. */
export function compareWith(vector: ptr, size: i32, label: ptr): i32 {
  return vectorCompare(vector, size, label + Label.vec, load(label + Label.size));
}

/**
 * The member with that vector, dead or alive, or 0. Without the lock a member may be missed while the sequence counter moves,
 * and a walk of more steps than the tree is deep is given up.
 */
export function treeWalk(set: ptr, vector: ptr, size: i32): ptr {
  let node: ptr = rbTop(set + LabelSet.tree);
  for (let steps: i32 = 0; node !== 0 && steps < rbDepthLimit; steps += 1) {
    const label: ptr = node - Label.node;
    const order: i32 = compareWith(vector, size, label);
    if (order === 0) return label;
    node = order < 0 ? rbLeft(node) : rbRight(node);
  }
  return 0;
}

/**
 * Whether a newer version of the label exists, or should: a compound is out of date as soon as one of its profiles is, before
 * whoever replaces the profile comes to it. Staleness never ends.
 */
export function outOfDate(label: ptr): bool {
  const flags: i32 = load(label + Label.flags);
  if ((flags & LabelFlags.stale) !== 0) return true;
  const size: i32 = load(label + Label.size);
  return size > 1 && vectorIsStale(label + Label.vec, size);
}

/**
 * Takes a reference to what was found (or 0) into `holder`: the label, or 0 where it is out of date or dying and so nobody's
 * any more. Inside the RCU section, or under the lock, that found it: dead members keep their profiles until they are freed.
 */
export function takeFound(cpu: i32, holder: ptr, label: ptr): ptr {
  if (label === 0) return label;
  if (outOfDate(label)) return 0;
  return labelTryGet(cpu, holder, label) ? label : 0;
}

/**
 * The same for who makes an equal label. One that is out of date leaves the set with that, and whoever brings a set up to date will
 * not come to it any more: while it is not marked stale, a reference to it comes into `holder` although 0 is returned, so
 * that the maker can lead its holders on.
 */
export function takeOrDisplace(cpu: i32, holder: ptr, label: ptr): ptr {
  if (label === 0) return label;
  const current: bool = !outOfDate(label);
  const flags: i32 = load(label + Label.flags);
  const taken: bool = (current || (flags & LabelFlags.stale) === 0) && labelTryGet(cpu, holder, label);
  return current && taken ? label : 0;
}

/** Gives up what `takeOrDisplace` left in the holder, if anything: the search begins again. */
export function dropDisplaced(cpu: i32, holder: ptr): void {
  const label: ptr = ownLabel(holder);
  if (label !== 0) labelPut(cpu, holder, label);
}

/**
 * The first member in order that has a profile which was replaced or removed, and is not marked stale itself, with a reference
 * in `holder`; 0 where there is none. Under the lock, inside an RCU section. Looks at all members before it.
 */
export function treeFindOutOfDate(cpu: i32, set: ptr, holder: ptr): ptr {
  let node: ptr = rbFirst(set + LabelSet.tree);
  let seen: i32 = 0;
  let found: ptr = 0;
  while (node !== 0 && found === 0) {
    seen += 1;
    found = takeOutOfDate(cpu, holder, node - Label.node);
    node = rbNext(node);
  }
  count(cpu, Counter.scanned, seen);
  return found;
}

/** Takes a reference to a member into `holder` if it is what `treeFindOutOfDate` looks for; it, or 0. */
export function takeOutOfDate(cpu: i32, holder: ptr, label: ptr): ptr {
  const flags: i32 = load(label + Label.flags);
  if ((flags & LabelFlags.stale) !== 0 || !outOfDate(label)) return 0;
  // One without references has no successor: it is only in the way until it is freed.
  return labelTryGet(cpu, holder, label) ? label : 0;
}

/**
 * Puts `label` into the tree unless there is an equal one that is alive: that one is returned, with a reference in `holder`;
 * else `label`, and an equal one that was there left (`takeOrDisplace`). With `holder` 0 an equal one always has to leave.
 */
export function treeAdd(cpu: i32, set: ptr, holder: ptr, label: ptr): ptr {
  const tree: ptr = set + LabelSet.tree;
  const size: i32 = load(label + Label.size);
  let link: ptr = tree;
  let parent: ptr = 0;
  let at: ptr = rbTop(tree);
  while (at !== 0) {
    const there: ptr = at - Label.node;
    const order: i32 = compareWith(label + Label.vec, size, there);
    if (order === 0) {
      const taken: ptr = holder === 0 ? holder : takeOrDisplace(cpu, holder, there);
      if (taken !== 0) return taken;
      treeReplace(set, there, label);
      return label;
    }
    parent = at;
    link = at + (order < 0 ? RbNode.left : RbNode.right);
    at = load(link);
  }
  changeBegin(set);
  rbInsert(tree, label + Label.node, parent, link);
  changeEnd(set);
  store(label + Member.state, MemberState.inTree);
  return label;
}

/** Puts `fresh` where its equal `old` is. */
export function treeReplace(set: ptr, old: ptr, fresh: ptr): void {
  // Whoever found `old` and then saw that it is stale, or dead, must look again: what took its place may be alive.
  changeBegin(set);
  rbReplace(set + LabelSet.tree, old + Label.node, fresh + Label.node);
  changeEnd(set);
  store(old + Member.state, MemberState.left);
  store(fresh + Member.state, MemberState.inTree);
  moveCursor(set, old + Label.node, fresh + Label.node);
}

/** Takes a label out, if it is in the tree. */
export function treeRemove(set: ptr, label: ptr): void {
  const state: i32 = load(label + Member.state);
  if (state === MemberState.inTree) {
    if (hasCursor) moveCursor(set, label + Label.node, rbNext(label + Label.node));
    changeBegin(set);
    rbErase(set + LabelSet.tree, label + Label.node);
    changeEnd(set);
  }
  store(label + Member.state, MemberState.left);
}

/** A search that stands on `node`, which leaves the tree, goes on at `instead`. */
function moveCursor(set: ptr, node: ptr, instead: ptr): void {
  if (!hasCursor) return;
  const cursor: ptr = load(set + LabelSet.cursor);
  if (cursor === node) store(set + LabelSet.cursor, instead);
}

function changeBegin(set: ptr): void {
  if (lockFree) seqWriteBegin(set + LabelSet.sequence);
}

function changeEnd(set: ptr): void {
  if (lockFree) seqWriteEnd(set + LabelSet.sequence);
}
