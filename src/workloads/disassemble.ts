/** Scripts as text, for people who wonder what a workload does; blocks are indented, records numbered. */
import { Event, LoadFlags, PolicyMode, StallIn } from "../kernel/events.ts";
import { mayExecute, mayRead, mayWrite, type OperandKind, operandsOf, recordCells } from "./script.ts";

/** Reads a script as lines such as `12: permission fd 3 read`. At most `maxRecords` lines, then how many are left. */
export function disassemble(script: Int32Array, maxRecords: number = Number.POSITIVE_INFINITY): string {
  const records = script.length / recordCells;
  const shown = Math.min(records, maxRecords);
  const width = String(Math.max(0, shown - 1)).length;
  const lines: string[] = [];
  const blockEnds: number[] = [];
  for (let record = 0; record < shown; record++) {
    while (blockEnds.length > 0 && blockEnds[blockEnds.length - 1] === record) blockEnds.pop();
    const at = record * recordCells;
    const event = script[at] ?? -1;
    const operands = operandsOf(event);
    const words = [operands === undefined ? `event(${event})` : (Event[event] ?? "")];
    for (const [index, kind] of (operands ?? []).entries())
      words.push(operandText(kind, script[at + 1 + index] ?? 0));
    lines.push(`${String(record).padStart(width)}: ${"  ".repeat(blockEnds.length)}${words.join(" ")}`);
    if (event === Event.repeat) blockEnds.push(record + 1 + (script[at + 2] ?? 0));
  }
  if (shown < records) lines.push(`... ${records - shown} more records`);
  return lines.join("\n");
}

function operandText(kind: OperandKind, value: number): string {
  switch (kind) {
    case "fd":
      return `fd ${value}`;
    case "newFd":
      return `-> fd ${value}`;
    case "mask":
      return maskText(value);
    case "shareCred":
      return value === 0 ? "own cred" : "shared cred";
    case "isHat":
      return value === 0 ? "as a child" : "as a hat";
    case "parent":
      return `of profile ${value}`;
    case "parentNamespace":
      return `in namespace ${value}`;
    case "unconfined":
      return `unconfined profile ${value}`;
    case "mode":
      return PolicyMode[value] ?? `mode ${value}`;
    case "loadFlags":
      return loadText(value);
    case "rawdataSlot":
      return `rawdata slot ${value}`;
    case "answer":
      return `to ${value}`;
    case "stallIn":
      return `in ${StallIn[value]}`;
    case "ns":
      return `${value} ns`;
    case "count":
      return `${value} times`;
    case "records":
      return `the next ${value} records`;
    default:
      return `${kind} ${value}`;
  }
}

function loadText(flags: number): string {
  const how = (flags & LoadFlags.replace) !== 0 ? "replace" : "load";
  return (flags & LoadFlags.more) !== 0 ? `${how} with the next` : how;
}

function maskText(mask: number): string {
  const words: string[] = [];
  if ((mask & mayRead) !== 0) words.push("read");
  if ((mask & mayWrite) !== 0) words.push("write");
  if ((mask & mayExecute) !== 0) words.push("execute");
  return words.join("+");
}
