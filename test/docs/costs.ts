/** The simulated part of the cost tables in docs/strategies/, made of the results of configs/strategy-costs.yaml. */
import type { Cell } from "../../src/results/schema.ts";

export const costCpus = [1, 16, 192] as const;

const whole = (value: number): string => Math.round(value).toLocaleString("en-US");
const millions = (perSecond: number): string => {
  const value = perSecond / 1e6;
  return value >= 100 ? whole(value) : value.toFixed(1);
};
const percent = (share: number): string => `${(100 * share).toFixed(share >= 0.1 ? 0 : 1)} %`;

function cellOf(cells: readonly Cell[], strategy: string, cpus: number): Cell {
  const found = cells.find((cell) => cell.strategy === strategy && cell.cpus === cpus);
  if (found === undefined) throw new Error(`no cell ${strategy}@${cpus}`);
  return found;
}

/** Row of a strategy's own page. */
export function costRow(cells: readonly Cell[], strategy: string, cpus: number): string {
  const cell = cellOf(cells, strategy, cpus);
  const none = cellOf(cells, "none", cpus);
  const columns = [
    cpus,
    whole(cell.pairNs?.p50 ?? 0),
    whole(cell.pairNs?.p99 ?? 0),
    millions(cell.requestsPerSecond),
    percent(cell.requestsPerSecond / none.requestsPerSecond),
    (cell.rmwPerRequest ?? 0).toFixed(2),
    (cell.transfersPerRequest?.all ?? 0).toFixed(2),
    whole(cell.labelBytes),
  ];
  return `| ${columns.join(" | ")} |`;
}

/** Row of the table of all strategies. */
export function costSummaryRow(cells: readonly Cell[], strategy: string): string {
  const rates = costCpus.map((cpus) => cellOf(cells, strategy, cpus).requestsPerSecond);
  const share = (rates[2] ?? 0) / cellOf(cells, "none", 192).requestsPerSecond;
  return `| ${[`\`${strategy}\``, ...rates.map(millions), percent(share)].join(" | ")} |`;
}
