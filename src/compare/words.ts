/** Differences as comparisons print them, and what the head of a comparison says; the same on a terminal and in Markdown. */
import { figure, plural } from "../report/numbers.ts";
import type { ResultsRecord } from "../results/schema.ts";
import type { Interval } from "./intervals.ts";
import type { ConditionCell, ConditionResult, Judgement } from "./thresholds.ts";
import type { CellChange, Comparison, FigureChange, Side } from "./types.ts";

/** `+1.23k`, `-0.53`, `0`. */
export function signed(value: number): string {
  if (value === 0) return "0";
  if (!Number.isFinite(value)) return value > 0 ? "+∞" : "-∞";
  const size = figure(Math.abs(value));
  return `${value < 0 ? "-" : "+"}${size}`;
}

/** A percentage or points with one decimal: `+4.8`; `-` where there is none. */
export function tenths(value: number | null | undefined): string {
  if (value === null || value === undefined) return "-";
  if (value === 0) return "0.0";
  if (!Number.isFinite(value)) return signed(value);
  const size = Math.abs(value);
  const large = size >= 999_950 ? size.toExponential(0).replace("+", "") : figure(size);
  const shown = size >= 999.95 ? large : size.toFixed(1);
  return `${value < 0 ? "-" : "+"}${shown}`;
}

export function figureOf({ figures }: CellChange, name: string): FigureChange | undefined {
  return figures.find((figure) => figure.name === name);
}

/** `kref on 192 CPUs`, with the varied value and, where there are several, the engine. */
export function cellTitle(
  { cpus, engine, oversubscribed, strategies, varied }: CellChange,
  severalEngines: boolean,
): string {
  const [a, b] = strategies;
  const who = a === b ? a : `${b} against ${a}`;
  const value = varied === undefined ? "" : `, ${varied.parameter} ${varied.value}`;
  return `${who} on ${plural(cpus, "CPU")}${oversubscribed ? "*" : ""}${value}${severalEngines ? `, ${engine}` : ""}`;
}

export function hasSeveralEngines({ cells }: Pick<Comparison, "cells">): boolean {
  return new Set(cells.map(({ engine }) => engine)).size > 1;
}

/** What both sides are of: `nginx, hooks v6.6, simulated epyc-9654, 6 seeds`. */
export function commonText({ a, cells }: Comparison): string {
  const { config, machine } = a.record;
  const engines = new Set(cells.map(({ engine }) => engine));
  const runs = [...engines].map((engine) => {
    const counts = a.cells.flatMap((cell) =>
      cell.engine === engine ? [cell.requestsPerSecondSpread.repetitions.length] : [],
    );
    return plural(Math.max(0, ...counts), engine === "sim" ? "seed" : "repetition");
  });
  const hooks = cells.some(({ figures }) => figures.some(({ name }) => name === "labelBytes"))
    ? [`hooks ${config.hooks}`]
    : [];
  const where = [...engines].map((engine) =>
    engine === "sim" ? `simulated ${machine?.name ?? "machine"}` : "threads",
  );
  return [String(config.scenario), ...hooks, ...where, ...runs].join(", ");
}

/** Where a side comes from: `nginx-zen4, 2024-05-06 07:08, refplay 0.1.0`. */
export function originText({ createdAt, host, name }: ResultsRecord): string {
  const time = createdAt === undefined ? [] : [createdAt.slice(0, 16).replace("T", " ")];
  return [name, ...time, `refplay ${host.refplay}`].join(", ");
}

/** The words before the tables, the sides' names as `quote` writes them, and the rest as `plain` does. */
export function sideTexts(
  { a, b }: Comparison,
  quote: (name: string) => string,
  plain: (text: string) => string,
): string[] {
  if (a.record === b.record) return [`A: ${quote(a.name)}`, `B: ${quote(b.name)}`];
  const text = ({ name, record }: Side): string => `${quote(name)} (${plain(originText(record))})`;
  return [`A: ${text(a)}`, `B: ${text(b)}`];
}

