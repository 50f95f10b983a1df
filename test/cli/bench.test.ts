import { describe, expect, it } from "vitest";
import type { BenchReport, BenchRequest, StrategyFigures } from "../../src/bench/measure.ts";
import type { Figures } from "../../src/bench/rounds.ts";
import type { CliServices } from "../../src/cli/io.ts";
import { session as sessionIn } from "./support.ts";

const ns = (bestNs: number): Figures => ({
  bestNs,
  quartileNs: bestNs + 1,
  medianNs: bestNs + 2,
  spread: 0.125,
  rounds: 30,
});

/** A session with a folder of deliberately broken strategies, which names are looked up in too. */
function session(files: Readonly<Record<string, string>> = {}, services: Partial<CliServices> = {}) {
  return sessionIn({ "strategies/broken/wrong.ts": "", ...files }, services);
}

/** `none` takes 2 ns, each further strategy twice as long as the one before. */
function madeUp({ strategies, rounds }: BenchRequest, changes: Partial<BenchReport> = {}): BenchReport {
  const results = strategies.map(({ name: strategy }, at): StrategyFigures => {
    const [one, two, through] = [ns(2 * 2 ** at), ns(100 * 2 ** at), ns(30 + 10 * at)];
    return {
      strategy,
      figures: { getPut: one, tryGetPut: one, borrowUnborrow: one, getPutShared: two, openClose: through },
      inC: strategy === "kref" ? ns(8) : null,
    };
  });
  return { results, rounds, interrupted: false, compiler: null, notes: [], ...changes };
}

describe("refplay bench", () => {
  it("shows a line for each strategy, beside kref, C and none, within 80 columns", async () => {
    const requests: BenchRequest[] = [];
    const { run } = session(
      { "my-own-strategy-of-references.ts": "" },
      {
        bench: {
          measure: async (request) => {
            requests.push(request);
            return madeUp(request, {
              notes: ["No column for C for most: a reason that is longer than a line of text is."],
            });
          },
        },
      },
    );
    const { status, stdout, stderr } = await run(
      "bench",
      "--rounds",
      "7",
      "--strategy",
      "./my-own-strategy-of-references.ts",
    );
    expect([status, stderr]).toEqual([0, ""]);
    expect(requests.map(({ rounds, strategies }) => [rounds, strategies.map(({ name }) => name)])).toEqual([
      [7, ["none", "kref", "my-own-strategy-of-references"]],
    ]);
    const lines = stdout.split("\n");
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    const row = (name: string) => lines.find((line) => line.startsWith(name))?.split(/\s+/);
    expect(row("none")).toEqual("none 2.00 13 - - - 0.50 2.00 2.00 101 13 +0.0".split(" "));
    expect(row("kref")).toEqual("kref 4.00 13 8.00 13 0.50 1.00 4.00 4.00 201 13 +10.0".split(" "));
    expect(row("my-own")).toEqual("my-own-strate… 8.00 13 - - - 2.00 8.00 8.00 401 13 +20.0".split(" "));
    expect(stdout).toContain("7 interleaved rounds");
    expect(stdout).toContain("Note: No column for C for most");
  });

  it("fits 80 columns with figures as they are on a slow machine", async () => {
    const slow = (bestNs: number): Figures => ({ ...ns(bestNs), spread: 1.23 });
    const { run } = session(
      {},
      {
        bench: {
          measure: async (request) =>
            madeUp(request, {
              results: request.strategies.map(({ name: strategy }) => ({
                strategy,
                figures: {
                  getPut: slow(123.4),
                  tryGetPut: slow(1234),
                  borrowUnborrow: slow(1234),
                  getPutShared: slow(2345),
                  openClose: slow(999),
                },
                inC: slow(45.6),
              })),
            }),
        },
      },
    );
    const { stdout } = await run("bench");
    expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
  });

  it("leaves the columns of C out where there is no compiler, and says what would help", async () => {
    const note = "No column for C: the C peers need a compiler. Install one.";
    const { run } = session(
      {},
      {
        bench: {
          measure: async (request) => {
            const { results, ...report } = madeUp(request, { notes: [note] });
            const once = ({ strategy }: StrategyFigures): StrategyFigures => ({
              strategy,
              figures: { getPut: { ...ns(2), rounds: 1 } },
              inC: null,
            });
            return { ...report, rounds: 1, results: results.map(once) };
          },
        },
      },
    );
    const { stdout } = await run("bench");
    expect(stdout).toMatch(/^ns +get\+put +±% +of kref +tryGet +borrow +2 thr\. +±% +hooks$/m);
    expect(stdout).not.toContain("in C");
    expect(stdout).toMatch(/\n1 interleaved round\n/);
    expect(stdout).toMatch(/^kref +2\.00 +- /m);
    expect(stdout).toContain(`Note: ${note}`);
  });

  it("prints figures and what they come to as JSON", async () => {
    const { run } = session({}, { bench: { measure: async (request) => madeUp(request) } });
    const { status, stdout } = await run("bench", "--json", "--strategy", "kref");
    expect(status).toBe(0);
    const { results, rounds, interrupted } = JSON.parse(stdout);
    expect([rounds, interrupted]).toEqual([30, false]);
    expect(results[1]).toMatchObject({ strategy: "kref", ofKref: 1, ofC: 0.5, addedNs: 10 });
    expect(results[0]).toMatchObject({ strategy: "none", ofC: null, addedNs: 0 });
  });

  it("shows what is done when Ctrl-C stops it, and nothing where nothing is", async () => {
    const stopped = (done: Partial<BenchReport>) =>
      session(
        {},
        {
          bench: {
            measure: async (request) => {
              const report = madeUp(request, { interrupted: true, ...done });
              const [first] = report.results;
              const results = first === undefined ? [] : [{ ...first, figures: { getPut: ns(2) } }];
              return { ...report, results };
            },
          },
        },
      ).run("bench");
    const some = await stopped({ rounds: 3 });
    expect([some.status, some.stderr]).toEqual([130, "Stopped: not everything was measured.\n"]);
    expect(some.stdout).toMatch(/none +2\.00 +13 +- +- +- +- +- +-\n/);
    const none = await stopped({ rounds: 0 });
    expect(none).toEqual({ status: 130, stdout: "", stderr: "Stopped. Nothing was measured.\n" });
  });

  it("gives the signal of Ctrl-C on", async () => {
    const one = session(
      {},
      {
        bench: {
          measure: async (request) => {
            one.interrupt();
            return madeUp(request, { interrupted: request.signal.aborted });
          },
        },
      },
    );
    expect((await one.run("bench")).status).toBe(130);
  });

  it("lists what it would measure", async () => {
    const { stdout, status } = await session().run("bench", "--list");
    expect(status).toBe(0);
    for (const text of ["percpu-ref", "tuned", "get+put, 2 threads", "open+close"])
      expect(stdout).toContain(text);
    const { stdout: json } = await session().run("bench", "--list", "--json", "--strategy", "tuned");
    expect(JSON.parse(json).strategies.map(({ name }: { name: string }) => name)).toEqual([
      "none",
      "kref",
      "tuned",
    ]);
  });

  it.each([
    [["--strategy", "krfe"], "unknown strategy `krfe`"],
    [["--strategy", "./nowhere.ts"], "there is no such file"],
    [["--rounds", "0"], "--rounds takes 1 to 10000, not 0"],
    [["--rounds", "many"], "`many` is not a whole number"],
    [["kref"], "too many arguments"],
    [["--pin"], "unknown option '--pin'"],
  ])("refuses %j", async (args, message) => {
    const { status, stdout, stderr } = await session().run("bench", ...args);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(message);
  });
});
