/** The command itself, as a process: colours on a terminal alone, and there only where NO_COLOR does not forbid them. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../src/link/node-host.ts";
import { folderWith } from "../config/support.ts";
import { aRecord } from "../results/support.ts";

const run = promisify(execFile);

/** util-linux's, where Linux has it: it gives a process a terminal. */
const scriptPath = "/usr/bin/script";
const hasScript = process.platform === "linux" && existsSync(scriptPath);

/** The words of a command that shows a results file. */
function reportWords(): string[] {
  const results = join(folderWith({ "run-1.json": JSON.stringify(aRecord()) }), "run-1.json");
  return [process.execPath, "--import", "tsx", join(packageRoot, "src/cli/main.ts"), "report", results];
}

/** Variables that decide about colours are the test's own. */
function environment(changes: Record<string, string>): NodeJS.ProcessEnv {
  const { NO_COLOR: _no, FORCE_COLOR: _force, CI: _ci, ...others } = process.env;
  return { ...others, TERM: "xterm", ...changes };
}

async function onTerminal(changes: Record<string, string>): Promise<string> {
  const command = reportWords()
    .map((word) => `'${word}'`)
    .join(" ");
  const options = { cwd: packageRoot, env: environment(changes) };
  return (await run(scriptPath, ["-qec", command, "/dev/null"], options)).stdout;
}

describe("the command's colours", () => {
  it.runIf(hasScript)("are there on a terminal, and gone with NO_COLOR", async () => {
    const [colored, plain] = await Promise.all([onTerminal({}), onTerminal({ NO_COLOR: "1" })]);
    expect(colored).toContain("\x1b[2m");
    expect(plain).toContain("requests/s");
    expect(plain).not.toContain("\x1b");
  });

  it("are gone in a pipe, where stderr is silent, too", async () => {
    const [program = "", ...args] = reportWords();
    const { stdout, stderr } = await run(program, args, {
      cwd: packageRoot,
      env: environment({ FORCE_COLOR: "1" }),
    });
    expect(stdout).toContain("requests/s");
    expect([stdout.includes("\x1b"), stderr]).toEqual([false, ""]);
  });
});
