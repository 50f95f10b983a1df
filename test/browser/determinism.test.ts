/**
 * One seed, one result, to the last digit: the same jobs in this process, in another one with other settings of the engine, and in
 * headless Chromium, which has another version of it. In each they begin with the sources' texts: parsed, linked, simulated.
 */
import { readFileSync } from "node:fs";
import type { Plugin } from "esbuild";
import { beforeAll, describe, expect, test } from "vitest";
import { type SimResult, simulate } from "../../src/engines/sim/index.ts";
import { kernelProgram, linkProgram } from "../../src/link/link.ts";
import { nodeHost, packageRoot } from "../../src/link/node-host.ts";
import { packageSourcesHost } from "../../src/link/package-sources.ts";
import { bundle } from "./bundle.ts";
import { canonicalText, firstDifference } from "./canonical.ts";
import { runInChild } from "./child.ts";
import { findChromium, runInChromium } from "./chromium.ts";
import { jobNames, jobOf, loadOf, type SourceTexts } from "./jobs.ts";
import { type Outcomes, outcomesOf } from "./outcomes.ts";
import { sourceTexts } from "./source-texts.ts";

const howToInstall =
  "Chromium is not installed: on Debian `apt-get install chromium`, or name it in REFPLAY_CHROMIUM";

/** Seconds of one core that is all theirs; a machine with much else to do needs more. */
const timeout = 180_000;

/** The bundle's exports in a page. */
declare const refplay: { outcomesOf: typeof outcomesOf };

let script: string;
let texts: SourceTexts;
let here: Outcomes;

beforeAll(async () => {
  ({ script } = await bundle("test/browser/outcomes.ts"));
  texts = sourceTexts();
  here = outcomesOf(texts);
}, timeout);

/** Makes read-modify-writes of lines that have just come a tick longer. */
const longerAtomic: Plugin = {
  name: "longer atomic",
  setup: (build) =>
    void build.onLoad({ filter: /sim\/costs\.ts$/ }, ({ path }) => {
      const text = readFileSync(path, "utf8");
      const contents = text.replace("toTicks(machine.atomicNs)", "toTicks(machine.atomicNs) + 1");
      if (contents === text) throw new Error(`${path} has no cost to make longer`);
      return { contents, loader: "ts" };
    }),
};

function expectSame(there: Outcomes): void {
  expect(Object.keys(there)).toEqual(jobNames);
  for (const name of jobNames) {
    // In the order in which they come about, so that the first that differs is where to look.
    for (const part of ["load", "program", "result"] as const) {
      const difference = firstDifference(here[name]?.[part] ?? "", there[name]?.[part] ?? "");
      expect(difference, `${name}: ${part}`).toBeNull();
    }
  }
}

test.each(jobNames)("%s: the run is one that came to its end", (name) => {
  const result: SimResult = JSON.parse(here[name]?.result ?? "");
  expect(result.violations).toEqual([]);
  expect(result.requests).toBe(loadOf(name).expected.requests);
  expect(result.gracePeriods.count).toBeGreaterThan(1);
  expect(result.hotLines.length).toBeGreaterThan(1);
});

test("a program is linked from texts as from files", () => {
  const host = nodeHost(packageRoot);
  const path = host.resolve("refplay/source/strategies/hybrid.ts", "") ?? "";
  const fromFiles = linkProgram(kernelProgram({ path }, {}, host), host);
  const inPage = packageSourcesHost(texts);
  const fromTexts = linkProgram(kernelProgram({ path: "strategies/hybrid.ts" }, {}, inPage), inPage);
  expect(firstDifference(canonicalText(fromFiles), canonicalText(fromTexts))).toBeNull();
});

describe.concurrent("one seed gives one result", () => {
  test("twice in one process", () => {
    const name = "kref, nginx, 48 CPUs";
    const again = canonicalText(simulate(jobOf(name, texts)));
    expect(firstDifference(here[name]?.result ?? "", again)).toBeNull();
  });

  test("in another process, without the optimising compiler, in Turkish, in India", { timeout }, async () => {
    expectSame(await runInChild(script, texts));
  });

  test("but not with a cost that is a sixteenth of a nanosecond longer", async () => {
    const name = "cred-local, nginx, 8 CPUs";
    const longer = await bundle("test/browser/outcomes.ts", { plugins: [longerAtomic] });
    const there = (await runInChild(longer.script, texts, [name]))[name];
    expect(there?.load).toBe(here[name]?.load);
    expect(there?.program).toBe(here[name]?.program);
    expect(firstDifference(here[name]?.result ?? "", there?.result ?? "")).not.toBeNull();
  });

  test("in Chromium", { timeout }, async (context) => {
    const chromium = findChromium();
    if (chromium === undefined) {
      // Where a machine must have it (CI), this is no excuse.
      if (process.env.REFPLAY_REQUIRE_CHROMIUM === "1") throw new Error(howToInstall);
      return context.skip(howToInstall);
    }
    const run = await runInChromium(chromium, script, (files) => refplay.outcomesOf(files), texts);
    expect(run.userAgent).toContain("Chrome/");
    expect(run.complaints).toEqual([]);
    expectSame(run.result);
  });
});
