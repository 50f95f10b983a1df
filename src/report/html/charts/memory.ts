/** Bytes of one label over CPUs: counters for each CPU grow with the machine. */
import { axisX, axisY, gridY } from "@observablehq/plot";
import type { Cell } from "../../../results/schema.ts";
import { plural, whole } from "../../numbers.ts";
import type { ChartFigure } from "../figure.ts";
import { widePx } from "../figure.ts";
import { cpuTicks, type LinePoint, lineMarks, logTicks, nameRoom, tickText } from "../lines.ts";
import { engineTitle, type Series } from "../series.ts";

/** @param cells of one engine */
export function memoryFigure(
  engine: string,
  cells: readonly Cell[],
  series: Series,
): ChartFigure | undefined {
  const counts = [...new Set(cells.map(({ cpus }) => cpus))].sort((one, other) => one - other);
  const names = [...new Set(cells.map(({ strategy }) => strategy))];
  if (counts.length < 2) return undefined;
  // What is varied does not change a label's size by CPUs: the first value's cells.
  const at = (name: string, count: number): Cell | undefined =>
    cells.find(({ strategy, cpus }) => strategy === name && cpus === count);
  const points = names.flatMap((name) =>
    counts.flatMap((count): LinePoint[] => {
      const cell = at(name, count);
      if (cell === undefined) return [];
      return [
        {
          name,
          x: count,
          y: cell.labelBytes,
          title: `${name}, ${plural(count, "CPU")}: ${whole(cell.labelBytes)} bytes`,
        },
      ];
    }),
  );
  const sizes = points.map(({ y }) => y).filter((size) => size > 0);
  if (sizes.length < points.length || sizes.length === 0) return undefined;
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
  const logY = most / least > 4;
  const domain: [number, number] = logY ? [0.8 * least, 1.2 * most] : [0, 1.05 * most];
  const ticks = logY ? logTicks(domain) : 5;
  const title = `${engineTitle(engine)}: bytes of one label over CPUs`;
  return {
    id: `memory-${engine}`,
    title,
    finding: findingOf(names, counts, at),
    draw: (width) => {
      const height = width === widePx ? 340 : 300;
      const [marginTop, marginBottom] = [30, 44];
      const marginRight = nameRoom(width, names).px;
      return {
        height,
        marginTop,
        marginBottom,
        marginLeft: 52,
        marginRight,
        x: { type: "log", base: 2, domain: [counts[0] ?? 1, counts.at(-1) ?? 1] },
        y: { domain, ...(logY ? { type: "log" as const } : {}) },
        marks: [
          gridY({ stroke: "var(--line)", strokeOpacity: 1, ticks }),
          axisY({
            ticks,
            tickFormat: tickText,
            label: "bytes",
            labelArrow: "none",
          }),
          axisX({
            ticks: cpuTicks(counts, width - marginRight - 52),
            tickFormat: String,
            label: "CPUs",
            labelArrow: "none",
            labelAnchor: "center",
          }),
          ...lineMarks(points, series, { domain, logY, innerPx: height - marginTop - marginBottom, width }),
        ],
      };
    },
    data: {
      caption: title,
      columns: ["strategy", ...counts.map((count) => plural(count, "CPU"))],
      rows: names.map((name) => ({
        cells: [name, ...counts.map((count) => bytesText(at(name, count)))],
      })),
    },
  };
}

function bytesText(cell: Cell | undefined): string {
  return cell === undefined ? "-" : whole(cell.labelBytes);
}

function findingOf(
  names: readonly string[],
  counts: readonly number[],
  at: (name: string, count: number) => Cell | undefined,
): string {
  const [first, last] = [counts[0] ?? 0, counts.at(-1) ?? 0];
  const grows = names.flatMap((name) => {
    const [from, to] = [at(name, first)?.labelBytes, at(name, last)?.labelBytes];
    return from === undefined || to === undefined || to <= from ? [] : [{ name, from, to }];
  });
  const between = `from ${first} to ${plural(last, "CPU")}`;
  if (grows.length === 0) return `No strategy's labels grow ${between}.`;
  const text = grows
    .map(({ name, from, to }) => `${name} from ${whole(from)} to ${whole(to)} bytes`)
    .join(", ");
  return `Labels grow ${between} with ${text}${grows.length < names.length ? "; with the others they do not" : ""}.`;
}
