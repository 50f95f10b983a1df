/** Everything that differs from state to state, as one array: for searches that go back to where they were. */
import type { Actors } from "./actors.ts";
import { queueLimit } from "./sections.ts";

/** What `save` makes, for `restore`. */
export type Snapshot = Int32Array;

/** For a few words at a time much faster than `set` with `subarray`. */
function copy(from: Int32Array, fromAt: number, to: Int32Array, toAt: number, count: number): void {
  for (let i = 0; i < count; i++) to[toAt + i] = from[fromAt + i] as number;
}

/** A copy of everything that can change, for `restore`. `reuse`: a copy that nobody needs any more, to be overwritten. */
export function save(actors: Actors, reuse?: Snapshot): Snapshot {
  const { actorCount, roundsLeft, state, stride, world } = actors;
  const { objects, sections, buffers, cells, memory } = world;
  const actorWords = actorCount * stride;
  let entries = 0;
  let callbacks = 0;
  for (let actor = 0; actor < actorCount; actor++) {
    entries += buffers.length[actor] as number;
    callbacks += sections.queued[actor] as number;
  }
  const rcuWords = actorCount * (5 + actorCount + 1) + callbacks * sections.stride;
  const size = 2 + actorWords + rcuWords + entries * 2 + objects.count + cells.length;
  const snapshot = reuse !== undefined && reuse.length >= size ? reuse : new Int32Array(size);
  let at = 0;
  snapshot[at++] = objects.count;
  snapshot[at++] = cells.length;
  copy(state, 0, snapshot, at, actorWords);
  at += actorWords;
  for (let actor = 0; actor < actorCount; actor++) {
    snapshot[at++] = sections.nesting[actor] as number;
    snapshot[at++] = sections.open[actor] as number;
    snapshot[at++] = sections.waiting[actor] as number;
    snapshot[at++] = roundsLeft[actor] as number;
    copy(sections.left, actor * sections.nesting.length, snapshot, at, actorCount);
    at += actorCount;
    const queued = sections.queued[actor] as number;
    snapshot[at++] = queued;
    copy(sections.queue, actor * queueLimit * sections.stride, snapshot, at, queued * sections.stride);
    at += queued * sections.stride;
    const length = buffers.length[actor] as number;
    snapshot[at++] = length;
    copy(buffers.entries, buffers.oldest(actor), snapshot, at, length * 2);
    at += length * 2;
  }
  copy(objects.words, 0, snapshot, at, objects.count);
  at += objects.count;
  for (let slot = 0; slot < cells.length; slot++) snapshot[at++] = memory[cells[slot] as number] as number;
  return snapshot;
}

/** Makes everything what it was when `save` was called. */
export function restore(actors: Actors, snapshot: Snapshot): void {
  const { actorCount, roundsLeft, state, stride, world } = actors;
  const { objects, sections, buffers, cells, memory, start } = world;
  world.breach = null;
  const actorWords = actorCount * stride;
  let at = 2;
  copy(snapshot, at, state, 0, actorWords);
  at += actorWords;
  for (let actor = 0; actor < actorCount; actor++) {
    sections.nesting[actor] = snapshot[at++] as number;
    sections.open[actor] = snapshot[at++] as number;
    sections.waiting[actor] = snapshot[at++] as number;
    roundsLeft[actor] = snapshot[at++] as number;
    copy(snapshot, at, sections.left, actor * sections.nesting.length, actorCount);
    at += actorCount;
    const queued = snapshot[at++] as number;
    sections.queued[actor] = queued;
    copy(snapshot, at, sections.queue, actor * queueLimit * sections.stride, queued * sections.stride);
    at += queued * sections.stride;
    const length = snapshot[at++] as number;
    buffers.length[actor] = length;
    copy(snapshot, at, buffers.entries, buffers.oldest(actor), length * 2);
    at += length * 2;
  }
  // What the calls after the actors left behind.
  sections.nesting[actorCount] = 0;
  sections.open[actorCount] = 0;
  sections.queued[actorCount] = 0;
  const objectCount = snapshot[0] as number;
  copy(snapshot, at, objects.words, 0, objectCount);
  objects.words.fill(0, objectCount, objects.count);
  at += objectCount;
  const slots = snapshot[1] as number;
  for (let slot = 0; slot < slots; slot++) memory[cells[slot] as number] = snapshot[at++] as number;
  for (let slot = slots; slot < cells.length; slot++) {
    const cell = cells[slot] as number;
    memory[cell] = start[cell] as number;
  }
}
