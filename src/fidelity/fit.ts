/**
 * Finds the fitted parameters anew: the think time of the nginx table and the Xeon's hand-off latencies. What is shipped was found by
 * this (`refplay fidelity --fit`), and a test holds it to that.
 */
import type { DistanceNs } from "../engines/sim/types.ts";
import { bisect } from "./bisect.ts";
import { figureOf } from "./figures.ts";
import { type PredictContext, Predictor } from "./predict.ts";
import { numberIn, type PublishedRow, type PublishedTexts, publishedRows } from "./published.ts";
import { nginxFit, nginxRun, nginxThinkUs } from "./tables/nginx.ts";
import { atomicIncRun, fittedRows } from "./tables/xeon.ts";
import type { RunSpec } from "./types.ts";

export interface Fit {
  readonly parameter: string;
  readonly unit: string;
  /** The cell that it is fitted to, and what was published there. */
  readonly cell: string;
  readonly published: number;
  /** What was found, and what the cell then comes to. */
  readonly value: number;
  readonly predicted: number;
  /** What is shipped. */
  readonly shipped: number;
}

function publishedIn(rows: readonly PublishedRow[], key: string, value: string, column: string): number {
  const row = rows.find((each) => each[key] === value);
  if (row === undefined) throw new RangeError(`no row ${value}`);
  return numberIn(row, column);
}

/** Think time per request, to 0.1 us. */
export function fitNginx(texts: PublishedTexts, context: PredictContext): Fit {
  const { baseCpus, column, cpus, hooks, strategy } = nginxFit;
  const rows = publishedRows(texts["nginx-scaling-zen4"]);
  const cell = rows.at(-1)?.cores_threads ?? "";
  const published = publishedIn(rows, "cores_threads", cell, column);
  const predictor = new Predictor(context);
  const found = bisect(
    (thinkUs) => {
      const of = nginxRun(strategy, hooks, cpus, thinkUs);
      const base = nginxRun(strategy, hooks, baseCpus, thinkUs);
      return figureOf({ kind: "efficiency", of, base }, predictor.measure(of), predictor.measure(base));
    },
    published,
    { low: 10, high: 100, step: 0.1 },
  );
  return {
    parameter: "nginx: think time per request",
    unit: "us",
    cell: `${strategy} ${hooks} at ${cpus} threads`,
    published,
    value: found.value,
    predicted: found.figure,
    shipped: nginxThinkUs,
  };
}

/** The Xeon's hand-off latency within a socket, then between sockets, each to 0.1 ns. */
export function fitXeon(texts: PublishedTexts, context: PredictContext): Fit[] {
  const rows = publishedRows(texts["atomic-inc-xeon8176"]);
  const shipped = context.machine("xeon-8176-8s").handOffNs;
  const fitLatency = (threads: number, distance: "l3" | "cross", known: DistanceNs): Fit => {
    const published = publishedIn(rows, "threads", String(threads), "atomic_inc_ns");
    const found = bisect(
      (latency) => {
        const of = withHandOff(atomicIncRun(threads), { ...known, [distance]: latency });
        return figureOf({ kind: "nsPerOperation", of }, new Predictor(context).measure(of), undefined);
      },
      published,
      { low: 4, high: 100, step: 0.1 },
    );
    return {
      parameter: `xeon-8176-8s: handOffNs.${distance}`,
      unit: "ns",
      cell: `atomic inc at ${threads} threads`,
      published,
      value: found.value,
      predicted: found.figure,
      shipped: shipped[distance],
    };
  };
  const [inSocket, between] = fittedRows;
  const l3 = fitLatency(inSocket, "l3", shipped);
  const cross = fitLatency(between, "cross", { ...shipped, l3: l3.value });
  return [l3, cross];
}

function withHandOff(run: RunSpec, handOffNs: DistanceNs): RunSpec {
  return { ...run, machine: { ...run.machine, changes: { ...run.machine.changes, handOffNs } } };
}