export function differenceTexts({ differences }: Comparison): string[] {
  return differences.map(({ a, b, decisive, what }) =>
    decisive
      ? `Apples and pears: ${what} is ${a} in A and ${b} in B, which may be the reason of any difference.`
      : `${what} differs: ${a} in A, ${b} in B.`,
  );
}

/** Runs that ended early, with what they failed by. */
export function unfinishedTexts({ unfinished }: Comparison): string[] {
  return unfinished.map(({ file, side, text }) =>
    side === "both" ? `The run of ${file} ${text}` : `${side}: the run of ${file} ${text}`,
  );
}

/** Cells that one side has not. */
export function missingTexts({ onlyInA, onlyInB }: Comparison): string[] {
  const text = (side: string, ids: readonly string[]): string[] =>
    ids.length === 0 ? [] : [`Only in ${side}: ${ids.join(", ")}.`];
  return [...text("A", onlyInA), ...text("B", onlyInB)];
}

/** Cells without a figure are named up to here. */
const mostUnjudged = 3;

/** What a condition came to: the cells that meet it or that B lacks, or how near the nearest is. */
export function conditionText(
  { cells, condition, failed, unjudged }: ConditionResult,
  { sure }: Pick<Judgement, "sure">,
): string {
  const bad = cells.filter((cell) => (sure ? cell.sure : cell.met)).map(conditionCellText);
  const lacking = unjudged.slice(0, mostUnjudged).map(({ id, why }) => `${id}: ${why}`);
  const more = unjudged.length - lacking.length;
  const unknown = [...lacking, ...(more > 0 ? [`and ${plural(more, "cell")} more`] : [])];
  if (failed) return [...bad, ...unknown].join("; ");
  if (cells.length === 0) return `not judged: ${unknown.join("; ")}`;
  const down = condition.operator.startsWith("<");
  const nearest = cells.reduce((one, other) =>
    (down ? other.value < one.value : other.value > one.value) ? other : one,
  );
  const unsure = cells.some(({ met }) => met) ? "not sure: " : "";
  const allowed = unknown.length === 0 ? "" : `; not judged: ${unknown.join("; ")}`;
  return `${unsure}${conditionCellText(nearest)}${allowed}`;
}

function conditionCellText({ id, interval, unit, value }: ConditionCell): string {
  const text = unit === "%" || unit === "points" ? tenths : signed;
  const amount = unit === "" ? text(value) : `${text(value)} ${unit}`;
  return `${id} ${amount}${intervalText(interval, text)}`;
}

function intervalText(interval: Interval | null, text: (value: number) => string): string {
  if (interval === null) return ", no interval";
  return interval.low === interval.high ? "" : ` (${text(interval.low)} to ${text(interval.high)})`;
}

/** What is sure only as far as one start of a program tells has the sign of the note that says so. */
export function oneStartMark({ oneStart, verdict }: FigureChange): string {
  return oneStart && verdict !== "same" && verdict !== "unclear" ? "†" : "";
}

/** How many cells changed, of those with anything sure to say. */
export function countText({ cells }: Comparison): string {
  const parts = (["worse", "better", "different"] as const).flatMap((verdict) => {
    const having = cells.filter(({ figures }) => figures.some((figure) => figure.verdict === verdict));
    if (having.length === 0) return [];
    const ofOneStart = having.some(({ figures }) =>
      figures.some((figure) => figure.verdict === verdict && figure.oneStart),
    );
    return [`${having.length} with figures that are ${verdict}${ofOneStart ? "†" : ""}`];
  });
  return `${plural(cells.length, "cell")} compared${parts.length === 0 ? ", no sure change" : `: ${parts.join(", ")}`}.`;
}

/** Whether a figure is worth a line where not everything is shown: a sure change, or a change that nobody can judge for want of runs. */
export function isChange({ difference, interval, verdict }: FigureChange): boolean {
  return difference !== 0 && verdict !== "same" && (verdict !== "unclear" || interval === null);
}
