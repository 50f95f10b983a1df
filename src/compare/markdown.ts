/** A comparison for a pull request: what failed and what changed in sight, the rest folded. */
import { markdownTable, markdownText } from "../report/markdown-table.ts";
import { figure, plural } from "../report/numbers.ts";
import type { Judgement } from "./thresholds.ts";
import type { CellChange, Comparison, FigureChange, Verdict } from "./types.ts";
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

/** The order of rows: what is worse must be seen first. */
const order: readonly Verdict[] = ["worse", "better", "different", "unclear", "same"];

const marks: Readonly<Record<Verdict, string>> = {
  worse: "🔴 worse",
  better: "🟢 better",
  different: "different",
  unclear: "unclear",
  same: "",
};

/** The report, ending in a newline. All that files and configs say is text, and no markup. */
export function markdownComparison(comparison: Comparison, judgement: Judgement): string {
  const { failed, results } = judgement;
  const verdict = results.length === 0 ? "" : failed ? "❌ " : "✅ ";
  const list = (texts: readonly string[]): string[] =>
    texts.length === 0 ? [] : [texts.map((text) => `- ${text}`).join("\n")];
  const warnings = [
    ...unfinishedTexts(comparison),
    ...differenceTexts(comparison),
    ...missingTexts(comparison),
  ];
  const parts = [
    `### ${verdict}refplay: B against A`,
    markdownText(`${commonText(comparison)}. ${countText(comparison)}`),
    ...list(sideTexts(comparison, code, markdownText)),
    ...list([
      ...results.map((result) => {
        const text = markdownText(conditionText(result, judgement));
        return `${result.failed ? "❌" : "✅"} fails if ${code(result.condition.text)}: ${text}`;
      }),
      ...(judgement.unfinished === undefined ? [] : [`❌ ${markdownText(judgement.unfinished)}`]),
    ]),
    ...list(warnings.map((text) => `⚠️ ${markdownText(text)}`)),
    ...changedTable(comparison),
    folded(comparison),
    ...list(comparison.notes.map(markdownText)),
  ];
  return `${parts.join("\n\n")}\n`;
}

/** Text as it is, in one line; a backtick would end it. */
function code(text: string): string {
  return `\`${text.replaceAll("`", "'").replace(/\s+/g, " ")}\``;
}

function changedTable(comparison: Comparison): string[] {
  const several = hasSeveralEngines(comparison);
  const rows = comparison.cells
    .flatMap((cell) => cell.figures.filter(isChange).map((change) => ({ cell, change })))
    .sort((one, other) => order.indexOf(one.change.verdict) - order.indexOf(other.change.verdict));
  if (rows.length === 0) return [];
  const head = ["cell", "figure", "A", "B", "B - A", "%", intervalHead(comparison), ""];
  return [
    markdownTable(
      head,
      rows.map(({ cell, change }) => [
        cellTitle(cell, several),
        change.unit === "" ? change.name : `${change.name}, ${change.unit}`,
        plainFigure(change.a),
        plainFigure(change.b),
        signed(change.difference),
        tenths(change.percent),
        percentInterval(change),
        `${marks[change.verdict]}${oneStartMark(change)}`,
      ]),
      [2, 3, 4, 5, 6],
    ),
  ];
}

/** Rates and efficiency of all cells. */
function folded(comparison: Comparison): string {
  const several = hasSeveralEngines(comparison);
  const head = [
    "cell",
    "A, requests/s",
    "B, requests/s",
    "%",
    intervalHead(comparison),
    "points",
    "interval",
  ];
  const rows = comparison.cells.map((cell) => {
    const efficiency = figureOf(cell, "efficiency");
    return [
      cellTitle(cell, several),
      ...rateTexts(cell),
      tenths(efficiency?.difference),
      pointsInterval(efficiency),
    ];
  });
  const table = markdownTable(head, rows, [1, 2, 3, 4, 5, 6]);
  const title = `Requests per second and efficiency of ${plural(comparison.cells.length, "cell")}`;
  return `<details><summary>${title}</summary>\n\n${table}\n\n</details>`;
}

function rateTexts(cell: CellChange): string[] {
  const rate = figureOf(cell, "requestsPerSecond");
  return rate === undefined
    ? ["-", "-", "-", "-"]
    : [plainFigure(rate.a), plainFigure(rate.b), tenths(rate.percent), percentInterval(rate)];
}

function intervalHead({ confidence }: Comparison): string {
  return `${Number((100 * confidence).toFixed(2))} % interval, %`;
}

function percentInterval({ percentInterval: interval }: FigureChange): string {
  return interval === null ? "-" : `${tenths(interval.low)} to ${tenths(interval.high)}`;
}

function pointsInterval(change: FigureChange | undefined): string {
  const interval = change?.interval ?? null;
  return interval === null ? "-" : `${tenths(interval.low)} to ${tenths(interval.high)}`;
}

function plainFigure(value: number): string {
  return value < 0 ? signed(value) : figure(value);
}
