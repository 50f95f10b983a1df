/**
 * Lowers a structured function to basic blocks: a block ends where control may leave it, that is at operations, real calls
 * and at jumps whose arms contain either. An `if` without any of those stays one piece of straight code.
 */
import { FaultReason, type Op } from "../../machine/ops.ts";
import type { IrExpr, IrFunction, IrPosition, IrStatement } from "../ir.ts";
import { statementWeight } from "./weight.ts";

/** Statements that never leave their block, but for a fault. */
export type StraightStatement = Extract<IrStatement, { kind: "assign" | "divide" | "if" }>;

interface Switch {
  readonly kind: "switch";
  readonly value: IrExpr;
  readonly cases: readonly { readonly value: number; to: Block }[];
  default: Block;
}

/** How a block ends. Targets are replaced when empty blocks are skipped. */
type End =
  | { readonly kind: "jump"; to: Block }
  | { readonly kind: "branch"; readonly test: IrExpr; then: Block; else: Block }
  | Switch
  | {
      readonly kind: "op";
      readonly op: Op;
      readonly args: readonly IrExpr[];
      readonly next: Block;
      readonly position: IrPosition;
    }
  | {
      readonly kind: "call";
      readonly callee: number;
      readonly args: readonly IrExpr[];
      readonly next: Block;
      readonly position: IrPosition;
    }
  | { readonly kind: "return"; readonly value: IrExpr | null }
  | { readonly kind: "fault"; readonly reason: number; readonly position: IrPosition };

export interface Block {
  /** Index into the function's blocks. */
  index: number;
  code: StraightStatement[];
  end: End;
  /** Control comes here from the engine (`op`) or from a called function; `result` takes the value first of all. */
  resume: { readonly from: "op" | "call"; result: number | null; readonly position: IrPosition } | null;
  /** Where the innermost loop is that it belongs to: its first statement, or the one before it where it has none. */
  readonly loop: IrPosition | null;
}

/** Of the first statement that has a place. */
function positionIn(statements: readonly IrStatement[]): IrPosition | null {
  for (const statement of statements) {
    if ("position" in statement) return statement.position;
    const inside =
      statement.kind === "if"
        ? [...statement.then, ...statement.else]
        : statement.kind === "block" || statement.kind === "loop"
          ? statement.body
          : [];
    const found = positionIn(inside);
    if (found !== null) return found;
  }
  return null;
}

/** Whether a statement can stay inside straight code. */
function isStraight(statement: IrStatement): boolean {
  switch (statement.kind) {
    case "assign":
    case "divide":
      return true;
    case "if":
      return statement.then.every(isStraight) && statement.else.every(isStraight);
    default:
      return false;
  }
}

class Lowering {
  private readonly breaks = new Map<number, Block>();
  private readonly continues = new Map<number, Block>();
  private readonly fn: IrFunction;
  private readonly maxCode: number;
  private current: Block;
  private weight = 0;
  private loop: IrPosition | null = null;
  /** The last statement lowered that has a place. */
  private latest: IrPosition | null = null;
  readonly entry: Block;

  constructor(fn: IrFunction, maxCode: number) {
    this.fn = fn;
    this.maxCode = maxCode;
    this.entry = this.fresh();
    this.current = this.entry;
  }

  private fresh(): Block {
    return { index: -1, code: [], end: { kind: "return", value: null }, resume: null, loop: this.loop };
  }

  /** Ends the current block; what follows goes to `next`. */
  private finish(end: End, next: Block): void {
    this.current.end = end;
    this.current = next;
    this.weight = 0;
  }

  run(): void {
    this.list(this.fn.body);
    this.current.end =
      this.fn.result === null
        ? { kind: "return", value: null }
        : { kind: "fault", reason: FaultReason.noReturn, position: this.fn.position };
  }

  private list(statements: readonly IrStatement[]): void {
    for (const statement of statements) this.statement(statement);
  }

  private straight(statement: StraightStatement, weight: number): void {
    if (this.weight > 0 && this.weight + weight > this.maxCode) {
      const next = this.fresh();
      this.finish({ kind: "jump", to: next }, next);
    }
    this.current.code.push(statement);
    this.weight += weight;
  }

