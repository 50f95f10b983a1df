/** Holds two simulators' runs of one job against each other, from the first operation that differs down to the sums. */
import { Distance, type LineFacts, type SimJob, type SimProbe } from "../../../src/engines/sim/index.ts";
import { Op, opTable } from "../../../src/machine/ops.ts";
import type { Observed, SimEngine } from "./compare.ts";

/** One thing that happened: numbers that are compared, and turned into text only where they differ. */
type Happening = readonly [ticks: number, actor: number, ...rest: number[]];

/** By operation: whether it has operands, and a result. */
const takes = new Uint8Array(32);
const returns = new Uint8Array(32);
for (const info of opTable) {
  takes[info.op] = info.operands.length > 0 ? 1 : 0;
  returns[info.op] = info.returns ? 1 : 0;
}

/** What happened in a run. */
interface Told {
  /** By actor, in its order: operations, and stores that left the buffer. */
  readonly operations: Map<number, Happening[]>;
  readonly writes: Map<number, Happening[]>;
  readonly transfers: Happening[];
  /** Null where the run broke off. */
  readonly observed: Observed | null;
  readonly error: string;
}

const texts = {
  operation: ([ticks, actor, op, address, result]: Happening): string =>
    `${ticks} actor ${actor}: ${Op[op as Op]} ${address} = ${result}`,
  "buffered store": ([ticks, actor, address, value]: Happening): string =>
    `${ticks} actor ${actor} writes ${address} = ${value}`,
  transfer: ([ticks, actor, line, distance, alone]: Happening): string =>
    `${ticks} line ${line} to actor ${actor} (${Distance[distance as Distance]}${alone === 1 ? ", alone" : ""})`,
};

function push(map: Map<number, Happening[]>, happening: Happening): void {
  const before = map.get(happening[1]);
  if (before === undefined) map.set(happening[1], [happening]);
  else before.push(happening);
}

function order(a: Happening, b: Happening): number {
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return (a[at] as number) - (b[at] as number);
  return 0;
}

function observe(engine: SimEngine, job: SimJob): Told {
  const operations = new Map<number, Happening[]>();
  const writes = new Map<number, Happening[]>();
  const transfers: Happening[] = [];
  const probe: SimProbe = {
    onOp(ticks, actor, op, address, result) {
      push(operations, [ticks, actor, op, takes[op] === 1 ? address : 0, returns[op] === 1 ? result : 0]);
    },
    onWritten(ticks, actor, address, value) {
      push(writes, [ticks, actor, address, value]);
    },
    onTransfer(ticks, actor, lineAddress, distance, exclusive) {
      transfers.push([ticks, actor, lineAddress, distance, exclusive ? 1 : 0]);
    },
  };
  const told = { operations, writes, transfers };
  try {
    const observed = engine.observe(job, probe);
    transfers.sort(order);
    return { ...told, observed, error: "" };
  } catch (error) {
    transfers.sort(order);
    return { ...told, observed: null, error: String(error) };
  }
}

type Pair = readonly [Happening | undefined, Happening | undefined];

/** The first place where two lists differ. */
function firstOfLists(one: readonly Happening[], other: readonly Happening[]): Pair | null {
  for (let i = 0; i < Math.max(one.length, other.length); i++) {
    const [a, b] = [one[i], other[i]];
    if (a === undefined || b === undefined || order(a, b) !== 0) return [a, b];
  }
  return null;
}

/** The same over all actors: the earliest one. */
function firstOf(
  one: ReadonlyMap<number, readonly Happening[]>,
  other: ReadonlyMap<number, readonly Happening[]>,
): Pair | null {
  let first: Pair | null = null;
  const time = ([a, b]: Pair): number =>
    Math.min(a?.[0] ?? Number.POSITIVE_INFINITY, b?.[0] ?? Number.POSITIVE_INFINITY);
  for (const actor of new Set([...one.keys(), ...other.keys()])) {
    const found = firstOfLists(one.get(actor) ?? [], other.get(actor) ?? []);
    if (found !== null && (first === null || time(found) < time(first))) first = found;
  }
  return first;
}

function toldOf(what: keyof typeof texts, pair: Pair | null): string[] {
  if (pair === null) return [];
  const [a, b] = pair.map((one) => (one === undefined ? "nothing more" : texts[what](one)));
  return [`${what}: ${a}  <>  ${b}`];
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
  for (let cell = 0; cell < one.length; cell++)
    if (one[cell] !== other[cell]) return `memory at ${cell * 4}: ${one[cell]} and ${other[cell]}`;
  return null;
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

/** Two runs of one job; null for one that broke off. */
export interface Comparison {
  /** Every kind of difference, the most telling one first; empty where there is none. */
  readonly found: readonly string[];
  readonly one: Observed | null;
  readonly other: Observed | null;
}

export function compare(one: SimEngine, other: SimEngine, job: SimJob): Comparison {
  const [a, b] = [observe(one, job), observe(other, job)];
  const found = [
    ...toldOf("operation", firstOf(a.operations, b.operations)),
    ...toldOf("buffered store", firstOf(a.writes, b.writes)),
    ...toldOf("transfer", firstOfLists(a.transfers, b.transfers)),
  ];
  if (a.observed !== null && b.observed !== null) found.push(...ofObserved(a.observed, b.observed));
  else if (a.observed !== b.observed) found.push(`ends: ${a.error || "well"}  <>  ${b.error || "well"}`);
  return { found, one: a.observed, other: b.observed };
}

/** In what is told when a run is over. */
function ofObserved(one: Observed, other: Observed): string[] {
  const found = ofFields(one.result, other.result);
  const memory = firstOfMemory(one.facts.memory, other.facts.memory);
  if (memory !== null) found.push(memory);
  const [lines, others] = [sorted(one.facts.lines), sorted(other.facts.lines)];
  for (let i = 0; i < Math.max(lines.length, others.length); i++) {
    const [line, twin] = [JSON.stringify(lines[i]), JSON.stringify(others[i])];
    if (line === twin) continue;
    found.push(`line: ${line} and ${twin}`);
    break;
  }
  return found;
}

export function differences(one: SimEngine, other: SimEngine, job: SimJob): readonly string[] {
  return compare(one, other, job).found;
}
