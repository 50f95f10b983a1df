/** The README's own strategy under the README's command, with one of the tests: the others take longer, and are those of every strategy. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";
import { packageRoot } from "../../src/link/node-host.ts";
import { counterStrategy } from "../cli/counter-strategy.ts";
import { folderWith } from "../config/support.ts";

it("a strategy of one's own that is right passes the command that the README gives for it", () => {
  const strategy = join(folderWith({ "mine.ts": counterStrategy }), "mine.ts");
  const vitest = join(packageRoot, "node_modules/vitest/vitest.mjs");
  const args = [vitest, "run", "test/conformance", "-t", "leads the same seed", "--reporter=json"];
  const { status, stdout } = spawnSync(process.execPath, args, {
    cwd: packageRoot,
    encoding: "utf8",
    env: { ...process.env, REFPLAY_STRATEGY: strategy },
  });
  const { numPassedTests, testResults } = JSON.parse(stdout.slice(stdout.indexOf("{"))) as {
    numPassedTests: number;
    testResults: { name: string; status: string; message: string }[];
  };
  // Also a file without any test fails.
  expect(testResults.filter(({ status: one }) => one !== "passed").map(({ message }) => message)).toEqual([]);
  expect([status, numPassedTests]).toEqual([0, 1]);
}, 120_000);
