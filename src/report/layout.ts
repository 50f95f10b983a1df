/** How wide the tables of one report are, and how names of strategies are cut so that they fit. */
import type pc from "picocolors";
import type { Cell } from "../results/schema.ts";
import { widthOf } from "./plain-table.ts";

export type Colors = ReturnType<typeof pc.createColors>;

/** Columns that a table may take. */
export const tableWidth = 80;

export interface Layout {
  /** Spaces between columns. */
  readonly gap: number;
  /** Longest strategy name shown in full. */
  readonly nameWidth: number;
}

/**
 * The widest layout in which all text fits; long names give way last, and then only as far as they can be told apart.
 * @param textOf the text that must fit
 */
export function chooseLayout(cells: readonly Cell[], textOf: (layout: Layout) => string): Layout {
  const isTooWide = (layout: Layout): boolean => widthOf(textOf(layout)) > tableWidth;
  let layout: Layout = { gap: 2, nameWidth: 16 };
  if (isTooWide(layout)) layout = { gap: 1, nameWidth: 16 };
  const least = leastNameWidth(cells);
  while (isTooWide(layout) && layout.nameWidth > least) {
    layout = { ...layout, nameWidth: layout.nameWidth - 1 };
  }
  return layout;
}

/** Characters in which the names of all strategies differ and can be recognised. */
function leastNameWidth(cells: readonly Cell[]): number {
  const names = [...new Set(cells.map(({ strategy }) => strategy))];
  let width = 9;
  while (new Set(names.map((name) => shortName(name, width))).size < names.length) width++;
  return width;
}

/** Cut to `width` characters; what tells one choice of options, or of hooks, from another stays. */
export function shortName(name: string, width: number): string {
  if (name.length <= width) return name;
  const end = /( \(v[\d.]+\))?(#\d+)?$/.exec(name)?.[0] ?? "";
  return `${name.slice(0, Math.max(1, width - 1 - end.length))}…${end}`;
}