  private statement(statement: IrStatement): void {
    if ("position" in statement) this.latest = statement.position;
    switch (statement.kind) {
      case "assign":
      case "divide":
        this.straight(statement, statementWeight(statement));
        break;
      case "if": {
        const weight = statementWeight(statement);
        if (weight <= this.maxCode && isStraight(statement)) {
          this.straight(statement, weight);
          break;
        }
        const join = this.fresh();
        const then = statement.then.length === 0 ? join : this.fresh();
        const otherwise = statement.else.length === 0 ? join : this.fresh();
        this.finish({ kind: "branch", test: statement.test, then, else: otherwise }, then);
        if (then !== join) {
          this.list(statement.then);
          this.finish({ kind: "jump", to: join }, otherwise);
        }
        if (otherwise !== join) {
          this.current = otherwise;
          this.list(statement.else);
          this.finish({ kind: "jump", to: join }, join);
        }
        this.current = join;
        break;
      }
      case "block": {
        const behind = this.fresh();
        this.breaks.set(statement.label, behind);
        this.list(statement.body);
        this.finish({ kind: "jump", to: behind }, behind);
        break;
      }
      case "loop": {
        const outer = this.loop;
        this.loop = positionIn(statement.body) ?? this.latest ?? outer;
        const header = this.fresh();
        this.continues.set(statement.label, header);
        this.finish({ kind: "jump", to: header }, header);
        this.list(statement.body);
        this.loop = outer;
        this.finish({ kind: "jump", to: header }, this.fresh());
        break;
      }
      case "break":
        this.finish({ kind: "jump", to: this.target(this.breaks, statement.label) }, this.fresh());
        break;
      case "continue":
        this.finish({ kind: "jump", to: this.target(this.continues, statement.label) }, this.fresh());
        break;
      case "switch": {
        const cases = statement.cases.map((entry) => ({
          value: entry.value,
          to: this.target(this.breaks, entry.label),
        }));
        const otherwise = this.target(this.breaks, statement.default);
        this.finish({ kind: "switch", value: statement.value, cases, default: otherwise }, this.fresh());
        break;
      }
      case "op":
      case "call": {
        const next = this.fresh();
        const { args, position } = statement;
        next.resume = { from: statement.kind, result: statement.result, position };
        if (statement.kind === "op")
          this.finish({ kind: "op", op: statement.op, args, next, position }, next);
        else this.finish({ kind: "call", callee: statement.callee, args, next, position }, next);
        break;
      }
      case "return":
        this.finish({ kind: "return", value: statement.value }, this.fresh());
        break;
      case "fault": {
        const { reason, position } = statement;
        this.finish({ kind: "fault", reason, position }, this.fresh());
        break;
      }
    }
  }

  private target(map: ReadonlyMap<number, Block>, label: number): Block {
    const block = map.get(label);
    if (block === undefined) throw new Error(`${this.fn.name}: no block or loop has the label ${label}`);
    return block;
  }
}

/** Blocks that control may go to without stopping (not behind an operation or a call). */
export function jumpTargets(block: Block): Block[] {
  const { end } = block;
  switch (end.kind) {
    case "jump":
      return [end.to];
    case "branch":
      return [end.then, end.else];
    case "switch":
      return [...end.cases.map((entry) => entry.to), end.default];
    default:
      return [];
  }
}

/** All blocks that control may go to next. */
export function successors(block: Block): Block[] {
  const { end } = block;
  return end.kind === "op" || end.kind === "call" ? [end.next] : jumpTargets(block);
}

/** Where a jump to `block` ends up when blocks that only jump on are skipped. */
function skipEmpty(block: Block): Block {
  const seen = new Set<Block>();
  let at = block;
  while (at.resume === null && at.code.length === 0 && at.end.kind === "jump" && !seen.has(at)) {
    seen.add(at);
    at = at.end.to;
  }
  return at;
}

/**
 * The blocks of a function, the first is its entry; unreachable ones are left out. Straight code is cut into blocks of at
 * most about `maxCode` characters of JavaScript.
 */
export function lowerFunction(fn: IrFunction, maxCode = Number.POSITIVE_INFINITY): Block[] {
  const lowering = new Lowering(fn, maxCode);
  lowering.run();
  const blocks: Block[] = [];
  const pending = [lowering.entry];
  while (pending.length > 0) {
    const block = pending.pop() as Block;
    if (block.index >= 0) continue;
    block.index = blocks.length;
    blocks.push(block);
    const { end } = block;
    if (end.kind === "jump") end.to = skipEmpty(end.to);
    else if (end.kind === "branch") {
      end.then = skipEmpty(end.then);
      end.else = skipEmpty(end.else);
      if (end.then === end.else) block.end = { kind: "jump", to: end.then };
    } else if (end.kind === "switch") {
      for (const entry of end.cases) entry.to = skipEmpty(entry.to);
      end.default = skipEmpty(end.default);
    }
    pending.push(...successors(block).reverse());
  }
  return blocks;
}
