/**
 * A list that many CPUs add to without a lock and that is taken away as a whole: llist (include/linux/llist.h, lib/llist.c,
 * v6.6). Removing single nodes would meet the ABA problem, so there is no such function. The newest node comes first.
 */
import {
  type bool,
  compareExchange,
  exchange,
  type i32,
  load,
  loadAcquire,
  type ptr,
  store,
} from "../../machine/index.ts";

/** Offsets of `struct llist_head`. */
export enum ListHead {
  first = 0,
}

/** Offsets of `struct llist_node`, a part of the object that is listed. */
export enum ListNode {
  next = 0,
}

export const listHeadBytes: i32 = 8;
export const listNodeBytes: i32 = 8;

/** Puts a node in front: llist_add. Whether the list was empty, so that one of many adders knows that it must wake the consumer. */
export function listAdd(head: ptr, node: ptr): bool {
  let first: ptr = load(head + ListHead.first);
  while (true) {
    store(node + ListNode.next, first);
    // Fully ordered, so the node's contents are visible before the node.
    const before: ptr = compareExchange(head + ListHead.first, first, node);
    if (before === first) return first === 0;
    first = before;
  }
}

/** Takes the whole list: llist_del_all. Its first node or 0. */
export function listTakeAll(head: ptr): ptr {
  return exchange(head + ListHead.first, 0);
}

/** The first node without taking it, or 0. It may be taken by others at any time. */
export function listFirst(head: ptr): ptr {
  return loadAcquire(head + ListHead.first);
}

/** The node behind `node`, or 0. */
export function listNext(node: ptr): ptr {
  return load(node + ListNode.next);
}

/** Turns a taken list round, so that the oldest node comes first: llist_reverse_order. The new first node. */
export function listReverse(first: ptr): ptr {
  let reversed: ptr = 0;
  let node: ptr = first;
  while (node !== 0) {
    const next: ptr = load(node + ListNode.next);
    store(node + ListNode.next, reversed);
    reversed = node;
    node = next;
  }
  return reversed;
}
