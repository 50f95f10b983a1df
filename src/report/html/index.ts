/**
 * A stored run as one HTML file: no script, no network, both themes. The same record gives the same bytes. Sections that a record has
 * nothing for are not there.
 */
import { enginesIn, ofEngine } from "../../results/engines.ts";
import type { ResultsRecord } from "../../results/schema.ts";
import type { FigureTable } from "../figure-table.ts";
import { policyFigures } from "../policy-table.ts";
import { reclaimFigures as reclaimTable } from "../reclaim-table.ts";
import { noteworthy } from "../remarks.ts";
import { isOfScenario } from "../scenario-table.ts";
import { bothFigures } from "../side-by-side.ts";
import { slowFigures } from "../slow-table.ts";
import { hotLinesFigure, ownershipFigure } from "./charts/hot.ts";
import { latencyFigures } from "./charts/latency.ts";
import { memoryFigure } from "./charts/memory.ts";
import { bytesFigure, movesFigure, timeFigure } from "./charts/parts.ts";
import { ratesFigure } from "./charts/rates.ts";
import { reclaimFigures } from "./charts/reclaim.ts";
import { scalingFigures } from "./charts/scaling.ts";
import { variedFigure } from "./charts/varied.ts";
import { type Child, h, type PageNode } from "./dom.ts";
import { type ChartFigure, figureNode } from "./figure.ts";
import { furtherNodes, policyStepNodes } from "./further.ts";
import { alertNode, headingNodes } from "./heading.ts";
import { page } from "./page.ts";
import { fitting, type PublishedScaling } from "./published.ts";
import { reproduceNodes } from "./reproduce.ts";
import { engineTitle, seriesOf } from "./series.ts";
import { publishedNode, scenarioNodes, summaryNodes } from "./summary.ts";

export type { PublishedScaling } from "./published.ts";

export interface HtmlReportOptions {
  /** Curves that others published; those that fit the record are shown. */
  readonly published: readonly PublishedScaling[];
}

interface Section {
  readonly id: string;
  readonly title: string;
  readonly content: readonly Child[];
}

/** The whole file, ending in a newline. */
export function htmlReport(results: ResultsRecord, { published }: HtmlReportOptions): string {
  const sections = sectionsOf(results, published).filter(({ content }) => content.some(isSomething));
  return page(
    `${results.name} - refplay report`,
    headingNodes(results),
    h(
      "nav",
      { "aria-label": "Sections" },
      h(
        "ul",
        {},
        sections.map(({ id, title }) => h("li", {}, h("a", { href: `#${id}` }, title))),
      ),
    ),
    h("main", { id: "main" }, alertNode(results), sections.map(sectionNode)),
    h(
      "footer",
      {},
      `Written by refplay ${results.host.refplay} from format ${results.version} of its results.`,
    ),
  );
}

function isSomething(child: Child): boolean {
  return Array.isArray(child) ? child.some(isSomething) : child !== undefined;
}

function sectionNode({ id, title, content }: Section): PageNode {
  return h("section", { "aria-labelledby": id }, h("h2", { id }, title), content);
}

function sectionsOf(results: ResultsRecord, published: readonly PublishedScaling[]): Section[] {
  const engines = enginesIn(results);
  const series = seriesOf(results);
  const fit = fitting(results, published);
  const ofScenario = isOfScenario(results);
  // A label's bytes differ with the number of CPUs alone, whatever the engine.
  const widest = engines.reduce<string | undefined>(
    (best, engine) => (cpuCounts(results, engine) > cpuCounts(results, best) ? engine : best),
    undefined,
  );
  const each = (
    draw: (engine: string, cells: ResultsRecord["cells"]) => readonly (ChartFigure | undefined)[],
  ): PageNode[] =>
    engines.flatMap((engine) =>
      draw(engine, ofEngine(results, engine).cells).flatMap((one) =>
        one === undefined ? [] : [figureNode(one)],
      ),
    );
  const further = (caption: string, of: (own: ResultsRecord) => FigureTable | undefined): PageNode[] =>
    engines.flatMap((engine) =>
      furtherNodes(`${engineTitle(engine)}: ${caption}`, of(ofEngine(results, engine))),
    );
  const tables = engines.flatMap((engine) => {
    const own = ofEngine(results, engine);
    return ofScenario ? scenarioNodes(engine, own) : summaryNodes(engine, own);
  });
  return [
    {
      id: "scaling",
      title: "Throughput",
      content: each((engine, cells) => {
        const scaling = scalingFigures(engine, cells, series, fit);
        const varied = variedFigure(engine, cells, series);
        // A curve through many numbers of CPUs says it all.
        const many = new Set(cells.map(({ cpus }) => cpus)).size > 2;
        return [
          ...scaling,
          varied,
          (many && !ofScenario) || varied !== undefined ? undefined : ratesFigure(engine, cells, series),
        ];
      }),
    },
    { id: "summary", title: "All cells", content: [tables, furtherNodes("", bothFigures(results.cells))] },
    {
      id: "published",
      title: "Beside published figures",
      content: ofScenario ? engines.map((engine) => publishedNode(engine, ofEngine(results, engine))) : [],
    },
    {
      id: "latency",
      title: "Latency",
      content: each((engine, cells) => latencyFigures(engine, cells, series)),
    },
    {
      id: "lines",
      title: "Hottest lines",
      content: each((engine, cells) => [
        hotLinesFigure(engine, cells),
        ownershipFigure(engine, cells),
        movesFigure(engine, cells),
      ]),
    },
    { id: "time", title: "Time", content: each((engine, cells) => [timeFigure(engine, cells)]) },
    {
      id: "memory",
      title: "Memory",
      content: each((engine, cells) =>
        engine === widest ? [memoryFigure(engine, cells, series), bytesFigure(engine, cells)] : [],
      ),
    },
    {
      id: "reclaim",
      title: "Reclaim",
      content: [
        each((engine, cells) => reclaimFigures(engine, cells, series)),
        further("Labels that wait, and counts in two places", reclaimTable),
      ],
    },
    {
      id: "slow",
      title: "Slow windows",
      content: further("Times in which references cost more", slowFigures),
    },
    {
      id: "policy",
      title: "Policy",
      content: [
        engines.flatMap((engine) =>
          policyFigures(ofEngine(results, engine)).flatMap((table) => furtherNodes("", table)),
        ),
        policyStepNodes(results),
      ],
    },
    { id: "notes", title: "Remarks and assumptions", content: notes(results) },
    { id: "reproduce", title: "Run it again", content: reproduceNodes(results) },
  ];
}

/** Numbers of CPUs that an engine has cells on. */
function cpuCounts(results: ResultsRecord, engine: string | undefined): number {
  return new Set(results.cells.filter((cell) => cell.engine === engine).map(({ cpus }) => cpus)).size;
}

/** Lines of the terminal's remarks, without its line breaks. */
function notes(results: ResultsRecord): PageNode[] {
  const lines = noteworthy(results, { nameWidth: Number.POSITIVE_INFINITY });
  if (lines.length === 0) return [];
  return [
    h(
      "ul",
      { class: "notes" },
      lines.map((line) => h("li", {}, line.replace(/\n\s+/g, " "))),
    ),
  ];
}
