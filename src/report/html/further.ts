/** The terminal's further tables, and the steps of a written history of policy. */
import type { ResultsRecord } from "../../results/schema.ts";
import { cpusOf, type FigureTable, isComparable } from "../figure-table.ts";
import { plural } from "../numbers.ts";
import { h, type PageNode } from "./dom.ts";
import { fullName } from "./series.ts";
import { tableNode } from "./table.ts";

/** Longer tables are opened by who wants them. */
const mostOpenRows = 20;

/** @param caption where the table has no title of its own */
export function furtherNodes(caption: string, table: FigureTable | undefined): PageNode[] {
  if (table === undefined || table.cells.length === 0) return [];
  const rows = table.cells.map((cell, index) => {
    const before = table.cells[index - 1];
    return {
      cells: [fullName(cell), cpusOf(cell), ...table.row(cell)],
      begins: before !== undefined && !isComparable(before, cell),
    };
  });
  const title = table.title ?? caption;
  const nodes = [
    tableNode({ caption: title, columns: ["strategy", "CPUs", ...table.columns], rows }),
    h("p", { class: "muted" }, table.legend.replace(/\s+/g, " ")),
  ];
  if (rows.length <= mostOpenRows) return nodes;
  return [h("details", {}, h("summary", {}, `${title} (${plural(rows.length, "row")})`), nodes)];
}

/** A table for each different outcome, with the cells that have it. */
export function policyStepNodes({ cells }: ResultsRecord): PageNode[] {
  const outcomes = new Map<string, { ids: string[]; steps: Steps }>();
  for (const { id, policySteps } of cells) {
    if (policySteps === undefined) continue;
    const key = JSON.stringify(policySteps);
    const known = outcomes.get(key) ?? { ids: [], steps: policySteps };
    outcomes.set(key, { ...known, ids: [...known.ids, id] });
  }
  return [...outcomes.values()].map(({ ids, steps }) => {
    const refused = steps.filter(({ verdict }) => verdict !== "done").length;
    return tableNode({
      caption: `${plural(steps.length, "step")} of policy, ${refused} refused: ${ids.join(", ")}`,
      columns: ["step", "verdict", "why"],
      textColumns: [1, 2],
      rows: steps.map(({ step, verdict, expected, why = "", column }) => ({
        cells: [
          step,
          expected === undefined ? verdict : `${verdict}, must be ${expected}`,
          column === undefined ? why : `${why} (column ${column})`,
        ],
        faults: expected === undefined ? [] : [1],
      })),
    });
  });
}

type Steps = NonNullable<ResultsRecord["cells"][number]["policySteps"]>;
