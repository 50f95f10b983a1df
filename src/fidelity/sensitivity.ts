/**
 * How much the constants matter that nobody published: each is halved and doubled, on every machine at once, and the tables are predicted
 * again. What was fitted stays as it is, so a contended row moves by all that the constant is worth.
 */
import type { DistanceNs, SimMachine } from "../engines/sim/types.ts";
import { type PredictContext, predictTables } from "./predict.ts";
import type { FidelityTable, PredictedCell, PredictedTable } from "./types.ts";

interface Constant {
  readonly name: string;
  times(machine: SimMachine, factor: number): SimMachine;
}

type NumberField = "holdNs" | "mostHoldNs" | "hitNs" | "privateAtomicNs" | "atomicNs" | "memoryNs";

const field = (name: NumberField): Constant => ({
  name,
  times: (machine, factor) => ({ ...machine, [name]: machine[name] * factor }),
});

/** A distance's latencies, idle and contended. */
const latency = (distance: keyof DistanceNs): Constant => ({
  name: `latency ${distance}`,
  times: (machine, factor) => ({
    ...machine,
    idleNs: { ...machine.idleNs, [distance]: machine.idleNs[distance] * factor },
    handOffNs: { ...machine.handOffNs, [distance]: machine.handOffNs[distance] * factor },
  }),
});

const constants: readonly Constant[] = [
  field("holdNs"),
  field("mostHoldNs"),
  field("hitNs"),
  field("privateAtomicNs"),
  field("atomicNs"),
  field("memoryNs"),
  latency("smt"),
  latency("l3"),
  latency("socket"),
];
const factors = [0.5, 2] as const;

export interface SensitivityRow {
  readonly constant: string;
  readonly factor: number;
  readonly table: string;
  /** Cells beyond their bounds, of those that are bounded. */
  readonly beyond: number;
  readonly bounded: number;
  /** The bounded cell whose prediction moved most, and by how much of what it was. */
  readonly mostMoved: string;
  readonly movedPercent: number;
}

export function sensitivity(tables: readonly FidelityTable[], context: PredictContext): SensitivityRow[] {
  const variants = constants.flatMap((constant) => factors.map((factor) => ({ constant, factor })));
  // Each round is as many runs as the first.
  const round = (index: number): PredictContext => ({
    ...context,
    onRun: (done, of) => context.onRun?.(index * of + done, (variants.length + 1) * of),
  });
  const asShipped = predictTables(tables, round(0));
  return variants.flatMap(({ constant, factor }, index) => {
    const vary = (machine: SimMachine): SimMachine => constant.times(machine, factor);
    return predictTables(tables, { ...round(index + 1), vary }).map((table, at) =>
      compared(constant.name, factor, table, asShipped[at] as PredictedTable),
    );
  });
}

function compared(
  constant: string,
  factor: number,
  varied: PredictedTable,
  shipped: PredictedTable,
): SensitivityRow {
  const bounded = varied.cells
    .map((cell, index) => ({ cell, before: shipped.cells[index] as PredictedCell }))
    .filter(({ cell }) => cell.bound.kind !== "none");
  const moved = bounded.map(({ cell, before }) => ({
    cell: `${cell.column} ${cell.row}`,
    percent: 100 * (cell.predicted / before.predicted - 1),
  }));
  const most = moved.reduce((best, each) => (Math.abs(each.percent) > Math.abs(best.percent) ? each : best));
  return {
    constant,
    factor,
    table: varied.name,
    beyond: bounded.filter(({ cell }) => !cell.within).length,
    bounded: bounded.length,
    mostMoved: most.cell,
    movedPercent: most.percent,
  };
}
