/**
 * How long a line takes from one CPU to another. Machines are described by these very figures, so this is no prediction: it checks that a
 * program which measures them, as the published one does, finds them again in the simulator.
 */
import type { DistanceNs, SimMachine } from "../../engines/sim/types.ts";
import { figureIn, type PublishedRow, textIn } from "../published.ts";
import type { Cell, FidelityTable, MachineUse, PingPongLoad } from "../types.ts";

const columns: readonly {
  readonly column: string;
  readonly name: string;
  readonly distance: PingPongLoad["distance"];
}[] = [
  { column: "smt_ns", name: "same core", distance: "smt" },
  { column: "same_l3_ns", name: "same L3", distance: "l3" },
  { column: "cross_l3_ns", name: "other L3", distance: "socket" },
  { column: "cross_socket_ns", name: "far socket", distance: "cross" },
];

const everywhere = (ns: number): DistanceNs => ({ smt: ns, l3: ns, socket: ns, cross: ns });

/** Machines of the file by the beginning of their names there; some are another of src/machines with latencies of their own. */
const machines: readonly {
  readonly published: string;
  readonly name: string;
  readonly changes?: Partial<SimMachine>;
}[] = [
  { published: "EPYC 7773X", name: "epyc-7773x" },
  { published: "2x EPYC 7R13", name: "epyc-7773x", changes: { sockets: 2 } },
  { published: "2x EPYC 7742", name: "epyc-7742-2s" },
  { published: "Ryzen 7950X", name: "ryzen-7950x" },
  { published: "Xeon Platinum 8375C", name: "xeon-8375c-2s" },
  { published: "Xeon Platinum 8275CL", name: "xeon-8375c-2s", changes: {} },
  { published: "2x Xeon Gold 6242", name: "xeon-8375c-2s", changes: {} },
  { published: "AWS Graviton3", name: "graviton3" },
  // As graviton3's hand-off, with a ns more on the way and half a ns more of the request's.
  { published: "AWS Graviton2", name: "graviton3", changes: { handOffNs: everywhere(65) } },
];

const roundTrips = 500;

/** The latencies of a row, with a neighbour's where it has none: such a distance is not asked for. */
function latencies(row: PublishedRow): DistanceNs {
  const l3 = figureIn(row, "same_l3_ns") ?? 0;
  const smt = figureIn(row, "smt_ns") ?? l3;
  const socket = figureIn(row, "cross_l3_ns") ?? l3;
  return { smt, l3, socket, cross: figureIn(row, "cross_socket_ns") ?? socket };
}

function machineOf(row: PublishedRow): MachineUse {
  const published = textIn(row, "machine");
  const found = machines.find((machine) => published.startsWith(machine.published));
  if (found === undefined) throw new RangeError(`no machine is described for ${published}`);
  const { name, changes } = found;
  if (changes === undefined) return { name };
  const idleNs = latencies(row);
  return { name, changes: { name: published, idleNs, handOffNs: idleNs, ...changes } };
}

export function coreToCoreTable(rows: readonly PublishedRow[]): FidelityTable {
  const cells = rows.flatMap((row) =>
    columns.flatMap(({ column, name, distance }): Cell[] => {
      const published = figureIn(row, column);
      if (published === undefined) return [];
      const load: PingPongLoad = { kind: "ping-pong", distance, roundTrips };
      return [
        {
          row: textIn(row, "machine").replace(/ \(.*\)$| Platinum| Gold/g, ""),
          column: name,
          published: [published],
          figure: { kind: "oneWay", of: { machine: machineOf(row), cpus: 2, load } },
          bound: { kind: "ns", most: 4 },
          // The machine's latency is this figure.
          fitted: true,
        },
      ];
    }),
  );
  return {
    name: "core-to-core",
    title: "a line handed to and fro by compare-exchange, ns one way",
    unit: "ns",
    source: "nviennot/core-to-core-latency, published results (medians)",
    notes: [
      "The machines' idle latencies are these figures: what is checked is that a program finds them again in the simulator.",
      "Machines that src/machines has no file for (7R13, 8275CL, 6242, Graviton2) are another one of theirs with this row's idle latencies; Graviton2's hand-off (65 ns) is chosen as graviton3's is.",
    ],
    cells,
  };
}
