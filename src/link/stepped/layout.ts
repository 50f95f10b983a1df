/** Orders the cases, numbers them (that number is the pc) and decides which words each function's frame takes. */

import { firstSlot } from "./actor.ts";
import type { Block } from "./blocks.ts";
import { jumpTargets, successors } from "./blocks.ts";
import type { Unit } from "./unit.ts";

/** One case of a piece. */
export interface Case {
  readonly unit: Unit;
  readonly block: Block;
  /** Blocks without text whose pcs lead here too. */
  readonly aliases: Block[];
}

export interface Layout {
  readonly cases: readonly Case[];
  /** pc of every block that has one: by function id, then block index; -1 for the others. */
  readonly pcs: ReadonlyMap<number, Int32Array>;
  /** First pc behind the cases. */
  readonly end: number;
}

/** The leader that a block's text ends in if its last jump leaves the case: it should be the next case. */
function lastJump(unit: Unit, block: Block): Block | null {
  let at = block;
  for (;;) {
    const targets = jumpTargets(at);
    const last = targets[targets.length - 1];
    if (last === undefined) return at.end.kind === "op" || at.end.kind === "call" ? at.end.next : null;
    if (unit.leader[last.index] === 1) return last;
    at = last;
  }
}

function orderCases(unit: Unit): Case[] {
  const cases: Case[] = [];
  const byBlock = new Map<number, Case>();
  const seen = new Uint8Array(unit.blocks.length);
  const waiting: Block[] = [unit.blocks[0] as Block];
  while (waiting.length > 0) {
    let block: Block | null = waiting.pop() as Block;
    while (block !== null && seen[block.index] === 0) {
      seen[block.index] = 1;
      const alias = unit.alias[block.index] as number;
      if (alias >= 0) {
        block = unit.blocks[alias] as Block;
        continue;
      }
      const entry: Case = { unit, block, aliases: [] };
      cases.push(entry);
      byBlock.set(block.index, entry);
      // Everything that the text of this case can lead to, nearest last.
      const inside: Block[] = [block];
      const found: Block[] = [];
      for (let at = inside.pop(); at !== undefined; at = inside.pop()) {
        for (const next of successors(at)) {
          if (unit.leader[next.index] === 1) found.push(next);
          else inside.push(next);
        }
      }
      waiting.push(...found.reverse());
      block = lastJump(unit, block);
    }
  }
  for (const block of unit.blocks) {
    const alias = unit.alias[block.index] as number;
    if (alias >= 0) byBlock.get(alias)?.aliases.push(block);
  }
  return cases;
}

/** Cases of the units in their order; pc 0 is the end of an entry and stands first. */
export function layOut(units: readonly Unit[]): Layout {
  const cases: Case[] = [];
  const pcs = new Map<number, Int32Array>();
  let pc = 1;
  for (const unit of units) {
    const numbers = new Int32Array(unit.blocks.length).fill(-1);
    pcs.set(unit.fn.id, numbers);
    for (const entry of orderCases(unit)) {
      cases.push(entry);
      for (const block of entry.aliases) numbers[block.index] = pc++;
      numbers[entry.block.index] = pc++;
    }
  }
  return { cases, pcs, end: pc };
}

/**
 * Places the frames: without recursion a function's frame can lie at a fixed place, behind those of all its callers.
 * Returns the words of an actor. Units must come callers before callees (`topological`).
 */
export function placeFrames(topological: readonly Unit[]): number {
  const units = new Map(topological.map((unit) => [unit.fn.id, unit]));
  for (const unit of topological) unit.frame = firstSlot;
  let words = firstSlot;
  for (const unit of topological) {
    const end = unit.frame + unit.homes.slots;
    words = Math.max(words, end);
    for (const block of unit.blocks) {
      if (block.end.kind !== "call") continue;
      const callee = units.get(block.end.callee) as Unit;
      callee.frame = Math.max(callee.frame, end);
    }
  }
  return words;
}
