/**
 * Where each strategy instance's bytes lie. Offsets count from the start of the strategies' part of an area, which the kernel
 * places; several instances stand one behind the other, so two strategies can live in one program.
 */
import type { StrategyUse } from "./graph.ts";

const areas = {
  global: { constant: "globalBytes", alignment: 64, least: 0 },
  cpu: { constant: "cpuBytes", alignment: 64, least: 0 },
  task: { constant: "taskBytes", alignment: 8, least: 0 },
  // A label, holder and guard keep their first 8 bytes even for a strategy that stores nothing: the kernel's struct has a
  // counter there, and a holder names its label for verification.
  label: { constant: "labelBytes", alignment: 8, least: 8 },
  holder: { constant: "holderBytes", alignment: 8, least: 8 },
  guard: { constant: "guardBytes", alignment: 8, least: 8 },
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
    private readonly strategies: readonly StrategyUse[],
    private readonly constantOf: (use: StrategyUse, name: string) => number,
  ) {}

  /** Offset of an instance's bytes in an area, or its first RCU callback id. */
  offset(instance: string, area: Area | "callback"): number {
    const index = this.strategies.findIndex((use) => use.instance === instance);
    if (area === "callback") return callbacksPerOwner * (index + 1);
    return this.strategies.slice(0, index).reduce((sum, use) => sum + this.size(use, area), 0);
  }

  /** Bytes of an area for all instances. */
  total(area: Area): number {
    const sum = this.strategies.reduce((total, use) => total + this.size(use, area), 0);
    return Math.max(sum, areas[area].least);
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
