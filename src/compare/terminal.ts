/** A comparison as tables that fit 80 columns. */
import pc from "picocolors";
import { type Colors, shortName, tableWidth } from "../report/layout.ts";
import { figure } from "../report/numbers.ts";
import { plainTable } from "../report/plain-table.ts";
import { wrapped } from "../report/wrapped.ts";
import type { Judgement } from "./thresholds.ts";
import type { CellChange, Comparison, FigureChange } from "./types.ts";
import {
  cellTitle,
  commonText,
  conditionText,
  countText,
  differenceTexts,
  figureOf,
  hasSeveralEngines,
  isChange,
  missingTexts,
  oneStartMark,
  sideTexts,
  signed,
  tenths,
  unfinishedTexts,
} from "./words.ts";

export interface TerminalOptions {
  readonly color: boolean;
  /** Every figure of every cell, and not only what changed. */
  readonly all: boolean;
}

const [nameWidth, figureWidth] = [15, 22];

/** The report, ending in a newline. */
export function terminalComparison(
  comparison: Comparison,
  judgement: Judgement,
  { all, color }: TerminalOptions,
): string {
  const colors = pc.createColors(color);
  const lines = (texts: readonly string[]): string[] => texts.map((text) => wrapped(text, "  ", tableWidth));
  const block = (texts: readonly string[]): string[] => (texts.length === 0 ? [] : [lines(texts).join("\n")]);
  // Broken before it is painted: colour codes have a length, too.
  const red = (text: string): string => colors.red(wrapped(text, "  ", tableWidth));
  const confidence = `${Number((100 * comparison.confidence).toFixed(2))} %`;
  const head = [
    colors.bold(wrapped(`B against A: ${commonText(comparison)}`, "  ", tableWidth)),
    ...lines(sideTexts(comparison, asItIs, asItIs)),
  ].join("\n");
  const legend = wrapped(
    `A/s, B/s: requests per second; %: B - A of A; points: of efficiency, requests per second and CPU in percent of those on the ` +
      `fewest CPUs; from, to: where the difference lies with ${confidence} confidence.`,
    "",
    tableWidth,
  );
  const figures = figuresText(comparison, all, colors);
  const conditions = [
    ...judgement.results.map((result) => {
      const { condition, failed } = result;
      const text = `${failed ? "✗" : "✓"} ${condition.text}: ${conditionText(result, judgement)}`;
      return failed ? red(text) : wrapped(text, "  ", tableWidth);
    }),
    ...(judgement.unfinished === undefined ? [] : [red(`✗ ${judgement.unfinished}`)]),
  ];
  const parts = [
    head,
    ...(comparison.unfinished.length === 0 ? [] : [unfinishedTexts(comparison).map(red).join("\n")]),
    ...block(differenceTexts(comparison).map((text) => `Note: ${text}`)),
    ratesText(comparison, colors),
    colors.dim(legend),
    ...(figures === undefined ? [] : [figures]),
    ...block([countText(comparison), ...missingTexts(comparison)]),
    ...block([...cutNames(comparison), ...comparison.notes.map((note) => `Note: ${note}`)]),
    ...(conditions.length === 0 ? [] : [["Fails if", ...conditions].join("\n")]),
  ];
  return `${parts.join("\n\n")}\n`;
}

function asItIs(text: string): string {
  return text;
}

