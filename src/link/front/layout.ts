/**
 * Where each strategy instance's bytes lie. Offsets count from the start of the strategies' part of an area, which the kernel
 * places; several instances stand one behind the other, so two strategies can live in one program.
 *
 * A strategy with parts decides for each label which part it belongs to, for good. So in a label, a holder and a guard its parts lie
 * one over the other, the largest counts, and its own bytes come behind them; everywhere else they are apart.
 */
import type { LinkedStrategy, StrategyUse } from "./graph.ts";

const areas = {
  global: { constant: "globalBytes", alignment: 64, least: 0, overlaid: false },
  cpu: { constant: "cpuBytes", alignment: 64, least: 0, overlaid: false },
  task: { constant: "taskBytes", alignment: 8, least: 0, overlaid: false },
  // A label, holder and guard keep their first 8 bytes even for a strategy that stores nothing: the kernel's struct has a
  // counter there, and a holder names its label for verification.
  label: { constant: "labelBytes", alignment: 8, least: 8, overlaid: true },
  holder: { constant: "holderBytes", alignment: 8, least: 8, overlaid: true },
  guard: { constant: "guardBytes", alignment: 8, least: 8, overlaid: true },
} as const;

export type Area = keyof typeof areas;

/** RCU callback ids below this belong to the kernel; each strategy instance has as many behind it. */
export const callbacksPerOwner = 16;

export function isArea(name: string): name is Area {
  return Object.hasOwn(areas, name);
}

export const areaNames: readonly string[] = [...Object.keys(areas), "callback"];

export class Layout {
  private readonly sizes = new Map<string, number>();

  constructor(
    private readonly strategies: readonly LinkedStrategy[],
    private readonly constantOf: (use: StrategyUse, name: string) => number,
  ) {}

  /** Offset of an instance's bytes in an area, or its first RCU callback id. */
  offset(instance: string, area: Area | "callback"): number {
    const index = this.strategies.findIndex((use) => use.instance === instance);
    if (area === "callback") return callbacksPerOwner * (index + 1);
    if (!areas[area].overlaid) return this.sum(this.strategies.slice(0, index), area);
    const use = this.strategies[index];
    const roots = this.strategies.filter(({ owner }) => owner === null);
    const root = roots.findIndex((other) => other.instance === (use?.owner ?? instance));
    const before = roots.slice(0, root).reduce((sum, other) => sum + this.withParts(other, area), 0);
    return before + (use?.owner === null ? this.largestPart(use, area) : 0);
  }

  /** Bytes of an area for all instances. */
  total(area: Area): number {
    const roots = this.strategies.filter(({ owner }) => owner === null);
    const sum = areas[area].overlaid
      ? roots.reduce((total, use) => total + this.withParts(use, area), 0)
      : this.sum(this.strategies, area);
    return Math.max(sum, areas[area].least);
  }

  private sum(uses: readonly StrategyUse[], area: Area): number {
    return uses.reduce((sum, use) => sum + this.size(use, area), 0);
  }

  private withParts(use: LinkedStrategy, area: Area): number {
    return this.largestPart(use, area) + this.size(use, area);
  }

  private largestPart({ instance }: LinkedStrategy, area: Area): number {
    const parts = this.strategies.filter(({ owner }) => owner === instance);
    return Math.max(0, ...parts.map((part) => this.size(part, area)));
  }

  private size(use: StrategyUse, area: Area): number {
    const key = `${area}\n${use.instance}`;
    const known = this.sizes.get(key);
    if (known !== undefined) return known;
    const { constant, alignment } = areas[area];
    const bytes = Math.ceil(this.constantOf(use, constant) / alignment) * alignment;
    this.sizes.set(key, bytes);
    return bytes;
  }
}
