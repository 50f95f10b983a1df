/** One step of a replay in words: what the operation did, what waits in the store buffer, what the program said of itself. */
import type { BufferEntry, Replay, ReplayStep } from "../engines/check/types.ts";
import { Mark, Verdict } from "../kernel/core/marks.ts";
import type { IrStruct } from "../link/ir.ts";
import type { ChainFrame } from "../link/stepped/index.ts";
import { Op } from "../machine/ops.ts";
import { kebab } from "../names.ts";
import { tie } from "./wrap.ts";

/** Names for addresses that turn up as values; undefined where a value is just a number. */
export type NameOf = (value: number) => string | undefined;

/** Marks whose argument is a label. */
const labelMarks = new Set([Mark.released, Mark.holderTaken, Mark.holderDropped]);

/** Below are the null line and the boot block: numbers of that size are no pointers. */
const firstPointer = 1024;

/**
 * Names of what pointers point to, as far as the replay shows it: objects in which a cell was touched or that a mark
 * names, and the cells themselves (`&label#1.rcu`).
 */
export function namesIn(replay: Replay, structs: readonly IrStruct[] = []): NameOf {
  const objects = new Map<number, string>();
  const cells = new Map<number, string>();
  for (const { address, name } of replay.objects ?? []) objects.set(address, name);
  for (const { address, symbol, marks } of replay.steps) {
    for (const { event, argument, symbol: label } of marks) {
      if (labelMarks.has(event) && label !== undefined) objects.set(argument, objectOf(label));
    }
    if (symbol === undefined || address < firstPointer) continue;
    cells.set(address, `&${symbol}`);
    const offset = offsetIn(symbol, structs);
    if (offset !== undefined) objects.set(address - offset, objectOf(symbol));
  }
  return (value) => (value < firstPointer ? undefined : (objects.get(value) ?? cells.get(value)));
}

/** How far into its object a named cell lies: 8 for `label#1+8`, and for `label#1.refs` where the field is at 8. */
function offsetIn(symbol: string, structs: readonly IrStruct[]): number | undefined {
  const match = /^(\w+)#\d+(?:\.([\w.]+))?(?:\+(\d+))?$/.exec(symbol);
  if (match === null) return undefined;
  const [, kind = "", field, rest = "0"] = match;
  if (field === undefined) return Number(rest);
  const struct = structs.find(({ name }) => name.toLowerCase() === kind.toLowerCase());
  const start = struct?.fields.find(({ name }) => name === field)?.offset;
  return start === undefined ? undefined : start + Number(rest);
}

