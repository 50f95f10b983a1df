/** The figures of a cell that two sides are compared by, each with its value in every run where that is known. */
import type { Cell } from "../results/schema.ts";
import type { Better, FigureValue } from "./types.ts";

interface Kind {
  readonly name: string;
  readonly unit: string;
  readonly better: Better;
  /** Of which cells every run has the same; none unless given. */
  readonly exact?: (cell: Cell) => boolean;
  /** It follows from the load, which is another with another seed. */
  readonly ofLoad?: true;
  /** null or undefined: the cell has none. */
  readonly value: (cell: Cell) => number | null | undefined;
}

/** Figures that any cell may have beside its rate and efficiency, in the order of reports. */
const kinds: readonly Kind[] = [
  { name: "pairNsP50", unit: "ns", better: "less", value: ({ pairNs }) => pairNs?.p50 },
  { name: "pairNsP99", unit: "ns", better: "less", value: ({ pairNs }) => pairNs?.p99 },
  {
    name: "rmwPerRequest",
    unit: "",
    better: "less",
    // On threads from one counted run of the same scripts.
    exact: ({ engine }) => engine !== "sim",
    ofLoad: true,
    value: (cell) => cell.rmwPerRequest,
  },
  {
    name: "transfersPerRequest",
    unit: "",
    better: "less",
    value: ({ transfersPerRequest }) => transfersPerRequest?.all,
  },
  {
    name: "labelBytes",
    unit: "bytes",
    better: "less",
    exact: () => true,
    // Cells of scenarios with a program of their own have no labels.
    value: ({ labelBytes, requestUnit }) => (requestUnit === undefined ? labelBytes : null),
  },
  { name: "peakUnreclaimed", unit: "", better: "less", value: (cell) => cell.peakUnreclaimed },
  {
    name: "retiredMeanMs",
    unit: "ms",
    better: "less",
    value: ({ retirement }) =>
      retirement === undefined || retirement.freed === 0 ? null : retirement.meanMs,
  },
  {
    name: "faults",
    unit: "",
    better: "less",
    exact: () => true,
    value: ({ leaked, violations }) => leaked + violations,
  },
];

/** Names that figures of every cell have; scenarios have more. */
export const figureNames: readonly string[] = [
  "requestsPerSecond",
  "efficiency",
  ...kinds.map(({ name }) => name),
];

/** Those of them that a cell will have, before it is measured. @param fewestCpus of its strategy */
export function expectedFigures(engine: string, cpus: number, fewestCpus: number): readonly string[] {
  return figureNames.filter(
    (name) =>
      (name !== "efficiency" || cpus > fewestCpus) && (name !== "transfersPerRequest" || engine === "sim"),
  );
}

/**
 * All figures of a cell.
 * @param cells those of the same record: efficiency is held against the fewest CPUs among them
 */
export function figuresOf(cell: Cell, cells: readonly Cell[]): FigureValue[] {
  const { byRepetition = {} } = cell;
  const runsOf = (name: string): number[] => {
    const runs = byRepetition[name] ?? [];
    return runs.every((value) => value !== null) ? runs : [];
  };
  const own = kinds.flatMap(({ name, unit, better, ...kind }): FigureValue[] => {
    const value = kind.value(cell);
    if (value === null || value === undefined) return [];
    const exact = kind.exact?.(cell) ?? false;
    const ofLoad = exact && kind.ofLoad === true;
    return [{ name, unit, better, exact, ofLoad, value, repetitions: exact ? [] : runsOf(name) }];
  });
  const ofScenario = (cell.figures ?? []).flatMap(({ name, unit, value }): FigureValue[] =>
    value === null
      ? []
      : [{ name, unit, better: "neither", exact: false, ofLoad: false, value, repetitions: runsOf(name) }],
  );
  const rate: FigureValue = {
    name: "requestsPerSecond",
    unit: "1/s",
    better: "more",
    exact: false,
    ofLoad: false,
    value: cell.requestsPerSecond,
    repetitions: cell.requestsPerSecondSpread.repetitions,
  };
  return [rate, ...efficiency(cell, cells), ...own, ...ofScenario];
}

/**
 * Percent of the rate per CPU that the strategy has on its fewest CPUs; none there. Its value in a run is that of the cell's run
 * against the run of the same number (on sim of the same seed) on the fewest CPUs: both cells' repetitions are in its interval.
 */
function efficiency(cell: Cell, cells: readonly Cell[]): FigureValue[] {
  const base = efficiencyBase(cell, cells);
  if (base === cell) return [];
  const share = (rate: number, baseRate: number): number => (100 * rate * base.cpus) / (cell.cpus * baseRate);
  const value = share(cell.requestsPerSecond, base.requestsPerSecond);
  // Nothing was done there, or next to nothing.
  if (!Number.isFinite(value)) return [];
  const [rates, baseRates] = [cell, base].map((one) => one.requestsPerSecondSpread.repetitions);
  const count = Math.min(rates?.length ?? 0, baseRates?.length ?? 0);
  const runs = Array.from({ length: count }, (_, run) => share(rates?.[run] ?? 0, baseRates?.[run] ?? 0));
  return [
    {
      name: "efficiency",
      unit: "%",
      differenceUnit: "points",
      better: "more",
      exact: false,
      ofLoad: false,
      value,
      repetitions: runs.every(Number.isFinite) ? runs : [],
    },
  ];
}

/** The cell of the same strategy, engine and varied value with the fewest CPUs. */
export function efficiencyBase(cell: Cell, cells: readonly Cell[]): Cell {
  return cells
    .filter(
      ({ engine, strategy, varied }) =>
        engine === cell.engine && strategy === cell.strategy && varied?.value === cell.varied?.value,
    )
    .reduce((fewest, one) => (one.cpus < fewest.cpus ? one : fewest), cell);
}