/** One line for each cell: rates, and efficiency where there are several numbers of CPUs. */
function ratesText({ cells }: Comparison, colors: Colors): string {
  const withPoints = cells.some((cell) => figureOf(cell, "efficiency") !== undefined);
  const several = hasSeveralEngines({ cells });
  // Of two strategies every line is about the same two.
  const named = cells.some(({ strategies: [a, b] }) => a === b);
  // Lines of as many CPUs belong together, where there are several.
  const blocks = new Set(cells.map(({ strategies: [a] }) => a)).size > 1;
  const head = [
    ...(named ? ["strategy"] : []),
    "CPUs",
    "A/s",
    "B/s",
    "%",
    "from",
    "to",
    ...(withPoints ? ["points", "from", "to"] : []),
  ];
  const rows = cells.flatMap((cell, index) => {
    const before = cells[index - 1];
    const rate = figureOf(cell, "requestsPerSecond");
    const efficiency = figureOf(cell, "efficiency");
    const row = [
      ...(named ? [shortName(cell.strategies[0], nameWidth)] : []),
      `${cell.cpus}${cell.oversubscribed ? "*" : ""}`,
      rate === undefined ? "-" : figure(rate.a),
      rate === undefined ? "-" : figure(rate.b),
      painted(tenths(rate?.percent), rate, colors),
      tenths(rate?.percentInterval?.low),
      tenths(rate?.percentInterval?.high),
      ...(withPoints
        ? [
            painted(tenths(efficiency?.difference), efficiency, colors),
            tenths(efficiency?.interval?.low),
            tenths(efficiency?.interval?.high),
          ]
        : []),
    ];
    const title = groupTitle(cell, several);
    const isNew = before === undefined || title !== groupTitle(before, several);
    const isApart = isNew || (blocks && before?.cpus !== cell.cpus);
    const gap = before !== undefined && isApart ? [[""]] : [];
    return [...gap, ...(isNew && title !== "" ? [[title]] : []), row];
  });
  return plainTable([head.map(colors.dim), ...rows], 1, (column) =>
    named && column === 0 ? "left" : "right",
  );
}

/** Names that the table has no room for. */
function cutNames({ cells }: Comparison): string[] {
  const names = new Set(cells.flatMap(({ strategies: [a, b] }) => (a === b ? [a] : [])));
  return [...names]
    .filter((name) => name.length > nameWidth)
    .map((name) => `${shortName(name, nameWidth)} is ${name}`);
}

/** What stands above a group of cells: the engine where there are several, and what is varied. */
function groupTitle({ engine, varied }: CellChange, several: boolean): string {
  const value = varied === undefined ? [] : [`${varied.parameter} ${varied.value}`];
  return [...(several ? [engine] : []), ...value].join(", ");
}

/** The other figures, cell by cell; undefined where there is nothing to show. */
function figuresText({ cells }: Comparison, all: boolean, colors: Colors): string | undefined {
  const several = hasSeveralEngines({ cells });
  const shown = cells.flatMap((cell) => {
    const figures = cell.figures.filter(
      (change) =>
        all || (isChange(change) && change.name !== "requestsPerSecond" && change.name !== "efficiency"),
    );
    return figures.length === 0 ? [] : [{ cell, figures }];
  });
  if (shown.length === 0) return undefined;
  const head = [all ? "figure" : "other changes", "A", "B", "B - A", "%", "from", "to", ""];
  const rows = shown.flatMap(({ cell, figures }) => [
    [""],
    [colors.bold(cellTitle(cell, several))],
    ...figures.map((change) => [
      `  ${shortName(change.unit === "" ? change.name : `${change.name}, ${change.unit}`, figureWidth)}`,
      signlessFigure(change.a),
      signlessFigure(change.b),
      signed(change.difference),
      painted(tenths(change.percent), change, colors),
      tenths(change.percentInterval?.low),
      tenths(change.percentInterval?.high),
      change.verdict === "unclear" ? "" : `${change.verdict}${oneStartMark(change)}`,
    ]),
  ]);
  const table = plainTable(
    [head.map((name) => (name === "" ? "" : colors.dim(name))), ...rows.slice(1)],
    1,
    (column) => (column === 0 || column === head.length - 1 ? "left" : "right"),
  );
  return table;
}

function signlessFigure(value: number): string {
  return value < 0 ? signed(value) : figure(value);
}

/** Green where it is surely better, red where it is worse, yellow where that is sure of one start only. */
function painted(text: string, change: FigureChange | undefined, colors: Colors): string {
  if (change === undefined) return text;
  if (oneStartMark(change) !== "") return colors.yellow(text);
  if (change.verdict === "better") return colors.green(text);
  if (change.verdict === "worse") return colors.red(text);
  return text;
}
