/** Tables of the report: a head with scopes, and a container that scrolls by keyboard where a page is narrower. */
import { h, type PageNode } from "./dom.ts";

export interface DataTable {
  readonly caption: string;
  /** Names of the columns. The first one's cells head their rows. */
  readonly columns: readonly string[];
  readonly rows: readonly DataRow[];
  /** Further columns, by index, that have text; all others are figures. */
  readonly textColumns?: readonly number[];
}

export interface DataRow {
  readonly cells: readonly string[];
  /** First of a group: a line stands above it. */
  readonly begins?: boolean;
  /** Cells, by index, that tell of a fault. */
  readonly faults?: readonly number[];
}

/** Text longer than this wraps. */
const longText = 40;

export function tableNode({ caption, columns, rows, textColumns = [] }: DataTable): PageNode {
  const isText = (index: number): boolean => index === 0 || textColumns.includes(index);
  const className = (index: number, text: string): string | undefined => {
    if (!isText(index)) return undefined;
    return text.length > longText ? "text long" : "text";
  };
  const head = h(
    "tr",
    {},
    columns.map((name, index) => h("th", { scope: "col", class: className(index, "") }, name)),
  );
  const body = rows.map(({ cells, begins, faults = [] }) =>
    h(
      "tr",
      { class: begins === true ? "group" : undefined },
      cells.map((text, index) => {
        if (index === 0) return h("th", { scope: "row", class: "text" }, text);
        return h("td", { class: faults.includes(index) ? "fault" : className(index, text) }, text);
      }),
    ),
  );
  const table = h("table", {}, h("caption", {}, caption), h("thead", {}, head), h("tbody", {}, body));
  return h("div", { class: "scroll", role: "region", tabindex: 0, "aria-label": caption }, table);
}