/** `Label#2.refs` -> `Label#2`; what is no object of the heap keeps its name. */
export function objectOf(symbol: string): string {
  return symbol.replace(/^(\w+#\d+).*$/, "$1");
}

/** A cell's value: the name of what it points to, a small number, or the cell's bits in hexadecimal. */
export function valueText(value: number, nameOf: NameOf, hex = isLarge(value)): string {
  return nameOf(value) ?? (hex ? `0x${(value >>> 0).toString(16)}` : String(value));
}

function isLarge(value: number): boolean {
  return Math.abs(value) >= 0x10000;
}

/** Two values of one cell, both written in the same way. */
function changeText(before: number, after: number, nameOf: NameOf): string {
  if (before === after) return ` (stays${tie}${valueText(after, nameOf)})`;
  const hex = [before, after].some((value) => nameOf(value) === undefined && isLarge(value));
  return ` (${valueText(before, nameOf, hex)}${tie}→${tie}${valueText(after, nameOf, hex)})`;
}

/** Longest file name shown in full in a table; the whole path stands below it. */
const longestFile = 16;

/** `kref.ts:41`; nothing where no portable line is to blame. */
export function placeText(frame: ChainFrame | null | undefined): string {
  if (frame == null) return "";
  const file = frame.file.replace(/^.*[/\\]/, "");
  return `${file.length <= longestFile ? file : `${file.slice(0, longestFile - 1)}…`}:${frame.line}`;
}

/** The cell: its name, or its address. */
function cellText({ symbol, address }: { readonly symbol?: string; readonly address: number }): string {
  return symbol ?? `0x${address.toString(16)}`;
}

const compared = new Map<Op, string>([
  [Op.awaitEqual, "="],
  [Op.awaitNotEqual, "≠"],
  [Op.awaitAtLeast, "≥"],
]);

/** The operation as the table shows it: `fetchAdd label#1.refs -1 (1 → 0)`. */
export function operationText(step: ReplayStep, nameOf: NameOf): string {
  const { op, operands, result, before, after } = step;
  if (step.kind === "flush") return flushText(step, nameOf);
  const value = (at: number): string => valueText(operands[at] ?? 0, nameOf);
  const change = before === null || after === null ? "" : changeText(before, after, nameOf);
  const cell = cellText(step);
  switch (op) {
    case Op.load:
    case Op.loadAcquire:
      return `${Op[op]} ${cell}${result === null ? "" : ` →${tie}${valueText(result, nameOf)}`}`;
    case Op.store:
    case Op.storeRelease:
      return `${Op[op]} ${cell} ←${tie}${value(1)}`;
    case Op.fetchAdd: {
      const added = operands[1] ?? 0;
      return `fetchAdd ${cell} ${added < 0 ? "" : "+"}${valueText(added, nameOf)}${change}`;
    }
    case Op.compareExchange:
      return `compareExchange ${cell} ${value(1)}, ${value(2)}${before === null ? "" : change}`;
    case Op.fetchAnd:
    case Op.fetchOr:
    case Op.exchange:
      return `${Op[op]} ${cell} ${value(1)}${change}`;
    case Op.awaitEqual:
    case Op.awaitNotEqual:
    case Op.awaitAtLeast:
      return `await ${cell} ${compared.get(op)} ${value(1)}`;
    case Op.callRcu:
      return `callRcu ${cell}`;
    case Op.rcuTake:
      return result === 0 || result === null ? "rcuTake: none left" : `rcuTake → ${cell}`;
    case Op.allocated:
    case Op.freed:
      return `${Op[op]} ${objectOf(cell)}`;
    case Op.done:
      return "ends";
    default:
      return Op[op];
  }
}

function flushText(step: ReplayStep, nameOf: NameOf): string {
  switch (step.op) {
    case Op.freed:
      return `flush freed ${objectOf(cellText(step))}`;
    case Op.rcuReadUnlock:
      return "flush rcuReadUnlock";
    case Op.callRcu:
      return `flush callRcu ${cellText(step)}`;
    default: {
      const value = step.after ?? step.operands[1] ?? 0;
      return `flush ${cellText(step)} ←${tie}${valueText(value, nameOf)}`;
    }
  }
}

/** About two lines of a lane. */
const longestBuffer = 110;

/**
 * What waits in the actor's store buffer: `buf: slot=0`, or how much and the newest where room is short. Empty for an empty
 * buffer.
 */
export function bufferText(buffer: readonly BufferEntry[], nameOf: NameOf, short: boolean): string {
  if (buffer.length === 0) return "";
  const entries = buffer.map((entry) => {
    if (entry.what === "store") return `${cellText(entry)}=${valueText(entry.value, nameOf)}`;
    if (entry.what === "rcuReadUnlock") return "rcuReadUnlock";
    return `${entry.what} ${entry.what === "freed" ? objectOf(cellText(entry)) : cellText(entry)}`;
  });
  const text = `buf: ${entries.join(", ")}`;
  if (!short || text.length <= longestBuffer) return text;
  return `buf: ${buffer.length} entries, …, ${entries.at(-1)}`;
}

/** `holderDropped, released label#1`; a mark by which the program itself reports a broken rule is the verdict. */
export function marksText(marks: ReplayStep["marks"], nameOf: NameOf): string[] {
  const texts: { names: string[]; readonly of: string }[] = [];
  for (const { event, argument, symbol } of marks) {
    const verdict = event >= Mark.violation ? Verdict[event - Mark.violation] : undefined;
    const name = verdict === undefined ? (Mark[event] ?? `mark ${event}`) : kebab(verdict);
    const of = symbol === undefined ? valueText(argument, nameOf) : objectOf(symbol);
    const last = texts.at(-1);
    if (last?.of === of) last.names.push(name);
    else texts.push({ names: [name], of });
  }
  return texts.map(({ names, of }) => `${names.join(", ")} ${of}`);
}
