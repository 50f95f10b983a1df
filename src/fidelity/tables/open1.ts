/** will-it-scale's open1 before and after the open hook lost its get and put, on two machines that are only roughly known. */
import { numberIn, type PublishedRow, textIn } from "../published.ts";
import type { Bound, Cell, FidelityTable, KernelLoad, RunSpec } from "../types.ts";

/** What stands for a published machine. */
interface StandIn {
  readonly machine: string;
  /** Beginning of the name in the file. */
  readonly published: string;
  readonly bound: Bound;
}

const standIns: readonly StandIn[] = [
  { machine: "skylake-2s", published: "2-socket Skylake", bound: { kind: "points", most: 15 } },
  { machine: "vm-24", published: "24-vCPU VM", bound: { kind: "between", low: 25, high: 55 } },
];

/**
 * What an open and close takes beside the labels, us: on the VM after the change, where the line is no longer what limits, 2.89 us pass on
 * each CPU between two of them (24 CPUs, 8.31 M/s), less two times 48 ns for the line. Nobody told it of the robot's machine, whose
 * line limits before and after, so that it does not matter there.
 */
const thinkUs = 2.8;

const requests = 40_000;

function run({ machine }: StandIn, cpus: number, hooks: KernelLoad["hooks"]): RunSpec {
  const parameters = { requests, thinkUs, thinkDistribution: "exponential" };
  return {
    machine: { name: machine },
    cpus,
    load: { kind: "kernel", strategy: "kref", hooks, scenario: "open-close", parameters, perRequest: 1 },
  };
}

/** The kernel with as many label operations by open and close as the file says. */
function hooksOf(rmws: number): KernelLoad["hooks"] {
  if (rmws === 4) return "v6.7";
  if (rmws === 2) return "v6.11";
  throw new RangeError(`no kernel takes ${rmws} label operations by open and close`);
}

function standInFor(row: PublishedRow): StandIn {
  const machine = textIn(row, "machine");
  const standIn = standIns.find(({ published }) => machine.startsWith(published));
  if (standIn === undefined) throw new RangeError(`nothing stands for ${machine}`);
  return standIn;
}

/** `open1_processes` is the variant with a process by CPU, as all of these are. */
const testOf = (row: PublishedRow): string => textIn(row, "test").replace("_processes", "");

/** The simulations before and after the change. */
function runsOf(row: PublishedRow): { readonly before: RunSpec; readonly after: RunSpec } {
  const standIn = standInFor(row);
  const cpus = numberIn(row, "cpus");
  return {
    before: run(standIn, cpus, hooksOf(numberIn(row, "label_rmw_per_op_before"))),
    after: run(standIn, cpus, hooksOf(numberIn(row, "label_rmw_per_op_after"))),
  };
}

/** The rates themselves, which stand-ins can come near to only by chance: shown, not bounded. */
export function open1RatesTable(rows: readonly PublishedRow[]): FidelityTable {
  const cells = rows.flatMap((row) =>
    (["before", "after"] as const).map((when): Cell => {
      const { machine } = standInFor(row);
      return {
        row: `${machine} ${textIn(row, "cpus")}`,
        column: `${testOf(row)} ${when}`,
        published: [numberIn(row, `ops_per_s_${when}`) / 1e6],
        figure: { kind: "millionPerSecond", of: runsOf(row)[when] },
        bound: { kind: "none" },
        fitted: false,
      };
    }),
  );
  return {
    name: "open1-rates",
    title: "the same in million opens and closes by second",
    unit: "M/s",
    source: "as above",
    notes: ["For information: a stand-in's rate is what its latencies and the 2.8 us make of it."],
    cells,
  };
}

export function open1Table(rows: readonly PublishedRow[]): FidelityTable {
  const cells = rows.map((row): Cell => {
    const { bound, machine } = standInFor(row);
    const { after, before } = runsOf(row);
    const gain = 100 * (numberIn(row, "ops_per_s_after") / numberIn(row, "ops_per_s_before") - 1);
    return {
      row: `${machine} ${textIn(row, "cpus")}`,
      column: testOf(row),
      published: [gain],
      figure: { kind: "gain", of: after, base: before },
      bound,
      fitted: false,
    };
  });
  return {
    name: "open1",
    title: "open and close in a loop: throughput gained by v6.11's open hook, %",
    unit: "%",
    source:
      "commit f4fee216df7d (a get and a put less in apparmor_file_open) and the kernel test robot's report on it; will-it-scale, one process by CPU",
    notes: [
      "Both machines are stand-ins: the sources tell little more than the number of CPUs. The file names and cpus of a row are the source's.",
      `Assumed: an open and close takes ${thinkUs} us beside the labels, exponentially distributed. That is what the VM's published rate after the change leaves (24 CPUs, 8.31 M/s, less the line); on the robot it does not matter.`,
      "open2 differs from open1 in the files' directory, which no label sees: it is the same simulation.",
    ],
    cells,
  };
}
