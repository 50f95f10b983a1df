/** The guide's code is run, and what the guide says that the checker says is what it says. */
import { describe, expect, it } from "vitest";
import { realServices } from "../../src/cli/services.ts";
import { packageRoot } from "../../src/link/node-host.ts";
import { session } from "../cli/support.ts";
import { guideExamples } from "./examples.ts";

const { checks, strategiesFolder } = realServices();
const { outputs, files } = guideExamples("write-a-strategy.md");
const own = Object.keys(files);

/**
 * A line without what may change when the kernel's own files do or the machine is another one: their folder, line numbers and the
 * width of columns, counts of states, times.
 */
function essence(line: string): string {
  return line
    .replaceAll(`${packageRoot}/`, "")
    .replace(/([\w-]+\.ts):\d+(:\d+)?/g, (place, file: string) => (own.includes(file) ? place : file))
    .replace(/(sc|tso) +([a-z-]+)( +[\d.,kM]+)+ .*$/, "$1 $2")
    .replace(/\s+/g, " ")
    .trim();
}

/** Those of the shown lines that do not come in the printed ones, in that order. */
function missing(shown: readonly string[], printed: string): string[] {
  const lines = printed.split("\n").map(essence);
  let from = 0;
  return shown.map(essence).filter((line) => {
    const at = lines.findIndex((one, index) => index >= from && (one === line || one.startsWith(`${line} `)));
    if (at >= 0) from = at + 1;
    return at < 0;
  });
}

describe("the guide to writing a strategy", () => {
  it.each(outputs)("shows what `$command` prints", async ({ command, lines, files: there }) => {
    const { run } = session({ ...there }, { checks, strategiesFolder });
    const { status, stdout, stderr } = await run(...command.split(" "), "--quiet");
    expect(stderr).toBe("");
    expect(status).toBe(lines.some((line) => line.startsWith("✗")) ? 1 : 0);
    expect(missing(lines, stdout)).toEqual([]);
  });

  it("has a wrong version, two right ones and a twin", () => {
    expect(own).toEqual(["counter.ts", "split-counter.ts", "split-too-early.ts"]);
    expect(outputs).toHaveLength(4);
  });
});
