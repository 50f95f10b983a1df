/** Holds what a page shows of a command's output against what the command prints. */
import { packageRoot } from "../../src/link/node-host.ts";

/**
 * A line without what may change when the kernel's own files do or the machine is another one: their folder, line numbers and the
 * width of columns, counts of states, times.
 * @param own files whose line numbers count
 */
function essence(line: string, own: readonly string[]): string {
  return line
    .replaceAll(`${packageRoot}/`, "")
    .replace(/([\w-]+\.ts):\d+(:\d+)?/g, (place, file: string) => (own.includes(file) ? place : file))
    .replace(/(sc|tso) +([a-z-]+)( +[\d.,kM]+)+ .*$/, "$1 $2")
    .replace(/\s+/g, " ")
    .trim();
}

/** Those of the shown lines that do not come in the printed ones, in that order. */
export function missingLines(
  shown: readonly string[],
  printed: string,
  own: readonly string[] = [],
): string[] {
  const lines = printed.split("\n").map((line) => essence(line, own));
  let from = 0;
  return shown
    .map((line) => essence(line, own))
    .filter((line) => {
      const at = lines.findIndex(
        (one, index) => index >= from && (one === line || one.startsWith(`${line} `)),
      );
      if (at >= 0) from = at + 1;
      return at < 0;
    });
}
