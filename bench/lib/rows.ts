/** The rows of the benchmark: which loop of ours runs against which loops of theirs, and what the ratio must not exceed. */

/** Where a loop of ours comes from. */
export interface ProgramSource {
  /** Module in bench/programs, without its extension. */
  readonly module: "pairs" | "hazard";
  /** Strategy file in strategies/, without its extension; null for a bare program that calls none. */
  readonly strategy: string | null;
}

export interface Row {
  /** Unique; what `--only` matches. */
  readonly name: string;
  readonly program: ProgramSource;
  /** Exported function `(cpu, pairs, mask)`. */
  readonly entry: string;
  /** Peers in C to set beside it; the first is the same algorithm and gives the ratio its target. */
  readonly peers: readonly string[];
  readonly threads: number;
  /** Labels the loop rotates over. One label on one thread would show the processor's memory renaming, nothing else. */
  readonly labels: number;
  /**
   * Threads write the same lines. The best round is one in which one thread was late and both ran alone; rounds in which
   * somebody else took a processor are slow. So first quartiles are compared.
   */
  readonly contends: boolean;
  /** Highest ratio, ours to the first peer's, that is good enough; null: for information. */
  readonly target: number | null;
}

const kref: ProgramSource = { module: "pairs", strategy: "kref" };
const percpu: ProgramSource = { module: "pairs", strategy: "percpu-ref" };
const none: ProgramSource = { module: "pairs", strategy: "none" };
const bare: ProgramSource = { module: "hazard", strategy: null };

function row(
  name: string,
  program: ProgramSource,
  entry: string,
  peers: readonly string[],
  target: number | null,
  threads = 1,
  labels = 64,
): Row {
  // Bare hazard slots and per-CPU counters are each thread's own.
  const contends = threads > 1 && program === kref;
  return { name, program, entry, peers, threads, labels, contends, target };
}

/** Targets: issue 2, "Must reach". */
export const rows: readonly Row[] = [
  row("none, get+put", none, "getPut", ["none"], null),
  row("kref, get+put", kref, "getPut", ["kref", "ck-faa"], 1.15),
  row("kref, tryGet+put", kref, "tryGetPut", ["kref-tryget"], null),
  row("kref, open+close references", kref, "openClose", ["kref-open-close"], null),
  row("percpu-ref, get+put", percpu, "getPut", ["percpu"], 1.8),
  row("percpu-ref, tryGet+put", percpu, "tryGetPut", ["percpu-tryget"], null),
  row("hazard pointer, store and fence", bare, "hazard", ["hazard"], 1.25),
  row("hazard pointer, exchange", bare, "hazardExchange", ["hazard-exchange", "ck-hp"], null),
  row("read section", bare, "readSection", ["urcu-qsbr", "urcu-memb"], null),
  row("kref, get+put, 2 threads, 1 label", kref, "getPut", ["kref", "ck-faa"], 1.25, 2, 1),
  row("kref, get+put, 2 threads, 64 labels", kref, "getPut", ["kref", "ck-faa"], null, 2),
  row("kref, tryGet+put, 2 threads, 1 label", kref, "tryGetPut", ["kref-tryget"], null, 2, 1),
  row("percpu-ref, get+put, 2 threads", percpu, "getPut", ["percpu"], null, 2),
  row("hazard pointer, store and fence, 2 threads", bare, "hazard", ["hazard"], null, 2),
];
