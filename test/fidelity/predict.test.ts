/** The simulator against what was published: the tables that take no long time. `npm run fidelity` does all. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { runCli } from "../../src/cli/cli.ts";
import { reportFidelity } from "../../src/cli/fidelity-command.ts";
import { realServices } from "../../src/cli/services.ts";
import { simulate } from "../../src/engines/sim/index.ts";
import type { SimMachine } from "../../src/engines/sim/types.ts";
import { allWithin } from "../../src/fidelity/bounds.ts";
import { withExactThinks } from "../../src/fidelity/exact-thinks.ts";
import { figureOf } from "../../src/fidelity/figures.ts";
import { kernelJob } from "../../src/fidelity/jobs.ts";
import { Predictor, predictTables } from "../../src/fidelity/predict.ts";
import { FidelityPrograms } from "../../src/fidelity/programs.ts";
import { readPublished } from "../../src/fidelity/read-published.ts";
import { tableMarkdown } from "../../src/fidelity/report-markdown.ts";
import { sensitivity } from "../../src/fidelity/sensitivity.ts";
import { fidelityTables } from "../../src/fidelity/tables/index.ts";
import { atomicIncRun } from "../../src/fidelity/tables/xeon.ts";
import type { KernelLoad, PredictedTable } from "../../src/fidelity/types.ts";
import { packageRoot } from "../../src/link/node-host.ts";
import { workloads } from "../../src/workloads/index.ts";
import { countEvents } from "../../src/workloads/workload.ts";
import { fidelityContext } from "./context.ts";

const tables = (...names: string[]) =>
  fidelityTables(readPublished()).filter(({ name }) => names.includes(name));

describe("the simulator, held against published figures", { timeout: 120_000 }, () => {
  let predicted: PredictedTable[] = [];
  beforeAll(() => {
    const contended = tables("atomic-inc").map((table) => ({
      ...table,
      cells: table.cells.filter(({ column, row }) => column === "atomic inc" || Number(row) <= 2),
    }));
    predicted = predictTables([...contended, ...tables("core-to-core")], fidelityContext);
  }, 120_000);

  it("is within the bounds for counters and for lines between two CPUs", () => {
    const beyond = predicted.flatMap(({ cells, name }) =>
      cells
        .filter(({ within }) => !within)
        .map(({ column, predicted: figure, row }) => ({ name, column, row, figure })),
    );
    expect(beyond).toEqual([]);
    expect(allWithin(predicted)).toBe(true);
  });

  it("says what docs/fidelity.md shows", () => {
    const page = readFileSync(join(packageRoot, "docs", "fidelity.md"), "utf8");
    const lines = predicted.flatMap((table) => tableMarkdown(table).split("\n"));
    expect(lines.filter((line) => !page.includes(`${line}\n`))).toEqual([]);
    expect(lines.filter((line) => line.startsWith("| atomic inc |"))).toHaveLength(16);
  });

  it("is beyond them on a machine with another latency", () => {
    const vary = (machine: SimMachine): SimMachine => ({
      ...machine,
      idleNs: { ...machine.idleNs, l3: machine.idleNs.l3 * 2 },
      handOffNs: { ...machine.handOffNs, l3: machine.handOffNs.l3 * 2 },
    });
    const [varied] = predictTables(tables("core-to-core"), { ...fidelityContext, vary });
    const beyond = varied?.cells.filter(({ within }) => !within) ?? [];
    expect(new Set(beyond.map(({ column }) => column))).toEqual(new Set(["same L3"]));
    expect(varied === undefined || allWithin([varied])).toBe(false);
  });

  it.each([
    { threads: 16, distance: "l3", published: 372 },
    { threads: 112, distance: "cross", published: 3206 },
  ] as const)(
    "has the hand-off of $distance fitted to $threads threads",
    ({ distance, published, threads }) => {
      const nsWith = (more: number): number => {
        const vary = (machine: SimMachine): SimMachine => ({
          ...machine,
          handOffNs: { ...machine.handOffNs, [distance]: machine.handOffNs[distance] + more },
        });
        const of = atomicIncRun(threads);
        const measured = new Predictor({ ...fidelityContext, vary }).measure(of);
        return figureOf({ kind: "nsPerOperation", of }, measured, undefined);
      };
      expect(nsWith(-1)).toBeLessThan(published);
      expect(nsWith(1)).toBeGreaterThan(published);
    },
  );

  it("makes the command fail beyond a bound, and only then", async () => {
    const lines: string[] = [];
    const io = { stdout: (text: string) => void lines.push(text), color: false };
    const [table] = predicted;
    const [cell] = table?.cells.filter(({ bound }) => bound.kind === "percent") ?? [];
    if (table === undefined || cell === undefined) throw new Error("no bounded cell");
    expect(reportFidelity([{ ...table, cells: [cell] }], {}, io)).toBe(0);
    expect(reportFidelity([{ ...table, cells: [{ ...cell, within: false }] }], {}, io)).toBe(1);
    expect(lines.at(-1)).toContain("0 of 1 cells within their bounds");
  });
});

describe("what is simulated", { timeout: 60_000 }, () => {
  it("takes as many label operations by open and close as the kernel of that version", () => {
    const programs = new FidelityPrograms(fidelityContext.sources);
    const rmws = (["v6.6", "v6.7", "v6.11"] as const).map((hooks) => {
      const parameters = { requests: 200, thinkUs: 1 };
      const load: KernelLoad = {
        kind: "kernel",
        strategy: "kref",
        hooks,
        scenario: "open-close",
        parameters,
        perRequest: 1,
      };
      const result = simulate(kernelJob(load, fidelityContext.machine("epyc-9654"), 2, "hooks", programs));
      return result.strategyRmws / result.requests;
    });
    expect(rmws).toEqual([6, 4, 2]);
  });

  it("moves with what it depends on, and with nothing else", () => {
    const [table] = tables("core-to-core");
    if (table === undefined) throw new Error("no such table");
    const few = { ...table, cells: table.cells.slice(0, 3) };
    const rows = sensitivity([few], fidelityContext);
    expect(rows).toHaveLength(18);
    const row = (constant: string, factor: number) =>
      rows.find((each) => each.constant === constant && each.factor === factor);
    expect(row("latency l3", 2)).toMatchObject({ mostMoved: "same L3 EPYC 7773X", beyond: 1, bounded: 3 });
    expect(row("latency l3", 2)?.movedPercent).toBeGreaterThan(90);
    expect(Math.abs(row("memoryNs", 2)?.movedPercent ?? 100)).toBeLessThan(5);
  });
});

describe("refplay fidelity", () => {
  const run = async (...args: string[]) => {
    const out: string[] = [];
    const err: string[] = [];
    const status = await runCli(
      ["fidelity", ...args],
      {
        stdout: (text) => void out.push(text),
        stderr: (text) => void err.push(text),
        terminal: undefined,
        color: false,
        workingFolder: packageRoot,
        command: "refplay",
        memoryBytes: 1e9,
        now: () => "2024-01-10T00:00:00Z",
        onInterrupt: () => () => {},
      },
      realServices(),
    );
    return { status, out: out.join(""), err: err.join("") };
  };

  it("shows the tables that are named", { timeout: 60_000 }, async () => {
    const { out, status } = await run("core-to-core", "--quiet");
    expect(status).toBe(0);
    expect(out).toMatch(/^core-to-core: a line handed to and fro/);
    expect(out).toContain("25 of 25 cells within their bounds (25 of them fitted); 0 more only shown");
    expect(out.split("\n").filter((line) => line.length > 80)).toEqual([]);
    const json = await run("core-to-core", "--json");
    expect(JSON.parse(json.out)).toMatchObject({ within: true, tables: [{ name: "core-to-core" }] });
  });

  it("names the tables that there are where one is not", async () => {
    const { err, status } = await run("core-to-cor");
    expect(status).toBe(2);
    expect(err).toContain("unknown table `core-to-cor`; did you mean `core-to-core`?");
    expect(err).toContain("nginx, open1, open1-rates, atomic-inc, refscale, core-to-core");
    expect((await run("--json", "--markdown")).status).toBe(2);
    expect((await run("--fit", "--sensitivity")).status).toBe(2);
  });
});

describe("think times without luck", () => {
  it("have the mean that was asked for on every CPU, and their order", () => {
    const parameters = workloads.nginx.parameters.parse({ requests: 90, thinkUs: 20 });
    const { scripts } = workloads.nginx.build(parameters, { cpus: 3, seed: "thinks" });
    const before = scripts.map((script) => countEvents(script));
    const after = withExactThinks(scripts, 20_000).map((script) => countEvents(script));
    for (const [cpu, { byEvent, thinkNs }] of after.entries()) {
      expect(byEvent).toEqual(before[cpu]?.byEvent);
      expect(before[cpu]?.thinkNs).not.toBe(30 * 20_000);
      expect(Math.abs(thinkNs - 30 * 20_000)).toBeLessThan(30);
    }
  });

  it("are left alone where there are none", () => {
    const parameters = workloads.refscale.parameters.parse({ requests: 3 });
    const { scripts } = workloads.refscale.build(parameters, { cpus: 1, seed: "thinks" });
    expect(withExactThinks(scripts, 20_000)).toEqual(scripts);
  });
});
