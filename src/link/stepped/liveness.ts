/**
 * Which locals may still be read, by backward data flow over a function's blocks. It decides which locals need words in the
 * actor, which may share one, and which words a model checker may ignore.
 */
import type { IrExpr, IrFunction } from "../ir.ts";
import { type Block, lowerFunction, type StraightStatement, successors } from "./blocks.ts";
import { eachLocal } from "./simplify.ts";

/** A set of small integers. */
export class BitSet {
  readonly words: Uint32Array;

  constructor(size: number) {
    this.words = new Uint32Array((size + 31) >>> 5);
  }

  has(item: number): boolean {
    return (((this.words[item >>> 5] as number) >>> (item & 31)) & 1) !== 0;
  }

  add(item: number): void {
    this.words[item >>> 5] = (this.words[item >>> 5] as number) | (1 << (item & 31));
  }

  delete(item: number): void {
    this.words[item >>> 5] = (this.words[item >>> 5] as number) & ~(1 << (item & 31));
  }

  copy(): BitSet {
    const other = new BitSet(0);
    (other as { words: Uint32Array }).words = this.words.slice();
    return other;
  }

  /** Adds all of `other`; true if that changed anything. */
  union(other: BitSet): boolean {
    let changed = false;
    for (let i = 0; i < this.words.length; i++) {
      const before = this.words[i] as number;
      const after = (before | (other.words[i] as number)) >>> 0;
      if (after !== before) {
        this.words[i] = after;
        changed = true;
      }
    }
    return changed;
  }

  each(visit: (item: number) => void): void {
    for (let i = 0; i < this.words.length; i++) {
      for (let bits = this.words[i] as number; bits !== 0; bits &= bits - 1) {
        visit(i * 32 + 31 - Math.clz32(bits & -bits));
      }
    }
  }

  list(): number[] {
    const out: number[] = [];
    this.each((item) => out.push(item));
    return out;
  }
}

/** Told of every assignment: the local, what lives behind it, and the local that it merely copies (or null). */
export type DefinitionVisitor = (local: number, liveBehind: BitSet, copyOf: number | null) => void;

function read(expr: IrExpr | null, live: BitSet): void {
  if (expr !== null) eachLocal(expr, (local) => live.add(local));
}

function copied(expr: IrExpr): number | null {
  return expr.kind === "local" ? expr.local : null;
}

function walkStraight(
  code: readonly StraightStatement[],
  live: BitSet,
  visit: DefinitionVisitor | null,
  keep: StraightStatement[] | null,
): void {
  for (let i = code.length - 1; i >= 0; i--) {
    const statement = code[i] as StraightStatement;
    switch (statement.kind) {
      case "assign":
        if (!live.has(statement.local)) continue;
        visit?.(statement.local, live, copied(statement.value));
        live.delete(statement.local);
        read(statement.value, live);
        keep?.push(statement);
        break;
      case "divide":
        // Its fault is an effect: it stays even where nobody reads the result.
        visit?.(statement.result, live, null);
        live.delete(statement.result);
        read(statement.left, live);
        read(statement.right, live);
        keep?.push(statement);
        break;
      case "if": {
        const otherwise = live.copy();
        const keepThen: StraightStatement[] = [];
        const keepElse: StraightStatement[] = [];
        walkStraight(statement.then as readonly StraightStatement[], live, visit, keepThen);
        walkStraight(statement.else as readonly StraightStatement[], otherwise, visit, keepElse);
        live.union(otherwise);
        if (keepThen.length === 0 && keepElse.length === 0) break;
        read(statement.test, live);
        keep?.push({ ...statement, then: keepThen, else: keepElse });
        break;
      }
    }
  }
  keep?.reverse();
}

/** What other functions do with the values that cross a real call; without it all of them count as read. */
export interface Interest {
  /** Whether a function ever reads that argument. */
  argument(callee: number, index: number): boolean;
  /** Whether anybody reads what the function returns. */
  readonly result: boolean;
}

