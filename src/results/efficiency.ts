/** Scaling efficiency: what a CPU does where there are many, against what it does where there are few. */
import type { Cell } from "./schema.ts";

/**
 * The cells with `efficiencyPct`: requests per second and CPU in percent of those on the smallest number of CPUs that the same
 * strategy has among them, on the same engine and with the same value of what is varied. Without it where there is only one.
 */
export function withEfficiency(cells: readonly Cell[]): Cell[] {
  const smallest = new Map<string, Cell>();
  const several = new Set<string>();
  for (const cell of cells) {
    const key = groupOf(cell);
    const known = smallest.get(key);
    if (known !== undefined && known.cpus !== cell.cpus) several.add(key);
    if (known === undefined || cell.cpus < known.cpus) smallest.set(key, cell);
  }
  return cells.map(({ efficiencyPct: _before, ...cell }) => {
    const base = smallest.get(groupOf(cell));
    if (base === undefined || !several.has(groupOf(cell))) return cell;
    const efficiencyPct = (100 * perCpu(cell)) / perCpu(base);
    // Of nothing, or next to nothing, there is no percentage.
    return Number.isFinite(efficiencyPct) ? { ...cell, efficiencyPct } : cell;
  });
}

function groupOf({ engine, strategy, varied }: Cell): string {
  return JSON.stringify([engine, strategy, varied?.value ?? null]);
}

function perCpu({ cpus, requestsPerSecond }: Cell): number {
  return requestsPerSecond / cpus;
}
