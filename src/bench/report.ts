/** The table of `refplay bench`, within 80 columns, and its figures for machines. */
import { shortName, tableWidth } from "../report/layout.ts";
import { figure, plural } from "../report/numbers.ts";
import { plainTable } from "../report/plain-table.ts";
import { wrapped } from "../report/wrapped.ts";
import { type MachineDescription, machineLine } from "./machine.ts";
import type { BenchReport, MeasureName, StrategyFigures } from "./measure.ts";
import type { Figures } from "./rounds.ts";

/** Strategies that the others are compared with; always measured. */
export const references = { nothing: "none", today: "kref" } as const;

/** One strategy's figures and what they come to, for the table and for JSON. Times in ns; null where there are none. */
export interface BenchRow extends StrategyFigures {
  /** get+put to that of kref, and to that of the same algorithm in C; best times. */
  readonly ofKref: number | null;
  readonly ofC: number | null;
  /** What an open and a close through the hooks take longer than with `none`, from best times. */
  readonly addedNs: number | null;
}

export function benchRows({ results }: BenchReport): BenchRow[] {
  const best = (name: string, measure: MeasureName): number | undefined =>
    results.find(({ strategy }) => strategy === name)?.figures[measure]?.bestNs;
  const [kref, bare] = [best(references.today, "getPut"), best(references.nothing, "openClose")];
  return results.map((result) => {
    const { getPut, openClose } = result.figures;
    return {
      ...result,
      ofKref: ratio(getPut?.bestNs, kref),
      ofC: ratio(getPut?.bestNs, result.inC?.bestNs),
      addedNs: openClose === undefined || bare === undefined ? null : openClose.bestNs - bare,
    };
  });
}

function ratio(time: number | undefined, of: number | undefined): number | null {
  return time === undefined || of === undefined ? null : time / of;
}

const longestName = 14;

interface Column {
  readonly name: string;
  readonly text: (row: BenchRow) => string;
}

/** All columns together are 80 characters wide; those of C are left out where nothing was measured in C. */
function columnsOf(rows: readonly BenchRow[]): Column[] {
  const inC: Column[] = [
    { name: "in C", text: (row) => number(row.inC?.bestNs) },
    { name: "±%", text: (row) => spread(row.inC ?? undefined) },
    { name: "of C", text: (row) => number(row.ofC) },
  ];
  return [
    { name: "ns", text: ({ strategy }) => shortName(strategy, longestName) },
    { name: "get+put", text: ({ figures }) => number(figures.getPut?.bestNs) },
    { name: "±%", text: ({ figures }) => spread(figures.getPut) },
    ...(rows.some((row) => row.inC !== null) ? inC : []),
    { name: "of kref", text: (row) => number(row.ofKref) },
    { name: "tryGet", text: ({ figures }) => number(figures.tryGetPut?.bestNs) },
    { name: "borrow", text: ({ figures }) => number(figures.borrowUnborrow?.bestNs) },
    { name: "2 thr.", text: ({ figures }) => number(figures.getPutShared?.quartileNs) },
    { name: "±%", text: ({ figures }) => spread(figures.getPutShared) },
    { name: "hooks", text: ({ addedNs }) => added(addedNs) },
  ];
}

export function benchTable(report: BenchReport): string {
  const rows = benchRows(report);
  const columns = columnsOf(rows);
  const lines = rows.map((row) => columns.map(({ text }) => text(row)));
  return plainTable([columns.map(({ name }) => name), ...lines], 1, (column) =>
    column === 0 ? "left" : "right",
  );
}

function added(ns: number | null): string {
  return ns === null ? "-" : `${ns < 0 ? "" : "+"}${ns.toFixed(1)}`;
}

function number(value: number | null | undefined): string {
  return value === undefined || value === null ? "-" : figure(value);
}

/** Distance of the quartiles over the median; one round has none. */
function spread(figures: Figures | undefined): string {
  return figures === undefined || figures.rounds < 2 ? "-" : (100 * figures.spread).toFixed(0);
}

function legendOf({ results }: BenchReport): string {
  const inC = results.some((result) => result.inC !== null)
    ? "; in C: the same algorithm compiled by a C compiler, in the same rounds; of C: get+put beside that"
    : "";
  return (
    "Best of the rounds; 2 thr.: two threads on one label, get+put, first quartile; ±%: distance of the quartiles over the " +
    `median${inC}; of kref: get+put beside kref's; tryGet: with put; borrow: a short use with its end; hooks: an open and a close ` +
    "through the hooks of v6.11, what it takes longer than with none."
  );
}

/** The whole text, ending in a newline. */
export function benchText(report: BenchReport, machine: MachineDescription): string {
  const lines = (text: string): string => wrapped(text, "", tableWidth);
  const about = machineLine(machine)
    .split(";")
    .map((part) => lines(part.trim()));
  const parts = [
    [...about, plural(report.rounds, "interleaved round")].join("\n"),
    benchTable(report),
    lines(legendOf(report)),
    ...(report.notes.length === 0 ? [] : [report.notes.map((note) => lines(`Note: ${note}`)).join("\n")]),
  ];
  return `${parts.join("\n\n")}\n`;
}
