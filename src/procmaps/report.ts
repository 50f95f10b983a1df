/** What `refplay maps` prints: answers one by one, or how query and text compare. */
import { figure, plural, whole } from "../report/numbers.ts";
import { plainTable } from "../report/plain-table.ts";
import type { Agreement, BatchTimes } from "./compare.ts";
import { hex, type Mapping, mappingText, permissionsOf, rangeText } from "./mapping.ts";

export interface Found {
  readonly address: bigint;
  readonly mapping: Mapping | null;
  /** Empty for none. */
  readonly buildId: string;
}

export interface MapsComparison extends Agreement, BatchTimes {
  readonly pid: string;
  readonly addresses: readonly bigint[];
}

/** Most differences that are printed. */
const shownDifferences = 10;

/** One line for each address, in columns; names of files are whole, however long. */
export function foundText(found: readonly Found[]): string {
  const addressWidth = Math.max(0, ...found.map(({ address }) => hex(address).length));
  const ranges = found.map(({ mapping }) => (mapping === null ? "" : rangeText(mapping)));
  const rangeWidth = Math.max(0, ...ranges.map((range) => range.length));
  return found
    .map(({ address, mapping, buildId }) => {
      const build = buildId === "" ? "" : `  build ID ${buildId}`;
      return `${hex(address).padStart(addressWidth)}  ${placeOf(address, mapping, rangeWidth)}${build}\n`;
    })
    .join("");
}

function placeOf(address: bigint, mapping: Mapping | null, rangeWidth = 0): string {
  if (mapping === null) return "no mapping";
  const text = mappingText(mapping, rangeWidth);
  return mapping.start > address ? `in a gap before ${text}` : text;
}

/** A mapping as JSON: addresses as hexadecimal text, because a number has too few bits. */
export function mappingData(mapping: Mapping | null): unknown {
  if (mapping === null) return null;
  const { start, end, offset, deviceMajor, deviceMinor, inode, name } = mapping;
  return {
    start: `0x${hex(start)}`,
    end: `0x${hex(end)}`,
    permissions: permissionsOf(mapping),
    offset: `0x${offset.toString(16)}`,
    device: `${deviceMajor.toString(16)}:${deviceMinor.toString(16)}`,
    inode: inode.toString(),
    name,
  };
}

/** A comparison as text, or as one JSON document. */
export function comparisonText(comparison: MapsComparison, json: boolean): string {
  const { pid, addresses, answers, differences, mappings, queryNs, textNs, readNs } = comparison;
  const unsettled = answers.filter((answer) => answer === undefined).length - differences.length;
  const covered = answers.filter((answer, index) => {
    const address = addresses[index] as bigint;
    return answer !== undefined && answer !== null && answer.start <= address;
  }).length;
  const counts = {
    addresses: addresses.length,
    mappings,
    covered,
    unsettled,
    differences: differences.length,
  };
  if (json) {
    const different = differences.map(({ address, byQuery, byText }) => ({
      address: `0x${hex(address)}`,
      byQuery: mappingData(byQuery),
      byText: mappingData(byText),
    }));
    const times = { queryNs, textNs, readNs, textOverQuery: textNs / queryNs };
    return `${JSON.stringify({ pid, ...counts, times, different }, null, 2)}\n`;
  }
  const settled = addresses.length - unsettled - differences.length;
  const rows = [
    ["", "a batch, us", "an address, us"],
    ["query", figure(queryNs / 1e3), figure(queryNs / 1e3 / addresses.length)],
    ["text", figure(textNs / 1e3), figure(textNs / 1e3 / addresses.length)],
    ["of which reading", figure(readNs / 1e3), ""],
  ];
  const lines = [
    `process ${pid}: ${plural(mappings, "mapping")}; ${whole(addresses.length)} addresses, ${whole(covered)} of them in a mapping`,
    "",
    plainTable(rows, 2, (column) => (column === 0 ? "left" : "right")),
    "",
    `A query batch is ${figure(textNs / queryNs, 1)} times as fast as the text.`,
  ];
  if (settled > 0) lines.push(`${whole(settled)} answers are the same by query and by text.`);
  if (unsettled > 0)
    lines.push(`${whole(unsettled)} could not be compared: the mappings changed all the time.`);
  if (differences.length > 0) lines.push(`${whole(differences.length)} differ:`);
  for (const { address, byQuery, byText } of differences.slice(0, shownDifferences)) {
    lines.push(
      `  ${hex(address)}  query: ${placeOf(address, byQuery)}`,
      `  ${" ".repeat(hex(address).length)}  text:  ${placeOf(address, byText)}`,
    );
  }
  return `${lines.join("\n")}\n`;
}
