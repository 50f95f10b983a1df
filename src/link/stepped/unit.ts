/** One function on its way from blocks to cases: what the layout and the emitter know of it. */
import type { IrFunction, IrStatement } from "../ir.ts";
import { type Block, jumpTargets, lowerFunction } from "./blocks.ts";
import type { Homes } from "./homes.ts";
import { assignHomes } from "./homes.ts";
import { BitSet, dropDeadCode, type Liveness, unassignedAtEntry } from "./liveness.ts";
import { expressionWeight, statementWeight } from "./weight.ts";

export interface Unit {
  readonly fn: IrFunction;
  readonly blocks: readonly Block[];
  readonly liveness: Liveness;
  /** Whether some other function calls it, so that it must keep a return pc (first word of its frame). */
  readonly called: boolean;
  /** By block: it has a case of its own; the others are written out where control comes from. */
  readonly leader: Uint8Array;
  /** By block: it has no text, its pc is a second label of that block's case; -1 for the others. */
  readonly alias: Int32Array;
  /** Locals that live in the actor. */
  readonly stored: BitSet;
  homes: Homes;
  /** First word of the frame within the actor. */
  frame: number;
}

function ownWeight(block: Block): number {
  let weight = 20;
  for (const statement of block.code) weight += statementWeight(statement);
  const { end } = block;
  switch (end.kind) {
    case "branch":
      return weight + 16 + expressionWeight(end.test);
    case "switch":
      return weight + 20 + 26 * end.cases.length;
    case "op":
    case "call":
      for (const arg of end.args) weight += 12 + expressionWeight(arg);
      return weight + 36;
    case "return":
      return weight + 20 + (end.value === null ? 0 : expressionWeight(end.value));
    default:
      return weight + 24;
  }
}

/** Makes further blocks leaders until no case is much longer than `maxCase` characters. */
function splitCases(blocks: readonly Block[], leader: Uint8Array, maxCase: number): void {
  const weights = new Map<Block, number>();
  const weigh = (block: Block): number => {
    const known = weights.get(block);
    if (known !== undefined) return known;
    let weight = ownWeight(block);
    const inner = [...new Set(jumpTargets(block))].filter((target) => leader[target.index] === 0);
    inner.sort((a, b) => weigh(a) - weigh(b));
    for (const target of inner) {
      if (weight + weigh(target) <= maxCase) weight += weigh(target);
      else leader[target.index] = 1;
    }
    weights.set(block, weight);
    return weight;
  };
  for (const block of blocks) weigh(block);
}

/** The function with a 0 in every local that some path reads first; a frame holds what its last use left there. */
function initialised(fn: IrFunction): IrFunction {
  const zeroes = unassignedAtEntry(fn).map((local): IrStatement => {
    const type = fn.locals[local]?.type ?? "i32";
    return { kind: "assign", local, value: { kind: "const", value: 0, type }, position: fn.position };
  });
  return zeroes.length === 0 ? fn : { ...fn, body: [...zeroes, ...fn.body] };
}

/** Lowers a function and decides which blocks become cases. `maxCase`: wanted characters of one, at most. */
export function makeUnit(source: IrFunction, called: boolean, maxCase: number): Unit {
  const fn = initialised(source);
  const blocks = lowerFunction(fn, maxCase / 4);
  const liveness = dropDeadCode(blocks, fn.locals.length);
  const entries = new Int32Array(blocks.length);
  for (const block of blocks) {
    // A switch may name a target many times: all of them lead there from one place, but text is written once.
    for (const target of jumpTargets(block)) entries[target.index] = (entries[target.index] as number) + 1;
  }
  const leader = new Uint8Array(blocks.length);
  leader[0] = 1;
  for (const block of blocks) {
    if (block.resume !== null || (entries[block.index] as number) > 1) leader[block.index] = 1;
  }
  splitCases(blocks, leader, maxCase);

  const alias = new Int32Array(blocks.length).fill(-1);
  for (const block of blocks) {
    if (block.resume === null || block.resume.result !== null || block.code.length > 0) continue;
    if (block.end.kind === "jump" && leader[block.end.to.index] === 1 && block.end.to.resume === null) {
      alias[block.index] = block.end.to.index;
    }
  }

  const stored = new BitSet(fn.locals.length);
  for (const block of blocks) {
    if (block.resume !== null || block.index === 0) stored.union(liveness.before[block.index] as BitSet);
  }
  const unit = { fn, blocks, liveness, called, leader, alias, stored, frame: 0 };
  return { ...unit, homes: homesOf(unit) };
}

type Homeless = Omit<Unit, "homes">;

/** Homes for the locals as `stored` now demands. */
export function homesOf(unit: Homeless): Homes {
  const { blocks, liveness, fn, stored, called } = unit;
  return assignHomes(blocks, liveness, fn.locals.length, fn.parameters, stored, called ? 1 : 0);
}
