/** Scaling that others published for the question that a record answers, where it is the same: scenario, machine, hooks, strategy. */
import type { Cell, ResultsRecord } from "../../results/schema.ts";

/** A published curve. */
export interface PublishedScaling {
  readonly scenario: string;
  readonly machine: string;
  readonly hooks: string;
  readonly strategy: string;
  /** Percent of the throughput by CPU on the fewest CPUs, one figure for each run that was published. */
  readonly points: readonly { readonly cpus: number; readonly runs: readonly number[] }[];
  /** Points by which two runs of one condition differ in the source. */
  readonly noisePoints: number;
  readonly source: string;
}

export interface PublishedSeries {
  /** Instance name in the record. */
  readonly strategy: string;
  readonly source: string;
  readonly points: readonly PublishedPoint[];
}

export interface PublishedPoint {
  readonly cpus: number;
  readonly runs: readonly number[];
  /** Where another run of the same may lie, given the source's noise. */
  readonly low: number;
  readonly high: number;
}

/** The curves that fit the simulated cells, by strategy of the record. */
export function fitting(results: ResultsRecord, all: readonly PublishedScaling[]): PublishedSeries[] {
  const { scenario, strategies } = results.config;
  const own = ownFiles(strategies);
  const seen = new Map<string, Cell>();
  for (const cell of results.cells) {
    if (cell.engine === "sim" && cell.varied === undefined && !seen.has(cell.strategy))
      seen.set(cell.strategy, cell);
  }
  return [...seen.values()].flatMap(({ strategy, hooks }) => {
    const found = all.find(
      (curve) =>
        curve.scenario === scenario &&
        curve.machine === results.machine?.name &&
        curve.hooks === hooks &&
        // A second choice of options has a number, and was not what was measured.
        curve.strategy === strategy.replace(/ \(v[\d.]+\)$/, ""),
    );
    if (found === undefined || own.has(found.strategy)) return [];
    const points = found.points.map((point) => bandOf(point, found.noisePoints));
    return [{ strategy, source: found.source, points }];
  });
}

function bandOf({ cpus, runs }: PublishedScaling["points"][number], noise: number): PublishedPoint {
  const [least, most] = [Math.min(...runs), Math.max(...runs)];
  // 100 is where the percentages begin, by definition.
  if (least === 100 && most === 100) return { cpus, runs, low: 100, high: 100 };
  return { cpus, runs, low: Math.min(least, most - noise), high: Math.max(most, least + noise) };
}

/** Names of strategies that are the user's own files: what was published is of another that is named the same. */
function ownFiles(strategies: unknown): ReadonlySet<string> {
  const uses = (Array.isArray(strategies) ? strategies : []).map((entry: unknown) =>
    String(typeof entry === "object" && entry !== null && "use" in entry ? entry.use : entry),
  );
  const paths = uses.filter((use) => /[\\/]|\.ts$/.test(use));
  return new Set(paths.map((path) => (path.split(/[\\/]/).at(-1) ?? "").replace(/\.ts$/, "")));
}
