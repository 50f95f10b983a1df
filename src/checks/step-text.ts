/** One step of a replay in words: what the operation did, what waits in the store buffer, what the program said of itself. */
import type { BufferEntry, Replay, ReplayStep } from "../engines/check/types.ts";
import { Mark, Verdict } from "../kernel/core/marks.ts";
import type { ChainFrame } from "../link/stepped/index.ts";
import { Op } from "../machine/ops.ts";
import { kebab } from "../names.ts";
import { tie } from "./wrap.ts";

/** Names for addresses that turn up as values; undefined where a value is just a number. */
export type NameOf = (value: number) => string | undefined;

const labelMarks = new Set([Mark.released, Mark.holderTaken, Mark.holderDropped]);

/** Names of whole objects that the replay itself shows: where they were allocated or freed, or a mark names them. */
export function namesIn(replay: Replay): NameOf {
  const names = new Map<number, string>();
  for (const { op, address, symbol, marks } of replay.steps) {
    if ((op === Op.allocated || op === Op.freed) && symbol !== undefined)
      names.set(address, objectOf(symbol));
    for (const { event, argument, symbol: label } of marks) {
      if (labelMarks.has(event) && label !== undefined) names.set(argument, objectOf(label));
    }
  }
  return (value) => (value === 0 ? undefined : names.get(value));
}

/** `Label#2.refs` -> `Label#2`. */
export function objectOf(symbol: string): string {
  return symbol.replace(/[.+].*$/, "");
}

/** A cell's value: the name of what it points to, a small number, or the cell's bits in hexadecimal. */
export function valueText(value: number, nameOf: NameOf): string {
  const name = nameOf(value);
  if (name !== undefined) return name;
  return Math.abs(value) < 0x10000 ? String(value) : `0x${(value >>> 0).toString(16)}`;
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
  const change =
    before === null || after === null
      ? ""
      : before === after
        ? ` (stays${tie}${valueText(after, nameOf)})`
        : ` (${valueText(before, nameOf)}${tie}→${tie}${valueText(after, nameOf)})`;
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

/**
 * What waits in the actor's store buffer: `buf: slot=0`, or only how much where room is short. Empty for an empty buffer.
 */
export function bufferText(buffer: readonly BufferEntry[], nameOf: NameOf, short: boolean): string {
  if (buffer.length === 0) return "";
  if (short) return `buf: ${buffer.length}`;
  const entries = buffer.map((entry) => {
    if (entry.what === "store") return `${cellText(entry)}=${valueText(entry.value, nameOf)}`;
    if (entry.what === "rcuReadUnlock") return "rcuReadUnlock";
    return `${entry.what} ${cellText(entry)}`;
  });
  return `buf: ${entries.join(", ")}`;
}

/** `released label#1`, or the verdict that the program itself reports. */
export function markText(mark: ReplayStep["marks"][number], nameOf: NameOf): string {
  const { event, argument } = mark;
  const verdict = event >= Mark.violation ? Verdict[event - Mark.violation] : undefined;
  const name = verdict === undefined ? (Mark[event] ?? `mark ${event}`) : kebab(verdict);
  return `${name} ${mark.symbol === undefined ? valueText(argument, nameOf) : objectOf(mark.symbol)}`;
}
