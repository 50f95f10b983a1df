/**
 * Where the locals of a function live: in words of the actor if they must survive an operation (or a jump into another
 * JavaScript function), else in JavaScript variables. Locals that are never alive together share a word or variable.
 */
import type { Block } from "./blocks.ts";
import { type BitSet, eachDefinition, type Liveness } from "./liveness.ts";

export interface Homes {
  /** By local: word within the function's frame, or -1. */
  readonly slot: Int32Array;
  /** By local: number of the JavaScript variable, or -1. */
  readonly variable: Int32Array;
  /** Words of the frame. */
  readonly slots: number;
}

/** Gives every local of `members` a colour unlike those of its rivals; the same as a copy's source where possible. */
function colour(
  members: Iterable<number>,
  rivals: ReadonlyMap<number, ReadonlySet<number>>,
  copies: ReadonlyMap<number, ReadonlySet<number>>,
  colours: Int32Array,
  first: number,
): number {
  let count = first;
  for (const local of members) {
    const taken = new Set<number>();
    for (const rival of rivals.get(local) ?? []) taken.add(colours[rival] as number);
    let chosen = -1;
    for (const other of copies.get(local) ?? []) {
      const candidate = colours[other] as number;
      if (candidate >= first && !taken.has(candidate)) {
        chosen = candidate;
        break;
      }
    }
    if (chosen < 0) for (chosen = first; taken.has(chosen); ) chosen++;
    colours[local] = chosen;
    if (chosen >= count) count = chosen + 1;
  }
  return count;
}

function relate(map: Map<number, Set<number>>, a: number, b: number): void {
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const) {
    const set = map.get(from);
    if (set === undefined) map.set(from, new Set([to]));
    else set.add(to);
  }
}

/**
 * @param parameters the first so many locals arrive in the frame
 * @param stored locals that must live in the frame
 * @param reserved words at the frame's beginning that no local may take (the return pc)
 */
export function assignHomes(
  blocks: readonly Block[],
  liveness: Liveness,
  locals: number,
  parameters: number,
  stored: BitSet,
  reserved: number,
): Homes {
  const rivals = new Map<number, Set<number>>();
  const copies = new Map<number, Set<number>>();
  const used = new Set<number>();
  eachDefinition(blocks, liveness, (local, live, copyOf) => {
    used.add(local);
    if (copyOf !== null) relate(copies, local, copyOf);
    live.each((other) => {
      if (other !== local && other !== copyOf && stored.has(other) === stored.has(local)) {
        relate(rivals, local, other);
      }
    });
  });
  const storedParameters = [...Array(parameters).keys()].filter((local) => stored.has(local));
  // What arrives at the entry arrives all at once: parameters that are overwritten before they are read, too.
  const arriving = new Set([...(liveness.before[0] as BitSet).list(), ...storedParameters]);
  for (const a of arriving) {
    used.add(a);
    for (const b of arriving) if (a < b) relate(rivals, a, b);
  }

  const slot = new Int32Array(locals).fill(-1);
  const variable = new Int32Array(locals).fill(-1);
  const sorted = [...used].sort((a, b) => a - b);
  // Callers write parameters before the callee runs: each has its own word, even one that is never read.
  const inFrame = [...storedParameters];
  for (const local of sorted) if (local >= parameters && stored.has(local)) inFrame.push(local);
  const slots = colour(inFrame, rivals, copies, slot, reserved);
  const inVariables = sorted.filter((local) => !stored.has(local));
  colour(inVariables, rivals, copies, variable, 0);
  return { slot, variable, slots };
}
