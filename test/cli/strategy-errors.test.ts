/** What a user is told whose strategy file does not link, hangs or fails: through the whole command, with nothing written. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { realServices } from "../../src/cli/services.ts";
import { counterStrategy as strategy } from "./counter-strategy.ts";
import { session } from "./support.ts";

const config = 'scenario: open-close\nworkload: { requests: 10 }\ncpus: [1]\nstrategies: ["./mine.ts"]\n';

/** Runs the command over a strategy's text with everything real but the measuring. */
async function run(
  text: string,
  configText = config,
): Promise<{ status: number; stderr: string; files: string[] }> {
  const { runCell: _runCell, host: _host, version: _version, ...services } = realServices();
  const shell = session({ "config.yaml": configText, "mine.ts": text }, services);
  const { status, stderr } = await shell.run("run", "config.yaml");
  const results = join(shell.folder, "results");
  return { status, stderr, files: existsSync(results) ? readdirSync(results) : [] };
}

/** The strategy with one line replaced. */
function changed(from: string, to: string): string {
  expect(strategy).toContain(from);
  return strategy.replace(from, to);
}

const mistakes: readonly [string, string, RegExp][] = [
  [
    "does not parse",
    changed("export function get(", "export function get(("),
    /mine\.ts:11:\d+: this is not valid TypeScript/,
  ],
  [
    "uses an object",
    changed("  fetchAdd(label + refs, 1);", "  const o = { a: 1 };"),
    /mine\.ts:13:13: portable code has no place for an object\n {2}keep it in shared memory/,
  ],
  [
    "recurses",
    changed("  fetchAdd(label + refs, 1);", "  get(_cpu, holder, label);"),
    /mine\.ts:11:\d+: `get` calls itself\n.*use a loop/,
  ],
  [
    "forgets a function",
    strategy.replace(/export function put[\s\S]*?\n}\n/, ""),
    /mine\.ts: this strategy does not export the function `put`\n.*export function put\(cpu: i32/,
  ],
  [
    "has a type error",
    changed("  fetchAdd(label + refs, 1);", "  if (label) fetchAdd(label + refs, 1);"),
    /mine\.ts:13:7: a bool is needed, not ptr\n.*!== 0/,
  ],
  [
    "loops for ever in init",
    changed("  store(label + refs, 1);", "  while (true) {}"),
    /mine\.ts:8:3: this loop never ends/,
  ],
  [
    "loops for ever in init over memory",
    changed("  store(label + refs, 1);", "  while (load(label + refs) !== 1) store(label + refs, 2);"),
    /mine\.ts:8:\d+: strategy mine does not come to an end while labels are made in `init`/,
  ],
  [
    "waits for ever in init",
    changed("import { type bool,", "import { awaitEqual, type bool,").replace(
      "  store(label + refs, 1);",
      "  awaitEqual(label + refs, 77);",
    ),
    /mine\.ts:8:3: strategy mine fails while labels are made in `init`: deadlock/,
  ],
  [
    "divides by zero in init",
    changed("  store(label + refs, 1);", "  store(label + refs, 1 / load(label + refs));"),
    /mine\.ts:8:\d+: strategy mine fails while labels are made in `init`: .*divided by zero/,
  ],
  [
    "writes to the null line in init",
    changed("  store(label + refs, 1);", "  store(refs, 1);"),
    /mine\.ts:8:/,
  ],
  [
    "has no description",
    strategy.replace(/export default[\s\S]*/, ""),
    /mine\.ts: this strategy has no default export/,
  ],
];

describe("a strategy that", () => {
  it.each(mistakes)("%s is refused with its place, and nothing is written", async (_name, text, message) => {
    const { status, stderr, files } = await run(text);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect({ status, files }).toEqual({ status: 2, files: [] });
  });

  it("is right is refused where the memory does not hold the load", async () => {
    const small = config
      .replace("requests: 10", "requests: 10, profiles: 60000")
      .replace("cpus", "memoryMiB: 16\ncpus");
    const { status, stderr, files } = await run(strategy, small);
    expect(stderr).toMatch(
      /16 MiB do not hold 60000 profiles and 1 tasks on 1 CPUs with strategy mine\n.*raise `memoryMiB`/,
    );
    expect({ status, files }).toEqual({ status: 2, files: [] });
  });

  it("is right runs", async () => {
    const { status, stderr } = await run(strategy);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });
});
