/** Published scaling by itself, for reports that show it beside a run of the same question. */
import { numberIn, type PublishedTexts, publishedRows } from "./published.ts";
import { nginxColumns, nginxMachine, nginxNoisePoints, nginxSource, threadsOf } from "./tables/nginx.ts";

/** Throughput by CPU in percent of that on the fewest CPUs, as somebody published it. */
export interface PublishedScaling {
  readonly scenario: string;
  /** The described machine that stands for the source's. */
  readonly machine: string;
  readonly hooks: string;
  readonly strategy: string;
  /** For each number of CPUs one figure for each run. */
  readonly points: readonly { readonly cpus: number; readonly runs: readonly number[] }[];
  /** Points by which two runs of one condition differ in the source. */
  readonly noisePoints: number;
  readonly source: string;
}

/** Every published curve. Throws RangeError for a file that lacks a column. */
export function publishedScaling(texts: PublishedTexts): PublishedScaling[] {
  const rows = publishedRows(texts["nginx-scaling-zen4"]);
  return nginxColumns.map(({ published, strategy, hooks }) => ({
    scenario: "nginx",
    machine: nginxMachine,
    hooks,
    strategy,
    points: rows.map((row) => ({
      cpus: threadsOf(row),
      runs: published.map((column) => numberIn(row, column)),
    })),
    noisePoints: nginxNoisePoints,
    source: nginxSource,
  }));
}
