/** Reports of simulated cells: the scaling picture, what moved, and prediction beside measurement. */
import { describe, expect, it } from "vitest";
import { csvReport } from "../../src/report/csv.ts";
import { terminalReport } from "../../src/report/terminal.ts";
import { withEfficiency } from "../../src/results/efficiency.ts";
import type { Cell } from "../../src/results/schema.ts";
import { aCell, aRecord, aSimCell } from "../results/support.ts";

const machine = { name: "epyc-9654", title: "AMD EPYC 9654: 96 cores, 192 threads" };

/** Cells of both engines; two strategies, one of them under other hooks. */
function cells(): Cell[] {
  const of = (cpus: number, strategy: string, requestsPerSecond: number, changes: Partial<Cell> = {}) =>
    aSimCell({ id: `${strategy}@${cpus} sim`, strategy, cpus, requestsPerSecond, ...changes });
  const quiet = {
    hottestLines: [],
    rmwPerRequest: 0,
    transfersPerRequest: { self: 0, smt: 0, l3: 0.01, socket: 0.02, cross: 0, memory: 0.002, all: 0.032 },
    timeSplitPct: {
      think: 85,
      slowdown: 14,
      own: 0.2,
      lines: 0.1,
      locks: 0,
      gracePeriods: 0,
      spin: 0,
      rest: 0.7,
    },
  };
  const beyond = ["of epyc-9654, assumed: holdNs", "24 L3 domains are in use: assumed beyond"];
  return withEfficiency([
    of(16, "none", 350_000, quiet),
    of(16, "kref", 349_000),
    of(16, "kref (v6.7)", 349_500),
    of(192, "none", 3_570_000, { ...quiet, assumptions: beyond }),
    of(192, "kref", 2_480_000, { assumptions: beyond }),
    of(192, "kref (v6.7)", 3_300_000, { assumptions: beyond }),
    aCell({ id: "none@1 threads", strategy: "none" }),
    aCell({ id: "kref@16 threads", cpus: 16, requestsPerSecond: 174_500, oversubscribed: true }),
  ]);
}

const record = (of: readonly Cell[], changes = {}) =>
  aRecord({ engine: "sim, threads", machine, cells: [...of], planned: of.map(({ id }) => id), ...changes });
const plain = (...args: Parameters<typeof record>) => terminalReport(record(...args), { color: false });

