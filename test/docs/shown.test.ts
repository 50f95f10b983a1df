/** What pages show of the checker is what it prints, and the README's strategy is as right as it says. */
import { readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { realServices } from "../../src/cli/services.ts";
import { packageRoot } from "../../src/link/node-host.ts";
import { session } from "../cli/support.ts";
import { missingLines } from "../guides/shown.ts";
import { readPage } from "./markdown.ts";

const { checks, strategiesFolder } = realServices();

const command = /^(?:refplay|node bin\/refplay\.js) (check .*)$/;

/** Blocks that begin with a command of the checker, and go on with what it printed. */
function shownBy(path: string): { command: string; lines: string[] }[] {
  return readPage(path).blocks.flatMap(({ text }) => {
    const lines = text.split("\n");
    const at = lines.findIndex((line) => command.test(line));
    const [, words = ""] = command.exec(lines[at] ?? "") ?? [];
    const rest = lines.slice(at + 1).filter((line) => line !== "");
    if (at < 0 || rest.length < 5 || rest.some((line) => command.test(line))) return [];
    // The command to see it again is how the process was started, and wrapped as the page is.
    const end = rest.findIndex((line) => line.trim() === "see again");
    return [{ command: words, lines: end < 0 ? rest : rest.slice(0, end) }];
  });
}

/** The copy of kref that docs/checker.md has its reader make, by the same edit. */
const kref = readFileSync(join(packageRoot, "strategies/kref.ts"), "utf8");
const files = { "my-kref.ts": kref.replace("while (before !== 0) {", "while (true) {") };

const shown = ["README.md", "docs/checker.md"].flatMap((path) =>
  shownBy(path).map((one) => [path, one.command, one.lines] as const),
);

describe("what pages show of the checker", () => {
  it("is found", () => {
    expect(shown.map(([path]) => path)).toEqual(expect.arrayContaining(["README.md", "docs/checker.md"]));
  });

  it.each(shown)("in %s of `%s` is printed", async (_path, words, lines) => {
    const { folder, run } = session(files, { checks, strategiesFolder });
    // Source lines are read from the working folder, which is a clone for the reader.
    for (const name of ["strategies/broken", "test"])
      symlinkSync(join(packageRoot, name), join(folder, name));
    const { status, stdout } = await run(...words.split(" "), "--quiet");
    expect(missingLines(lines, stdout, ["my-kref.ts"])).toEqual([]);
    expect(status).toBe(1);
  });
});

describe("the README's strategy", () => {
  const example = readPage("README.md").blocks.find(({ comment }) => comment === "example: my-strategy.ts");
  const strategy = example?.text ?? "";
  const verdict = async (text: string) => {
    const { run } = session({ "my-strategy.ts": text }, { checks, strategiesFolder });
    const words =
      "check ./my-strategy.ts --program put-vs-look-up --program get-put --bound rounds=1 --quiet";
    return (await run(...words.split(" "))).status;
  };

  it("passes the checker", async () => {
    expect(await verdict(`${strategy}\n`)).toBe(0);
  });

  it("does not, once its look-up counts up from zero", async () => {
    const broken = strategy.replace("while (before !== 0) {", "while (true) {");
    expect(broken).not.toBe(strategy);
    expect(await verdict(`${broken}\n`)).toBe(1);
  });
});
