/** Holds two simulators' runs of one job against each other, from the first operation that differs down to the sums. */
import { Distance, type LineFacts, type SimJob, type SimProbe } from "../../../src/engines/sim/index.ts";
import { Op, opByCode } from "../../../src/machine/ops.ts";
import type { Observed, SimEngine } from "./compare.ts";

/** What happened in a run, as text. */
interface Told {
  /** By actor, in its order: operations, and stores that left the buffer. */
  readonly operations: Map<number, string[]>;
  readonly writes: Map<number, string[]>;
  readonly transfers: string[];
  /** Null where the run broke off. */
  readonly observed: Observed | null;
  readonly error: string;
}

function push(map: Map<number, string[]>, actor: number, text: string): void {
  const before = map.get(actor);
  if (before === undefined) map.set(actor, [text]);
  else before.push(text);
}

/** Addresses need no more than this many digits, times no more than the other. */
const wide = (value: number, digits: number): string => String(value).padStart(digits);

function observe(engine: SimEngine, job: SimJob): Told {
  const operations = new Map<number, string[]>();
  const writes = new Map<number, string[]>();
  const transfers: string[] = [];
  const probe: SimProbe = {
    onOp(ticks, actor, op, address, result) {
      const { operands, returns } = opByCode(op);
      const operand = operands.length === 0 ? "" : ` ${address}`;
      const value = returns ? ` = ${result}` : "";
      push(operations, actor, `${wide(ticks, 10)} actor ${actor}: ${Op[op]}${operand}${value}`);
    },
    onWritten(ticks, actor, address, value) {
      push(writes, actor, `${wide(ticks, 10)} actor ${actor} writes ${address} = ${value}`);
    },
    onTransfer(ticks, actor, lineAddress, distance, exclusive) {
      const way = `${Distance[distance]}${exclusive ? ", alone" : ""}`;
      transfers.push(`${wide(ticks, 10)} line ${wide(lineAddress, 8)} to actor ${wide(actor, 4)} (${way})`);
    },
  };
  try {
    const observed = engine.observe(job, probe);
    return { operations, writes, transfers: transfers.sort(), observed, error: "" };
  } catch (error) {
    return { operations, writes, transfers: transfers.sort(), observed: null, error: String(error) };
  }
}

/** The first place where two lists differ, the earliest over all actors: texts begin with the time. */
function firstDifference(
  one: ReadonlyMap<number, readonly string[]>,
  other: ReadonlyMap<number, readonly string[]>,
): { readonly at: string; readonly texts: readonly [string, string] } | null {
  let first: { readonly at: string; readonly texts: readonly [string, string] } | null = null;
  for (const actor of new Set([...one.keys(), ...other.keys()])) {
    const [a, b] = [one.get(actor) ?? [], other.get(actor) ?? []];
    const length = Math.max(a.length, b.length);
    for (let i = 0; i < length; i++) {
      if (a[i] === b[i]) continue;
      const texts = [a[i] ?? "nothing more", b[i] ?? "nothing more"] as const;
      // Digits sort before letters.
      const at = [...texts].sort()[0] as string;
      if (first === null || at < first.at) first = { at, texts };
      break;
    }
  }
  return first;
}

const sorted = (lines: readonly LineFacts[]): LineFacts[] =>
  [...lines]
    .sort((a, b) => a.address - b.address)
    .map(({ address, transfers, transfersByDistance, loads, waitNs, mostWaiting }) => ({
      address,
      transfers,
      transfersByDistance,
      loads,
      waitNs,
      mostWaiting,
    }));

function firstOfMemory(one: Int32Array, other: Int32Array): string | null {
  if (one.length !== other.length) return `memory of ${one.length} and ${other.length} cells`;
  const cell = one.findIndex((value, index) => value !== other[index]);
  return cell === -1 ? null : `memory at ${cell * 4}: ${one[cell]} and ${other[cell]}`;
}

/** Two values of one name, where they differ. */
function ofFields(one: object, other: object): string[] {
  return Object.entries(one).flatMap(([name, value]) => {
    const plain = (part: unknown): string =>
      JSON.stringify(part instanceof Map ? [...part].sort(([a], [b]) => a - b) : part);
    const [a, b] = [plain(value), plain((other as Record<string, unknown>)[name])];
    return a === b ? [] : [`${name}: ${a} and ${b}`];
  });
}

/** Every kind of difference between two simulators, the most telling one first; empty where there is none. */
export function differences(one: SimEngine, other: SimEngine, job: SimJob): string[] {
  const [a, b] = [observe(one, job), observe(other, job)];
  const found: string[] = [];
  const operation = firstDifference(a.operations, b.operations);
  if (operation !== null) found.push(`operation: ${operation.texts.join("  <>  ")}`);
  const write = firstDifference(a.writes, b.writes);
  if (write !== null) found.push(`buffered store: ${write.texts.join("  <>  ")}`);
  const transfer = firstDifference(new Map([[0, a.transfers]]), new Map([[0, b.transfers]]));
  if (transfer !== null) found.push(`transfer: ${transfer.texts.join("  <>  ")}`);
  if (a.observed === null || b.observed === null) {
    if (a.observed !== b.observed) found.push(`ends: ${a.error || "well"}  <>  ${b.error || "well"}`);
    return found;
  }
  found.push(...ofFields(a.observed.result, b.observed.result));
  const memory = firstOfMemory(a.observed.facts.memory, b.observed.facts.memory);
  if (memory !== null) found.push(memory);
  const [lines, others] = [sorted(a.observed.facts.lines), sorted(b.observed.facts.lines)];
  for (let i = 0; i < Math.max(lines.length, others.length); i++) {
    const [line, twin] = [JSON.stringify(lines[i]), JSON.stringify(others[i])];
    if (line === twin) continue;
    found.push(`line: ${line} and ${twin}`);
    break;
  }
  return found;
}
