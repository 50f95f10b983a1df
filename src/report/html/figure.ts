/**
 * A picture with its words: caption, text alternative, and its data as a table. Pictures are drawn twice, for wide pages and for
 * narrow ones, where one that is only made smaller could not be read.
 */
import { type PlotOptions, plot } from "@observablehq/plot";
import { document, h, type PageNode } from "./dom.ts";
import { type DataTable, tableNode } from "./table.ts";

/** Width of a picture, px. */
export const widePx = 880;
export const narrowPx = 340;

export interface ChartFigure {
  /** Unique in the page. */
  readonly id: string;
  readonly title: string;
  /** What the picture says, as sentences: caption and text alternative. */
  readonly finding: string;
  /** What belongs to it that is no finding: where figures come from. */
  readonly note?: string;
  readonly legend?: readonly LegendEntry[];
  /** The picture at a width in px; colours are CSS variables. */
  readonly draw: (width: number) => PlotOptions;
  readonly data: DataTable;
}

export interface LegendEntry {
  readonly name: string;
  readonly color: string;
}

export function figureNode(figure: ChartFigure): PageNode {
  const { id, title, finding, note, legend = [], data } = figure;
  const entries = legend.map(({ name, color }) =>
    h("li", {}, h("span", { class: "swatch", style: `background:${color}` }), name),
  );
  return h(
    "figure",
    { id },
    h("figcaption", {}, h("strong", {}, title), h("span", {}, finding, note === undefined ? "" : ` ${note}`)),
    entries.length === 0 ? undefined : h("ul", { class: "legend" }, entries),
    picture(figure, "wide", widePx),
    picture(figure, "narrow", narrowPx),
    h("details", {}, h("summary", {}, `Data of “${title}”`), tableNode(data)),
  );
}

function picture({ title, finding, draw }: ChartFigure, className: string, width: number): PageNode {
  const drawn = plot({
    ...draw(width),
    width,
    document,
    // Room for what the browser's font makes wider than ours.
    style: { fontSize: width === widePx ? "13px" : "12px", background: "none", color: "var(--ink)" },
  }) as unknown as PageNode;
  drawn.setAttribute("class", `${drawn.getAttribute("class") ?? ""} ${className}`.trim());
  drawn.setAttribute("role", "img");
  drawn.setAttribute("aria-label", `${title}. ${finding}`);
  return drawn;
}
