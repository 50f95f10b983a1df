/** One number of a machine file, with how it came about. */
import { type Basis, type MachineDescription, machineSchema } from "../machines/schema.ts";
import { type Figure, rounded } from "./statistics.ts";

export interface Field {
  /** As the schema names it: `costNs.hit`. */
  readonly path: string;
  readonly value: number;
  readonly basis: Basis;
  /** How it was measured, fitted, or why it was assumed. */
  readonly where: string;
  /** Spread, for a comment beside the number; empty for none. */
  readonly spread: string;
}

/** What the schema takes where nothing is said. */
export const defaults: MachineDescription = machineSchema.parse({
  topology: { sockets: 1, l3Domains: 1, cores: 1, threads: 1 },
});

export function measured(path: string, figure: Figure, where: string, least = 0): Field {
  return {
    path,
    value: Math.max(least, rounded(figure.medianNs)),
    basis: "measured",
    where,
    spread: spreadText(figure),
  };
}

export function assumed(path: string, value: number, where: string): Field {
  return { path, value, basis: "assumed", where, spread: "" };
}

/** "+-0.02, 1.28 to 1.35, 2 repeated": median absolute deviation, least, most, rounds that were outliers and done again. */
export function spreadText({ madNs, minNs, maxNs, repeated }: Figure): string {
  const again = repeated === 0 ? "" : `, ${repeated} repeated`;
  return `+-${rounded(madNs)}, ${rounded(minNs)} to ${rounded(maxNs)}${again}`;
}
