/** The rows of the benchmark: which loop of ours runs against which loops of theirs, and what the ratio must not exceed. */
import type { ProgramSource } from "../../src/bench/programs.ts";

/** What a loop of ours is set beside. */
export interface Peer {
  /** Name of a C peer; with `program`, what the table calls it. */
  readonly name: string;
  /** The same entry of another program of ours; without it, the peer is in C. */
  readonly program?: ProgramSource;
  /** Highest ratio, ours to the peer's, that is good enough; null: for information. */
  readonly target: number | null;
}

export interface Row {
  /** Unique; what `--only` matches. */
  readonly name: string;
  readonly program: ProgramSource;
  /** Exported function `(cpu, pairs, mask)`. */
  readonly entry: string;
  readonly peers: readonly Peer[];
  readonly threads: number;
  /** Labels the loop rotates over. One label on one thread would show the processor's memory renaming, nothing else. */
  readonly labels: number;
  /**
   * Threads write the same lines. The best round is one in which one thread was late and both ran alone; rounds in which
   * somebody else took a processor are slow. So first quartiles are compared.
   */
  readonly contends: boolean;
}

function pairs(strategy: string): ProgramSource {
  return { module: "pairs", strategy };
}

const [none, kref, rcuref] = [pairs("none"), pairs("kref"), pairs("rcuref")];
const [percpu, credLocal, hazardPointer] = [
  pairs("percpu-ref"),
  pairs("cred-local"),
  pairs("hazard-pointer"),
];
const bare: ProgramSource = { module: "hazard", strategy: null };

/** In C, the first with a target. */
function inC(names: readonly string[], target: number | null = null): Peer[] {
  return names.map((name, index) => ({ name, target: index === 0 ? target : null }));
}

/** Our own kref in the same run. */
function ourKref(target: number | null): Peer {
  return { name: "our kref", program: kref, target };
}

interface Shape {
  readonly threads?: number;
  readonly labels?: number;
  /** Whether threads write the same lines; not where each has cells of its own. */
  readonly contends?: boolean;
}

function row(
  name: string,
  program: ProgramSource,
  entry: string,
  peers: readonly Peer[],
  { threads = 1, labels = 64, contends = false }: Shape = {},
): Row {
  return { name, program, entry, peers, threads, labels, contends };
}

/** Two threads on one label, or on as many as usual. */
const [fight, meet] = [
  { threads: 2, labels: 1, contends: true },
  { threads: 2, contends: true },
];

/** Targets: issues 2 and 5, "Must reach". */
export const rows: readonly Row[] = [
  row("none, get+put", none, "getPut", inC(["none"])),
  row("kref, get+put", kref, "getPut", inC(["kref", "ck-faa"], 1.15)),
  row("kref, tryGet+put", kref, "tryGetPut", inC(["kref-tryget"])),
  row("kref, open+close references", kref, "openClose", inC(["kref-open-close"])),
  row("rcuref, get+put", rcuref, "getPut", [...inC(["rcuref"], 1.25), ourKref(1.1)]),
  row("rcuref, tryGet+put", rcuref, "tryGetPut", [...inC(["rcuref-tryget"]), ourKref(null)]),
  row("percpu-ref, get+put", percpu, "getPut", inC(["percpu-ref"], 1.8)),
  row("percpu-ref, tryGet+put", percpu, "tryGetPut", inC(["percpu-ref-tryget"])),
  row("percpu-managed, get+put", pairs("percpu-managed"), "getPut", inC(["percpu-ref"])),
  row("percpu-dynamic, get+put", pairs("percpu-dynamic"), "getPut", inC(["percpu-ref"])),
  row("cred-local, open+close of a task's own", credLocal, "getPut", inC(["cred-local"], 1.5)),
  row("cred-local, of another label", credLocal, "foreignGetPut", inC(["kref"])),
  row(
    "hazard-pointer, borrow+unborrow",
    hazardPointer,
    "borrowUnborrow",
    inC(["hazard-pointer-borrow"], 1.25),
  ),
  row("hazard-pointer, get+put", hazardPointer, "getPut", inC(["hazard-pointer"])),
  row("hazard slot, store and fence", bare, "hazard", inC(["hazard"], 1.25)),
  row("hazard slot, exchange", bare, "hazardExchange", inC(["hazard-exchange", "ck-hp"])),
  row("read section", bare, "readSection", inC(["urcu-qsbr", "urcu-memb"])),
  row("kref, get+put, 2 threads, 1 label", kref, "getPut", inC(["kref", "ck-faa"], 1.25), fight),
  row("kref, get+put, 2 threads, 64 labels", kref, "getPut", inC(["kref", "ck-faa"]), meet),
  row("kref, tryGet+put, 2 threads, 1 label", kref, "tryGetPut", inC(["kref-tryget"]), fight),
  row("rcuref, get+put, 2 threads, 1 label", rcuref, "getPut", [...inC(["rcuref"]), ourKref(1)], fight),
  row(
    "rcuref, tryGet+put, 2 threads, 1 label",
    rcuref,
    "tryGetPut",
    [...inC(["rcuref-tryget"]), ourKref(1)],
    fight,
  ),
  row("percpu-ref, get+put, 2 threads", percpu, "getPut", inC(["percpu-ref"]), { threads: 2 }),
  row("cred-local, open+close, 2 threads", credLocal, "getPut", inC(["cred-local"]), {
    threads: 2,
  }),
  row(
    "hazard-pointer, borrow+unborrow, 2 threads",
    hazardPointer,
    "borrowUnborrow",
    inC(["hazard-pointer-borrow"]),
    {
      threads: 2,
    },
  ),
  row("hazard slot, store and fence, 2 threads", bare, "hazard", inC(["hazard"]), { threads: 2 }),
];
