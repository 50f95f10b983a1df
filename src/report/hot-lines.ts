/** The lines that cost a simulated cell most, with the code that moved them, as a profiler of cache misses would list them. */
import type { Cell } from "../results/schema.ts";
import { figure, plural } from "./numbers.ts";
import { wrapped } from "./wrapped.ts";

/** Lines that are shown; results have more. Lines below this many transfers per request say nothing. */
const [mostLines, leastPerRequest] = [5, 0.01];
/** Code places that are shown for each. */
const mostPlaces = 2;

/** The cell whose CPUs wait longest for lines and locks; undefined where none was simulated. */
export function mostContended(cells: readonly Cell[]): Cell | undefined {
  const waits = ({ timeSplitPct: time }: Cell): number => (time === undefined ? -1 : time.lines + time.locks);
  const most = cells.reduce<Cell | undefined>(
    (best, cell) => (best === undefined || waits(cell) > waits(best) ? cell : best),
    undefined,
  );
  return most === undefined || waits(most) < 0 ? undefined : most;
}

/** The text, with a heading; undefined where no line moved. */
export function hotLinesText(cells: readonly Cell[], dim: (text: string) => string): string | undefined {
  const cell = mostContended(cells);
  const lines = (cell?.hottestLines ?? [])
    .filter(({ transfersPerRequest }) => transfersPerRequest >= leastPerRequest)
    .slice(0, mostLines);
  if (cell === undefined || lines.length === 0) return undefined;
  const value = cell.varied === undefined ? "" : `, ${cell.varied.parameter} ${cell.varied.value}`;
  const heading = `Hottest lines of ${cell.strategy} on ${plural(cell.cpus, "CPU")}${value}`;
  return [heading, ...lines.flatMap((line) => lineText(line, dim))].join("\n");
}

function lineText(line: NonNullable<Cell["hottestLines"]>[number], dim: (text: string) => string): string[] {
  const waiting = line.mostWaiting === 0 ? "" : `, at most ${line.mostWaiting} waiting`;
  const figures = `${figure(line.transfersPerRequest)} moves/request, ${figure(line.meanWaitNs)} ns each${waiting}`;
  return [
    wrapped(`${line.symbol}: ${figures}`, "  "),
    ...placesOf(line.code)
      .slice(0, mostPlaces)
      .map(([place, transfers]) => {
        const share = `${Math.round((100 * transfers) / line.transfers)}%`.padStart(6);
        return dim(`${share} ${place}`);
      }),
  ];
}

/** Places as they are shown, with their transfers: what one line of the source does in several columns is one of them. */
function placesOf(code: NonNullable<Cell["hottestLines"]>[number]["code"]): [string, number][] {
  const places = new Map<string, number>();
  for (const { file, function: name, line, operation, transfers } of code) {
    const place = `${operation} in ${name}, ${file}:${line}`;
    places.set(place, (places.get(place) ?? 0) + transfers);
  }
  return [...places].sort(([, one], [, other]) => other - one);
}
