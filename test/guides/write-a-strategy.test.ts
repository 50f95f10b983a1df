/** The guide's code is run, and what the guide says that the checker says is what it says. */
import { describe, expect, it } from "vitest";
import { realServices } from "../../src/cli/services.ts";
import { session } from "../cli/support.ts";
import { guideExamples } from "./examples.ts";
import { missingLines } from "./shown.ts";

const { checks, strategiesFolder } = realServices();
const { outputs, files } = guideExamples("write-a-strategy.md");
const own = Object.keys(files);

describe("the guide to writing a strategy", () => {
  it.each(outputs)("shows what `$command` prints", async ({ command, lines, files: there }) => {
    const { run } = session({ ...there }, { checks, strategiesFolder });
    const { status, stdout, stderr } = await run(...command.split(" "), "--quiet");
    expect(stderr).toBe("");
    expect(status).toBe(lines.some((line) => line.startsWith("✗")) ? 1 : 0);
    expect(missingLines(lines, stdout, own)).toEqual([]);
  });

  it("has a wrong version, two right ones and a twin", () => {
    expect(own).toEqual(["counter.ts", "split-counter.ts", "split-too-early.ts"]);
    expect(outputs).toHaveLength(4);
  });
});
