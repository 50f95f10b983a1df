/**
 * Policy namespaces (struct aa_ns, security/apparmor/policy_ns.c): each has a label set, an `unconfined` profile and a parent; the
 * root has none. Namespaces have indices in the kernel's order of names, so a parent's is below its children's, and the labels
 * that a namespace's profiles can be part of are in its own set or in sets of higher indices.
 *
 * A namespace is counted by the table and by its profiles. Labels keep profiles, so a set lives as long as its last member.
 */
import { fetchAdd, type i32, load, type ptr, store, u32 } from "refplay/machine";
import { heapAlloc, heapFree } from "./core/heap.ts";
import { Kind } from "./core/kinds.ts";
import { KernelGlobal, pointerBytes } from "./globals.ts";
import { labelSetBytes, labelSetInit } from "./label-set/index.ts";

/** Offsets of a namespace. */
export enum Namespace {
  count = 0,
  /** Index in the table of namespaces. */
  index = 4,
  /** Index of the parent, -1 for the root. */
  parent = 8,
  /** Index of the name of its unconfined profile. */
  unconfined = 12,
  /** The label set, on lines of its own. */
  set = 64,
}

const namespaceBytes: i32 = Namespace.set + labelSetBytes;

/** A namespace with one count for the caller, seen by nobody yet; 0 where memory is exhausted. */
export function namespaceAlloc(cpu: i32, index: i32, parent: i32, unconfined: i32): ptr {
  const namespace: ptr = heapAlloc(cpu, Kind.namespace, namespaceBytes);
  if (namespace === 0) return 0;
  store(namespace + Namespace.count, 1);
  store(namespace + Namespace.index, index);
  store(namespace + Namespace.parent, parent);
  store(namespace + Namespace.unconfined, unconfined);
  labelSetInit(namespace + Namespace.set);
  return namespace;
}

/** One count more; the caller has one. */
export function namespaceGet(namespace: ptr): void {
  fetchAdd(namespace + Namespace.count, 1);
}

/** Drops one count; the last frees it. Its last label has gone by then, and with it everybody who could reach it. */
export function namespacePut(cpu: i32, namespace: ptr): void {
  const before: i32 = fetchAdd(namespace + Namespace.count, -1);
  if (before === 1) heapFree(cpu, namespace);
}

/** How many namespaces there may be, the root included. */
export function namespaceLimit(): i32 {
  return load(KernelGlobal.namespaceCount);
}

function entryOf(index: i32): ptr {
  const table: ptr = load(KernelGlobal.namespaces);
  return table + index * pointerBytes;
}

/** The namespace of that index, or 0. Under the policy's mutex. */
export function namespaceOf(index: i32): ptr {
  if (u32(index) >= u32(namespaceLimit())) return 0;
  return load(entryOf(index));
}

/** Puts a namespace into the table, or (0) takes it out. Under the policy's mutex. */
export function namespaceAssign(index: i32, namespace: ptr): void {
  store(entryOf(index), namespace);
}
