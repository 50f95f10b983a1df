/**
 * Strategies at their barest: one label in one slot, few actors, and no operation that the idea does not need, because every
 * one multiplies what the checker has to look at. A label is a heap object with the strategy's bytes and nothing else of the
 * kernel; its first reference, the one that keeps it reachable, is in a holder behind it.
 *
 * Actors whose first parameter is `cpu` differ in nothing but that number and use it for cells of their own only.
 */
import {
  Boot,
  Callback,
  callbacksPerOwner,
  coreBoot,
  guardSlotBytes,
  heapAlloc,
  heapFree,
  holderSlotBytes,
  Kind,
  kernelCpu,
  kernelGlobals,
  Label,
  RcuHead,
  spinLock,
  spinUnlock,
  Verdict,
  violation,
} from "refplay/kernel";
import {
  awaitNotEqual,
  type bool,
  type i32,
  load,
  type ptr,
  rcuReadLock,
  rcuReadUnlock,
  rcuTake,
  store,
  storeRelease,
} from "refplay/machine";
import {
  callback,
  destroy,
  publish,
  retire,
  boot as strategyBoot,
  maintain as strategyMaintain,
} from "refplay/strategy";
import {
  labelBorrow,
  labelGet,
  labelInit,
  labelMove,
  labelPut,
  labelSwap,
  labelTryGet,
  labelUnborrow,
} from "../../../src/kernel/reference.ts";

/** Cells behind `kernelGlobals`. */
export enum Shared {
  /** The label that look-ups find, or 0. */
  slot = 0,
  /** Spinlock of those who change the slot, where there are several. */
  slotLock = 64,
}

/** Cells of a CPU. */
export enum Own {
  /** The reference that an actor begins with, or looks up. */
  holder = 0,
  /** The reference that it takes and drops again. */
  temporary = holderSlotBytes,
  /** What another actor is handed: the reference, and 1 once it is there. */
  mail = temporary + holderSlotBytes,
  posted = mail + holderSlotBytes,
  guard = posted + 8,
  end = guard + guardSlotBytes,
}

const slot: ptr = kernelGlobals + Shared.slot;
const slotLock: ptr = kernelGlobals + Shared.slotLock;
/** Where a label's object has the holder of the reference that keeps it reachable: behind a vector of one and its end. */
const keeper: i32 = Label.vec + 16;
const objectBytes: i32 = keeper + holderSlotBytes;

/** A new label, reachable for nobody yet. */
function make(cpu: i32): ptr {
  const label: ptr = heapAlloc(cpu, Kind.label, objectBytes);
  labelInit(cpu, label + keeper, label);
  return label;
}

/** What a user does with its label: whoever may not is caught here. */
function use(label: ptr): void {
  load(label + Label.secid);
}

/** A label in the slot, published if `published`, with a reference in the holder of each CPU below `users`. */
export function boot(users: i32, published: i32): void {
  coreBoot();
  const cpus: i32 = load(Boot.cpus);
  for (let cpu: i32 = 0; cpu < cpus; cpu += 1) strategyBoot(cpu);
  // Objects lie in the area of the CPU that makes them: of the last, so that all others begin alike.
  const label: ptr = make(cpus - 1);
  if (published !== 0) publish(cpus - 1, label);
  store(slot, label);
  for (let user: i32 = 0; user < users; user += 1) labelGet(user, kernelCpu(user) + Own.holder, label);
}

/** Takes and drops a reference, `rounds` times, while it has one all along. */
export function getPut(cpu: i32, rounds: i32): void {
  const label: ptr = load(kernelCpu(cpu) + Own.holder);
  for (let round: i32 = 0; round < rounds; round += 1) {
    labelGet(cpu, kernelCpu(cpu) + Own.temporary, label);
    labelPut(cpu, kernelCpu(cpu) + Own.temporary, label);
  }
}

/** The same, and uses the label and drops its own reference at the end. */
export function getPutLeave(cpu: i32, rounds: i32): void {
  const label: ptr = load(kernelCpu(cpu) + Own.holder);
  for (let round: i32 = 0; round < rounds; round += 1) {
    labelGet(cpu, kernelCpu(cpu) + Own.temporary, label);
    labelPut(cpu, kernelCpu(cpu) + Own.temporary, label);
  }
  // Its own reference has kept the label until here, whatever became of the others.
  use(label);
  labelPut(cpu, kernelCpu(cpu) + Own.holder, label);
}

/** Drops the reference that it has. */
export function leave(cpu: i32): void {
  const label: ptr = load(kernelCpu(cpu) + Own.holder);
  use(label);
  labelPut(cpu, kernelCpu(cpu) + Own.holder, label);
}

/** Looks the label up, uses it and drops it, `rounds` times. */
export function lookUp(cpu: i32, rounds: i32): void {
  const holder: ptr = kernelCpu(cpu) + Own.holder;
  for (let round: i32 = 0; round < rounds; round += 1) {
    rcuReadLock();
    const label: ptr = load(slot);
    const taken: bool = label !== 0 && labelTryGet(cpu, holder, label);
    rcuReadUnlock();
    if (taken) {
      use(label);
      labelPut(cpu, holder, label);
    }
  }
}

/** Borrows what the slot shows and uses it, `rounds` times. */
export function borrower(cpu: i32, rounds: i32): void {
  const guard: ptr = kernelCpu(cpu) + Own.guard;
  for (let round: i32 = 0; round < rounds; round += 1) {
    const label: ptr = labelBorrow(cpu, guard, slot);
    if (label !== 0) {
      use(label);
      labelUnborrow(cpu, guard, label);
    }
  }
}

