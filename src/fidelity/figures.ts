/** How a cell's figure comes from what its simulations measured. */
import type { Figure, Measured, RunSpec } from "./types.ts";

/** The simulations that a figure needs. */
export function runsOf(figure: Figure): RunSpec[] {
  return "base" in figure ? [figure.of, figure.base] : [figure.of];
}

const byCpu = ({ perSecond, cpus }: Measured): number => perSecond / cpus;
const nsEach = (measured: Measured): number => 1e9 / byCpu(measured);

/** @param base of figures that compare with another run */
export function figureOf(figure: Figure, of: Measured, base: Measured | undefined): number {
  if (figure.kind === "nsPerOperation") return nsEach(of);
  if (figure.kind === "millionPerSecond") return of.perSecond / 1e6;
  if (figure.kind === "oneWay") return of.elapsedNs / of.operations;
  if (base === undefined) throw new RangeError(`${figure.kind} compares with another run`);
  switch (figure.kind) {
    case "efficiency":
      return (100 * byCpu(of)) / byCpu(base);
    case "gain":
      return 100 * (of.perSecond / base.perSecond - 1);
    case "timesAlone":
      return nsEach(of) / nsEach(base);
  }
}