describe("the report of a simulated run", () => {
  it("looks like this beside a measured one, within 80 columns", async () => {
    const text = plain(cells());
    await expect(text).toMatchFileSnapshot("terminal-sim.txt");
    expect(text.split("\n").filter((line) => line.length > 80)).toEqual([]);
  });

  it("stays within 80 columns with long names and large figures", () => {
    const strategy = "a-strategy-with-a-long-name";
    const wide = (name: string, cpus: number) =>
      aSimCell({
        id: name,
        strategy: name,
        cpus,
        requestsPerSecond: 123_456_789,
        efficiencyPct: 100.4,
        pairNs: { p50: 123_456.7, p99: 1_234_567, max: 1e9 },
        labelBytes: 1_234_567,
        slowWindows: {
          windows: 120,
          openShare: 0.5,
          longestMs: 123.4,
          insidePerSecond: 123_456_789,
          outsidePerSecond: 123_456_789,
          dutyCycle: 0.0015,
          steadyPerSecond: 123_456_789,
        },
      });
    const text = plain([wide(`${strategy} (v6.11)#2`, 16), wide(`${strategy}#12`, 1024), wide("kref", 1024)]);
    expect(text.split("\n").filter((line) => line.length > 80 && !line.includes(" is "))).toEqual([]);
    expect(text).toMatch(/a-\S*… \(v6\.11\)#2/);
  });

  it("sets prediction against measurement only where a strategy has both on as many CPUs", () => {
    const shown = (text: string) =>
      text.split("Prediction and measurement\n")[1]?.split("\n\n")[0]?.split("\n");
    const rows = shown(plain(cells()));
    expect(rows).toHaveLength(2);
    expect(rows?.[1]?.split(/ +/)).toEqual([
      "kref",
      "16",
      "349,000",
      "174,500",
      "2.00",
      "4.31",
      "4.31",
      "1.00",
    ]);
    expect(shown(plain([aSimCell(), aCell()]))).toBeUndefined();
    const varied = (value: number) => ({ varied: { parameter: "thinkUs", value } });
    const others = [aSimCell({ cpus: 1, ...varied(1) }), aCell({ id: "t", ...varied(2) })];
    expect(shown(plain(others))).toBeUndefined();
  });

  it("has a picture for each value that is varied, and none with one CPU count", () => {
    const varied = (value: number, cpus: number) =>
      aSimCell({ id: `kref@${cpus} ${value}`, cpus, varied: { parameter: "thinkUs", value } });
    const text = plain(withEfficiency([varied(1, 16), varied(1, 192), varied(2, 16), varied(2, 192)]));
    expect(text.match(/% at CPUs/g)).toHaveLength(2);
    expect(text).toContain("\nthinkUs 1\nkref       100.0  8.3\n");
    const { efficiencyPct: _none, ...single } = aSimCell();
    expect(plain([single])).not.toContain("% at CPUs");
  });

  it("sets figures closer, and then in several tables, where there are many CPU counts", () => {
    const table = (counts: number, strategy: string): string[] => {
      const of = Array.from({ length: counts }, (_, index) =>
        aSimCell({ id: `${strategy}@${index}`, strategy, cpus: index + 1, requestsPerSecond: 1e6 }),
      );
      return plain(withEfficiency(of)).split("\n");
    };
    const rows = (lines: readonly string[]): string[] =>
      lines.filter((line) => /^(% at CPUs|kref) .* [▁-█]+$/.test(line));
    expect(rows(table(3, "kref"))).toEqual(["kref       100.0  50.0  33.3  █▄▃"]);
    expect(rows(table(8, "kref"))[0]).toMatch(/^kref {7}100\.0 {2}50\.0 .* 12\.5 {2}█▄▃▂▂▁▁▁$/);
    expect(rows(table(11, "kref"))[0]).toMatch(/^kref {6}100\.0 50\.0 33\.3 .* 9\.1 █▄▃▂▂▁▁▁▁▁▁$/);
    expect(rows(table(14, "kref"))[0]).toMatch(/^kref +100 +50 +33 .* 7 █▄▃▂▂▁+$/);
    // With all its figures each, the first of the second table as in the whole one.
    const many = table(40, "kref");
    expect(many.filter((line) => line.startsWith("% at CPUs")).length).toBeGreaterThan(1);
    expect(many.filter((line) => /^kref .* 2\.5 +[▁-█]+$/.test(line))).toHaveLength(1);
    for (const lines of [many, table(8, "a-strategy-with-a-long-name"), table(2, "kref")])
      expect(lines.filter((line) => line.length > 80)).toEqual([]);
    // Two points are no course.
    expect(rows(table(2, "kref"))).toEqual([]);
  });

  it("tells one place of a hot line once, however many columns of it moved the line", () => {
    const [line] = aSimCell().hottestLines ?? [];
    const [place] = line?.code ?? [];
    if (line === undefined || place === undefined) throw new Error("a cell without hot lines");
    const code = [10, 60, 30].map((transfers, index) => ({
      ...place,
      transfers,
      line: index === 1 ? 99 : place.line,
    }));
    const text = plain([aSimCell({ hottestLines: [{ ...line, transfers: 100, code }] })]);
    expect(text).toMatch(new RegExp(`   60% \\S+ in .*:99\\n   40% \\S+ in .*:${place.line}\\n`));
  });

  it("has no table of moves where no line moved", () => {
    const transfersPerRequest = { self: 0, smt: 0, l3: 0, socket: 0, cross: 0, memory: 0.001, all: 0.001 };
    const text = plain([aSimCell({ transfersPerRequest })]);
    expect(text).not.toContain("Cache lines that came");
    expect(text).toContain("Time of the CPUs, %");
  });

  it("has a bar for where the time went only where there is room", () => {
    const time = {
      think: 50,
      slowdown: 0,
      own: 25,
      lines: 12.5,
      locks: 0,
      gracePeriods: 0,
      spin: 0,
      rest: 12.5,
    };
    const bars = (text: string): string[] =>
      text.split("\n").flatMap((line) => /[░▒█]{4,}/.exec(line)?.[0] ?? []);
    expect(bars(plain([aSimCell({ timeSplitPct: time })]))).toEqual(["░░░░░░░░░░░░▒▒▒▒▒▒███"]);
    const all = {
      think: 51,
      slowdown: 10,
      own: 10,
      lines: 10,
      locks: 10,
      gracePeriods: 10,
      spin: 10,
      rest: 10,
    };
    const names = ["a-strategy-with-a-long-name", "another-strategy-with-one"];
    const cells = names.map((strategy) => aSimCell({ id: strategy, strategy, timeSplitPct: all }));
    expect(
      plain(cells)
        .split("\n")
        .filter((line) => line.length > 80),
    ).toEqual([]);
  });

  it("tells what slow windows come to in the long run", () => {
    const slowWindows = {
      windows: 2,
      openShare: 0.5,
      longestMs: 7.5,
      insidePerSecond: 2_400_000,
      outsidePerSecond: 3_500_000,
      dutyCycle: 0.0015,
      steadyPerSecond: 3_498_350,
    };
    const text = plain([aSimCell({ slowWindows }), aSimCell({ id: "none@192", strategy: "none" })]);
    const row = text.split("\n").find((line) => /^kref +192 +2 /.test(line));
    expect(row?.split(/ +/)).toEqual(["kref", "192", "2", "7.50", "2.40M", "3.50M", "0.15", "3.50M"]);
  });
});

describe("the CSV of a simulated run", () => {
  it("has the figures of both engines in columns of their own", () => {
    const [head = "", ...rows] = csvReport(record(cells())).trim().split("\n");
    const names = head.split(",");
    const of = (row: number, name: string) => rows[row]?.split(",")[names.indexOf(name)];
    expect(of(4, "machine")).toBe("epyc-9654");
    expect(of(6, "machine")).toBe("");
    expect(of(4, "efficiencyPct")).toMatch(/^59\.21/);
    expect(of(4, "transfersPerRequestSocket")).toBe("4.25");
    expect(of(4, "timeSplitPctLines")).toBe("29.9");
    expect(of(4, "hottestLine")).toBe("label(unconfined).refs");
    expect(of(4, "latenciesNsP99")).toBe("open=9000.5 close=4000");
    expect(of(7, "hottestLine")).toBe("");
  });
});