/** From what lives behind a block to what lives before it, in place. */
function walkBlock(
  block: Block,
  live: BitSet,
  visit: DefinitionVisitor | null,
  keep: StraightStatement[] | null,
  interest: Interest | null = null,
): void {
  const { end } = block;
  switch (end.kind) {
    case "branch":
      read(end.test, live);
      break;
    case "switch":
      read(end.value, live);
      break;
    case "return":
      if (interest?.result !== false) read(end.value, live);
      break;
    case "op":
      for (const arg of end.args) read(arg, live);
      break;
    case "call":
      end.args.forEach((arg, i) => {
        if (interest?.argument(end.callee, i) !== false) read(arg, live);
      });
      break;
  }
  walkStraight(block.code, live, visit, keep);
  const result = block.resume?.result ?? null;
  if (result !== null) {
    if (live.has(result)) visit?.(result, live, null);
    live.delete(result);
  }
}

export interface Liveness {
  /** By block: locals that may be read from its beginning on (the result that a resumed block takes is not among them). */
  readonly before: readonly BitSet[];
  /** By block: locals that may be read behind its end. */
  readonly behind: readonly BitSet[];
}

/** Which locals live at the borders of the blocks. */
export function analyse(
  blocks: readonly Block[],
  locals: number,
  interest: Interest | null = null,
): Liveness {
  const before = blocks.map(() => new BitSet(locals));
  const behind = blocks.map(() => new BitSet(locals));
  const predecessors: number[][] = blocks.map(() => []);
  for (const block of blocks) {
    for (const next of successors(block)) predecessors[next.index]?.push(block.index);
  }
  const queued = new Uint8Array(blocks.length).fill(1);
  const pending = blocks.map((block) => block.index);
  while (pending.length > 0) {
    const index = pending.pop() as number;
    queued[index] = 0;
    const live = (behind[index] as BitSet).copy();
    walkBlock(blocks[index] as Block, live, null, null, interest);
    if (!(before[index] as BitSet).union(live)) continue;
    for (const predecessor of predecessors[index] as number[]) {
      if (!(behind[predecessor] as BitSet).union(live) || queued[predecessor] === 1) continue;
      queued[predecessor] = 1;
      pending.push(predecessor);
    }
  }
  return { before, behind };
}

/** Whether the value that a block takes from an operation or a call is read at all. */
export function readsResult(block: Block, liveness: Liveness, interest: Interest | null = null): boolean {
  const result = block.resume?.result ?? null;
  if (result === null) return false;
  const live = (liveness.behind[block.index] as BitSet).copy();
  walkBlock({ ...block, resume: null }, live, null, null, interest);
  return live.has(result);
}

/** Visits every assignment that matters, with what lives behind it. */
export function eachDefinition(blocks: readonly Block[], liveness: Liveness, visit: DefinitionVisitor): void {
  for (const block of blocks) walkBlock(block, (liveness.behind[block.index] as BitSet).copy(), visit, null);
}

/** Drops assignments that nobody reads, in place; returns the liveness of what is left. */
export function dropDeadCode(blocks: readonly Block[], locals: number): Liveness {
  const liveness = analyse(blocks, locals);
  for (const block of blocks) {
    const live = (liveness.behind[block.index] as BitSet).copy();
    const result = block.resume?.result ?? null;
    const keep: StraightStatement[] = [];
    const { end, resume } = block;
    walkBlock({ index: block.index, code: block.code, end, resume: null, loop: null }, live, null, keep);
    block.code = keep;
    if (resume !== null && result !== null && !live.has(result)) resume.result = null;
  }
  return liveness;
}

/** Locals, parameters excluded, that some path reads before it assigned them: they begin as 0. */
export function unassignedAtEntry(fn: IrFunction): number[] {
  const blocks = lowerFunction(fn);
  const { before } = analyse(blocks, fn.locals.length);
  return (before[0] as BitSet).list().filter((local) => local >= fn.parameters);
}