/** Borrows what the slot shows, takes a reference and uses the label with that alone, `rounds` times. */
export function borrowGetter(cpu: i32, rounds: i32): void {
  const guard: ptr = kernelCpu(cpu) + Own.guard;
  const holder: ptr = kernelCpu(cpu) + Own.holder;
  for (let round: i32 = 0; round < rounds; round += 1) {
    const label: ptr = labelBorrow(cpu, guard, slot);
    if (label !== 0) {
      labelGet(cpu, holder, label);
      labelUnborrow(cpu, guard, label);
      use(label);
      labelPut(cpu, holder, label);
    }
  }
}

/** As `boot`, but the slot is a holder, with the only reference. */
export function bootHeld(): void {
  bootSlot(1);
}

/** The same with a label that is not published, so that nobody will retire it. */
export function bootOwnerless(): void {
  bootSlot(0);
}

function bootSlot(published: i32): void {
  boot(0, published);
  const last: i32 = load(Boot.cpus) - 1;
  const label: ptr = load(slot);
  store(slot, 0);
  labelMove(last, label + keeper, slot, label);
}

/** Drops the reference in the slot. */
export function dropHeld(cpu: i32): void {
  labelPut(cpu, slot, load(slot));
}

/** Borrows from a slot that is never empty. */
export function heldBorrower(cpu: i32, rounds: i32): void {
  const guard: ptr = kernelCpu(cpu) + Own.guard;
  for (let round: i32 = 0; round < rounds; round += 1) {
    const label: ptr = labelBorrow(cpu, guard, slot);
    if (label === 0) violation(cpu, Verdict.assertion, slot);
    else {
      use(label);
      labelUnborrow(cpu, guard, label);
    }
  }
}

/** Lets a new label and the one in the slot change places, then retires and drops the old one, `rounds` times. */
export function swapper(cpu: i32, rounds: i32, writers: i32): void {
  const holder: ptr = kernelCpu(cpu) + Own.holder;
  for (let round: i32 = 0; round < rounds; round += 1) {
    const fresh: ptr = make(cpu);
    publish(cpu, fresh);
    labelMove(cpu, fresh + keeper, holder, fresh);
    if (writers > 1) spinLock(slotLock);
    labelSwap(cpu, slot, holder);
    if (writers > 1) spinUnlock(slotLock);
    const old: ptr = load(holder);
    retire(cpu, old);
    labelPut(cpu, holder, old);
  }
}

/** The end: drops what is in the slot. */
export function clearHeld(): void {
  const label: ptr = load(slot);
  retire(0, label);
  labelPut(0, slot, label);
}

/** Takes the label out of the slot and leaves `fresh` there; the old one or 0. One writer needs no lock. */
function exchangeSlot(fresh: ptr, writers: i32): ptr {
  if (writers > 1) spinLock(slotLock);
  const old: ptr = load(slot);
  if (old !== 0) storeRelease(slot, fresh);
  if (writers > 1) spinUnlock(slotLock);
  return old;
}

/** Takes the label out of the slot, retires it and drops the reference that kept it there. */
export function remove(cpu: i32, writers: i32): void {
  const label: ptr = exchangeSlot(0, writers);
  if (label === 0) return;
  retire(cpu, label);
  labelPut(cpu, label + keeper, label);
}

/** The same after publishing it first. */
export function publishRemove(cpu: i32, writers: i32): void {
  publish(cpu, load(slot));
  remove(cpu, writers);
}

/** Puts a new label into the slot and retires the old one, `rounds` times. */
export function replace(cpu: i32, rounds: i32, writers: i32): void {
  for (let round: i32 = 0; round < rounds; round += 1) {
    const fresh: ptr = make(cpu);
    publish(cpu, fresh);
    const old: ptr = exchangeSlot(fresh, writers);
    retire(cpu, old);
    labelPut(cpu, old + keeper, old);
  }
}

/** Hands its reference over. */
export function give(cpu: i32): void {
  const own: ptr = kernelCpu(cpu);
  const label: ptr = load(own + Own.holder);
  use(label);
  labelMove(cpu, own + Own.holder, own + Own.mail, label);
  storeRelease(own + Own.posted, 1);
}

/** Waits for what CPU `from` hands over, uses it and drops it. */
export function receive(cpu: i32, from: i32): void {
  const own: ptr = kernelCpu(cpu);
  const other: ptr = kernelCpu(from);
  awaitNotEqual(other + Own.posted, 0);
  const label: ptr = load(other + Own.mail);
  labelMove(cpu, other + Own.mail, own + Own.holder, label);
  use(label);
  labelPut(cpu, own + Own.holder, label);
}

/** The end: drops the references of CPUs below `users`, then the slot's. */
export function clear(users: i32): void {
  for (let user: i32 = 0; user < users; user += 1) {
    const label: ptr = load(kernelCpu(user) + Own.holder);
    if (label !== 0) labelPut(user, kernelCpu(user) + Own.holder, label);
  }
  remove(0, 1);
}

/** Runs RCU callbacks until none can come any more. */
export function softirq(cpu: i32): void {
  let head: ptr = rcuTake();
  while (head !== 0) {
    const id: i32 = load(head + RcuHead.callback);
    if (id === Callback.labelFree) {
      destroy(cpu, head - Label.rcu);
      heapFree(cpu, head - Label.rcu);
    } else callback(cpu, id - callbacksPerOwner, head);
    head = rcuTake();
  }
}

/** Background work of the strategy. */
export function maintain(cpu: i32): i32 {
  return strategyMaintain(cpu);
}
