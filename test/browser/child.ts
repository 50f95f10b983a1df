/** Runs a page's bundle in a Node process of its own, with other settings of the engine and of the place. */
import { spawn } from "node:child_process";
import type { Outcomes, outcomesOf } from "./outcomes.ts";

/**
 * Interpreter and baseline compiler only, so that what the optimising compiler makes is held against what the code says; another seed of hash tables
 * and of Math.random.
 */
const flags = ["--no-opt", "--hash-seed=4711", "--random-seed=4711"];

/** Another language, another time zone. */
const place = { LANG: "tr_TR.UTF-8", LC_ALL: "tr_TR.UTF-8", TZ: "Asia/Kolkata" };

/** Reads `{ script, args }`, runs the script, and prints what its `outcomesOf` returns. */
const main = `
  const { script, args } = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
  const { outcomesOf } = new Function(script + "; return refplay;")();
  process.stdout.write(JSON.stringify(outcomesOf(...args)));
`;

/** What `outcomesOf` of the bundle returns in a child process. Throws where the process fails. */
export function runInChild(script: string, ...args: Parameters<typeof outcomesOf>): Promise<Outcomes> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...flags, "--eval", main], {
      env: { ...process.env, NODE_OPTIONS: "", ...place },
      stdio: ["pipe", "pipe", "pipe"],
    });
    let [told, wrong] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      told += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      wrong += text;
    });
    child.on("error", reject);
    child.on("close", (status) => {
      if (status === 0 && wrong === "") resolve(JSON.parse(told));
      else reject(new Error(`the child process ended with ${status}: ${wrong}`));
    });
    child.stdin.end(JSON.stringify({ script, args }));
  });
}
