/** Requests per second over the parameter that a config varies. */
import { axisX, axisY, gridY, ruleY } from "@observablehq/plot";
import type { Cell } from "../../../results/schema.ts";
import { plural, whole } from "../../numbers.ts";
import type { ChartFigure } from "../figure.ts";
import { widePx } from "../figure.ts";
import { type LinePoint, lineMarks, nameRoom, tickText } from "../lines.ts";
import { engineTitle, listed, type Series } from "../series.ts";

/** @param cells of one engine */
export function variedFigure(
  engine: string,
  cells: readonly Cell[],
  series: Series,
): ChartFigure | undefined {
  const most = Math.max(...cells.map(({ cpus }) => cpus));
  const of = cells.filter(({ cpus, varied }) => cpus === most && varied !== undefined);
  const parameter = of[0]?.varied?.parameter;
  const values = [...new Set(of.map(({ varied }) => String(varied?.value)))];
  if (parameter === undefined || values.length < 2) return undefined;
  const names = [...new Set(of.map(({ strategy }) => strategy))];
  const points = of.map(
    ({ strategy, varied, requestsPerSecond }): LinePoint => ({
      name: strategy,
      x: String(varied?.value),
      y: requestsPerSecond,
      title: `${strategy}, ${parameter} ${varied?.value}: ${whole(requestsPerSecond)} requests/s`,
    }),
  );
  const domain: [number, number] = [0, 1.04 * Math.max(...points.map(({ y }) => y), Number.MIN_VALUE)];
  const rateAt = (name: string, value: string): number | undefined =>
    of.find((cell) => cell.strategy === name && String(cell.varied?.value) === value)?.requestsPerSecond;
  return {
    id: `varied-${engine}`,
    title: `${engineTitle(engine)}: requests per second over ${parameter}, ${plural(most, "CPU")}`,
    finding: findingOf(names, values, parameter, rateAt),
    draw: (width) => {
      const height = width === widePx ? 360 : 300;
      const [marginTop, marginBottom] = [30, 44];
      return {
        height,
        marginTop,
        marginBottom,
        marginLeft: 52,
        marginRight: nameRoom(width, names).px,
        x: { type: "point", domain: values, padding: 0.1 },
        y: { domain },
        marks: [
          gridY({ stroke: "var(--line)", strokeOpacity: 1 }),
          axisY({
            label: "requests per second",
            labelArrow: "none",
            tickFormat: tickText,
          }),
          axisX({ label: parameter, labelArrow: "none", labelAnchor: "center" }),
          ruleY([0], { stroke: "var(--muted)" }),
          ...lineMarks(points, series, {
            domain,
            innerPx: height - marginTop - marginBottom,
            width,
            lastX: values.at(-1) ?? "",
          }),
        ],
      };
    },
    data: {
      caption: `requests per second over ${parameter}, ${plural(most, "CPU")}`,
      columns: ["strategy", ...values],
      rows: names.map((name) => ({
        cells: [name, ...values.map((value) => optional(rateAt(name, value)))],
      })),
    },
  };
}

function optional(value: number | undefined): string {
  return value === undefined ? "-" : whole(value);
}

function findingOf(
  names: readonly string[],
  values: readonly string[],
  parameter: string,
  rateAt: (name: string, value: string) => number | undefined,
): string {
  const [first = "", last = ""] = [values[0], values.at(-1)];
  const changes = names.flatMap((name) => {
    const [from, to] = [rateAt(name, first), rateAt(name, last)];
    return from === undefined || to === undefined || from === 0
      ? []
      : [`${name} ${percentChange(to / from)}`];
  });
  return `From ${parameter} ${first} to ${last} rates change by: ${listed(changes)}.`;
}

function percentChange(ratio: number): string {
  const percent = 100 * (ratio - 1);
  return `${percent >= 0 ? "+" : "-"}${Math.abs(percent).toFixed(1)} %`;
}
