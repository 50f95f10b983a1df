/** The table of `refplay bench`, within 80 columns, and its figures for machines. */
import { figure } from "../report/numbers.ts";
import { plainTable } from "../report/plain-table.ts";
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

const head = ["ns", "get+put", "±%", "of kref", "of C", "tryGet", "borrow", "2 thr.", "±%", "open+cl."];
const longestName = 15;

export function benchTable(report: BenchReport): string {
  const rows = benchRows(report).map((row) => {
    const { getPut, tryGetPut, borrowUnborrow, getPutShared } = row.figures;
    return [
      row.strategy.length <= longestName ? row.strategy : `${row.strategy.slice(0, longestName - 1)}…`,
      number(getPut?.bestNs),
      spread(getPut),
      number(row.ofKref),
      number(row.ofC),
      number(tryGetPut?.bestNs),
      number(borrowUnborrow?.bestNs),
      number(getPutShared?.quartileNs),
      spread(getPutShared),
      row.addedNs === null ? "-" : `${row.addedNs < 0 ? "" : "+"}${row.addedNs.toFixed(1)}`,
    ];
  });
  return plainTable([head, ...rows], 1, (column) => (column === 0 ? "left" : "right"));
}

function number(value: number | null | undefined): string {
  return value === undefined || value === null ? "-" : figure(value);
}

/** Distance of the quartiles over the median. */
function spread(figures: Figures | undefined): string {
  return figures === undefined ? "-" : (100 * figures.spread).toFixed(0);
}

const legend = [
  "Best of the rounds; 2 thr.: two threads on one label, get+put, first quartile;",
  "±%: distance of the quartiles over the median; of kref, of C: get+put beside",
  "kref's and beside the same algorithm in C; tryGet: with put; borrow: a short use",
  "with its end; open+cl.: through the hooks (v6.11), what it takes longer than",
  "with none.",
];

/** The whole text, ending in a newline. */
export function benchText(report: BenchReport, machine: MachineDescription): string {
  const about = machineLine(machine)
    .split(";")
    .flatMap((part) => wrapped(part.trim()));
  const rounds = `${report.rounds} interleaved rounds`;
  const notes = report.notes.flatMap((note) => wrapped(`Note: ${note}`));
  const tail = notes.length === 0 ? "" : `\n\n${notes.join("\n")}`;
  return `${about.join("\n")}\n${rounds}\n\n${benchTable(report)}\n\n${legend.join("\n")}${tail}\n`;
}

const width = 80;

/** Lines of whole words. */
function wrapped(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
