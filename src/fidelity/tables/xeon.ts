/**
 * Two micro benchmarks on a machine of eight sockets (Xeon Platinum 8176, 448 threads): one counter that all change, and references
 * taken and dropped. Two latencies of the machine are fitted to two cells of the first; the second is not fitted at all.
 */
import { numberIn, type PublishedRow, textIn } from "../published.ts";
import type { Bound, Cell, FidelityTable, Figure, Load, LoopLoad, RunSpec } from "../types.ts";

const machine = { name: "xeon-8176-8s" } as const;

/** Rows that the machine's hand-off latencies are fitted to: one socket, and four. */
export const fittedRows = [16, 112] as const;
/** Below, the published figures depend on which of few CPUs share a core, which the source does not tell. */
const boundedFrom = 16;

const operations = 200_000;
const pairsPerRequest = 10;

function run(cpus: number, load: Load): RunSpec {
  return { machine, cpus, load };
}

/**
 * A look at the stop flag after each increment, where perfbook looks after 1000: in the model an owner that has nothing at all between two
 * atomic operations keeps the line for both, which the published figures do not show.
 */
const increments = (cpus: number): LoopLoad => ({
  kind: "loop",
  turn: "atomicInc",
  turnsEach: Math.ceil(operations / cpus),
  batch: 1,
  startsWithinNs: 10_000,
});

/** Where nothing is shared, a turn is long enough that its look at the stop flag does not count. */
const uncontendedLoop = (turn: LoopLoad["turn"]): LoopLoad => ({
  kind: "loop",
  turn,
  turnsEach: 400,
  batch: 20,
  startsWithinNs: 0,
});

export function atomicIncRun(cpus: number): RunSpec {
  return run(cpus, increments(cpus));
}

const pairs: Load = {
  kind: "kernel",
  strategy: "kref",
  hooks: "v6.6",
  scenario: "refscale",
  parameters: { requests: operations / pairsPerRequest, pairsPerRequest },
  perRequest: pairsPerRequest,
};

/** A column whose every row is bounded by itself. */
function contended(
  rows: readonly PublishedRow[],
  name: string,
  column: string,
  loadFor: (cpus: number) => Load,
  fitted: readonly number[],
): Cell[] {
  return rows.map((row) => {
    const threads = numberIn(row, "threads");
    const isFitted = fitted.includes(threads);
    const percent: Bound = { kind: "percent", most: isFitted ? 2 : 30 };
    return {
      row: textIn(row, "threads"),
      column: name,
      published: [numberIn(row, column)],
      figure: { kind: "nsPerOperation", of: run(threads, loadFor(threads)) },
      bound: threads < boundedFrom ? { kind: "none" } : percent,
      fitted: isFitted,
    };
  });
}

/** Flat: what an operation costs among many threads is within 10 % of what it costs alone. */
const flat: Bound = { kind: "between", low: 0.9, high: 1.1 };

/** A column that the model says is flat: the first row in ns, for information, the others as multiples of it. */
function uncontended(rows: readonly PublishedRow[], name: string, column: string, load: Load): Cell[] {
  const [first] = rows;
  if (first === undefined) throw new RangeError("an empty table");
  const alone = run(numberIn(first, "threads"), load);
  const aloneNs = numberIn(first, column);
  return rows.map((row, index): Cell => {
    const of = run(numberIn(row, "threads"), load);
    const figure: Figure =
      index === 0 ? { kind: "nsPerOperation", of } : { kind: "timesAlone", of, base: alone };
    return {
      row: textIn(row, "threads"),
      column: index === 0 ? `${name}, ns` : `${name}, x alone`,
      published: [index === 0 ? aloneNs : numberIn(row, column) / aloneNs],
      figure,
      bound: index === 0 ? { kind: "none" } : flat,
      fitted: false,
    };
  });
}

const flatNote =
  "x alone: what an operation costs as a multiple of what it costs on one thread. Bounded is that the prediction is flat (0.9 to 1.1), as " +
  "nothing is shared; the published ones grow by what the model leaves out (threads of a core slow each other down, lower clock).";
const smallNote =
  "Rows below 16 threads are shown, not bounded: which CPUs ran is not told, and some of them share a core.";

export function atomicIncTable(rows: readonly PublishedRow[]): FidelityTable {
  return {
    name: "atomic-inc",
    title: "one counter for all threads, ns by increment and thread",
    unit: "ns",
    source: "perfbook, CodeSamples/count, data of 2019-10-23: 8 sockets, Xeon Platinum 8176, user space",
    notes: [
      `Fitted: the machine's hand-off latency within a socket and between sockets, to rows ${fittedRows.join(" and ")}.`,
      smallNote,
      flatNote,
    ],
    cells: [
      ...contended(rows, "atomic inc", "atomic_inc_ns", increments, fittedRows),
      ...uncontended(rows, "own counter", "percpu_counter_ns", uncontendedLoop("percpuInc")),
    ],
  };
}

export function refscaleTable(rows: readonly PublishedRow[]): FidelityTable {
  return {
    name: "refscale",
    title: "a reference taken and dropped, ns by pair and thread",
    unit: "ns",
    source:
      "perfbook, CodeSamples/defer/data/rcuscale.hps.2020.05.28a: 8 sockets, Xeon Platinum 8176, the kernel's refscale",
    notes: [
      "Nothing is fitted: the machine is the one of atomic-inc, the program the kernel's with kref.",
      "The source tells the slowest and fastest run too; they are up to 50 % apart at 8 threads and 20 % from 16 up.",
      smallNote,
      flatNote,
    ],
    cells: [
      ...contended(rows, "refcnt", "refcnt_ns", () => pairs, []),
      ...uncontended(rows, "rcu", "rcu_ns", uncontendedLoop("rcuRead")),
      ...uncontended(rows, "srcu", "srcu_ns", uncontendedLoop("srcuRead")),
    ],
  };
}
