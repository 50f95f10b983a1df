/** Tables of look-ups and changes of policy and of what labels take, where the load has to do with either. */
import type { Cell, ResultsRecord } from "../results/schema.ts";
import { type FigureTable, figureTableText, shown, type TableStyle } from "./figure-table.ts";
import { figure, whole } from "./numbers.ts";

/** Cells whose scripts looked labels up by vector, or changed policy. */
function concerned(results: ResultsRecord): Cell[] {
  return results.cells.filter(
    ({ labelSet }) => labelSet !== undefined && labelSet.lookUps + labelSet.updates > 0,
  );
}

/** Both tables with their legends; undefined where no cell has to do with policy. */
export function policyTables(results: ResultsRecord, style: TableStyle): string | undefined {
  const tables = policyFigures(results);
  return tables.length === 0 ? undefined : tables.map((table) => figureTableText(table, style)).join("\n\n");
}

/** The same before they are printed; none where no cell has to do with policy. */
export function policyFigures(results: ResultsRecord): FigureTable[] {
  const cells = concerned(results);
  const [first] = cells;
  if (first === undefined) return [];
  const title = `Label set ${first.labelSet?.variant}, work buffers ${first.buffers?.variant ?? "unknown"}`;
  return [
    { title, cells, columns: figureHead, row: figures, legend: figureLegend.join("\n") },
    { title: "Bytes", cells, columns: bytesHead, row: bytes, legend: bytesLegend.join("\n") },
  ];
}

const figureHead = ["look-ups/s", "retried", "locked", "list", "updates/s", "wait ms", "free ms", "buf ms"];

function figures({ labelSet, reclaim, buffers }: Cell): string[] {
  return [
    labelSet === undefined ? "-" : whole(labelSet.lookUpsPerSecond),
    shown(labelSet?.retries),
    shown(labelSet?.fallbacks),
    shown(labelSet?.longestList),
    shown(labelSet?.updatesPerSecond),
    shown(labelSet?.lockWaitMs),
    reclaim === undefined || reclaim.labels === 0 ? "-" : figure(reclaim.meanMs, 1),
    shown(buffers?.lockWaitMs),
  ];
}

const figureLegend = [
  "look-ups: by vector; retried: walks without the lock that began again; locked:",
  "look-ups that took it in the end; list: longest list of new labels; updates:",
  "profiles replaced or removed; wait: for the lock to change the set; buf: for",
  "work buffers; free: mean time from a label's last put until it is freed.",
];

const bytesHead = ["label", "strategy", "per CPU", "apart", "vector", "name", "proxy", "profile", "buffers"];

function bytes({ labelBytesByPart: parts, buffers, cpus }: Cell): string[] {
  return [
    shown(parts?.label),
    shown(parts?.strategy),
    shown(parts && parts.perCpu / cpus),
    shown(parts?.extra),
    shown(parts && 2 * parts.vectorPerPart),
    shown(parts?.name),
    shown(parts?.proxy),
    shown(parts?.profile),
    shown(buffers?.bytes),
  ];
}

const bytesLegend = [
  "one label of one profile: object, strategy's bytes in it, on each CPU and apart;",
  "vector: 8 for each profile and at its end; name: mean of the real ones; proxy,",
  "profile: objects beside the label; buffers: all work buffers there are.",
];
