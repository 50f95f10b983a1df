import { describe, expect, it } from "vitest";
import { csvReport } from "../../src/report/csv.ts";
import { figure, percent } from "../../src/report/numbers.ts";
import { terminalReport } from "../../src/report/terminal.ts";
import { type Cell, resultsSchema } from "../../src/results/schema.ts";
import { aCell, aPolicyCell, aRecord } from "../results/support.ts";

const none = aCell({
  id: "none@1",
  strategy: "none",
  requestsPerSecond: 4e6,
  pairNs: null,
  rmwPerRequest: 0,
  labelBytes: 128,
});
const wide = aCell({
  id: "a-strategy-with-a-long-name#12@1024",
  strategy: "a-strategy-with-a-long-name#12",
  cpus: 1024,
  requestsPerSecond: 123_456_789,
  requestsPerSecondSpread: { min: 0, max: 2e8, medianAbsDev: 123_456_789, repetitions: [0, 123_456_789] },
  pairNs: { p50: 123_456.7, p99: 1_234_567, max: 1e9 },
  rmwPerRequest: 123.4,
  labelBytes: 1_234_567,
  oversubscribed: true,
});

const retirement = {
  labels: 1234,
  freed: 1200,
  meanMs: 1.25,
  maxMs: 87,
  waiting: 34,
  waitingMeanMs: 43.25,
  peakWaitingBytes: 123_456,
  peakLabels: 2345,
};

describe("the terminal report", () => {
  const plain = (changes = {}) => terminalReport(aRecord(changes), { color: false });

  it("looks like this", async () => {
    const cells = [
      none,
      aCell(),
      { ...none, id: "none@2", cpus: 2, requestsPerSecond: 7.9e6 },
      aCell({ id: "kref@2", cpus: 2, oversubscribed: true, notes: ["the machine was busy"] }),
    ];
    await expect(plain({ cells, planned: cells.map(({ id }) => id) })).toMatchFileSnapshot("terminal.txt");
  });

  it("says notes that differ in one number once, with the least and the most and a list of cells", () => {
    const noted = (id: string, ...notes: string[]) => aCell({ id, strategy: id.split("@")[0] ?? "", notes });
    const spread = (percent: number) => `repetitions differ by ${percent} % of it: why`;
    const cells = [
      noted("none@1", spread(48), "of v6.6: 1 line"),
      noted("kref@1", spread(9), "of v6.7: 2 lines"),
      noted("kref@2", "cut after 10 of 12 records"),
      noted("kref@4", spread(12), "cut after 11 of 13 records"),
    ];
    const text = plain({ cells, planned: cells.map(({ id }) => id) });
    expect(text).toContain("\nNote (none@1, kref@1, kref@4): repetitions differ by 9 to 48 % of it: why\n");
    expect(text.match(/repetitions differ/g)).toHaveLength(1);
    expect(text).toContain("Note (none@1): of v6.6: 1 line\n");
    expect(text).toContain("Note (kref@1): of v6.7: 2 lines\n");
    // Which of two numbers belongs to which cell could not be told.
    expect(text).toContain("Note (kref@2): cut after 10 of 12 records\n");
    expect(text).toContain("Note (kref@4): cut after 11 of 13 records\n");
  });

  it("shows look-ups and changes of policy like this, and what a label takes", async () => {
    const cells = [
      aPolicyCell(),
      aPolicyCell({ id: "percpu-ref@2", strategy: "percpu-ref", cpus: 2 }),
      aCell({ id: "none@2", strategy: "none", cpus: 2 }),
    ];
    await expect(plain({ cells, planned: cells.map(({ id }) => id) })).toMatchFileSnapshot(
      "terminal-policy.txt",
    );
  });

  it("puts the value that a config varies above its cells, and tells choices of one strategy apart", async () => {
    const cells = ["user", "sleep"].flatMap((value) =>
      [0, 1].map((stayHome) => {
        const strategy = stayHome === 0 ? "cred-local" : "cred-local#2";
        const varied = { parameter: "stallIn", value };
        const strategyOptions = { bias: 1024, stayHome };
        return aCell({
          id: `${strategy}@2/${value}`,
          strategy,
          strategyOptions,
          cpus: 2,
          varied,
          retirement,
        });
      }),
    );
    const text = plain({ cells, planned: cells.map(({ id }) => id) });
    await expect(text).toMatchFileSnapshot("terminal-varied.txt");
    expect(text.split("\n").filter((line) => line.length > 80)).toEqual([]);
  });

  it("shows labels that wait and where counts are changed like this, each column only where there is something", async () => {
    const counts = { own: 912, shared: 88, ownShare: 0.912 };
    const both = plain({
      cells: [
        aCell({ retirement, peakUnreclaimed: 56 }),
        aCell({ id: "two@2", strategy: "two", cpus: 2, retirement, peakUnreclaimed: 56, counts }),
        none,
      ],
    });
    await expect(both).toMatchFileSnapshot("terminal-reclaim.txt");
    for (const line of both.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
    const quiet = { ...retirement, labels: 0, waiting: 0 };
    expect(plain({ cells: [aCell({ retirement: quiet })] })).not.toContain("retired");
    expect(plain({ cells: [aCell({ retirement })] })).not.toContain("own %");
    // None freed: no times of any cell.
    const unfreed = { ...retirement, freed: 0, meanMs: 0, maxMs: 0 };
    expect(plain({ cells: [aCell({ retirement: unfreed })] })).not.toMatch(/mean ms|max ms/);
    // A column stays for the one behind it, which its legend tells of.
    expect(plain({ cells: [aCell({ retirement: { ...unfreed, maxMs: 3 } })] })).toMatch(/mean ms +max ms/);
    expect(plain({ cells: [aCell({ counts })] })).not.toContain("retired");
  });

  it("sets requests inside slow windows against those outside, where there were any", () => {
    const slowWindows = {
      windows: 120,
      openShare: 0.0371,
      longestMs: 7.62,
      insidePerSecond: 5_000_000,
      outsidePerSecond: 8_000_000,
    };
    const short = { ...slowWindows, insidePerSecond: null };
    const report = plain({
      cells: [none, aCell({ slowWindows }), aCell({ id: "two@1", strategy: "two", slowWindows: short })],
    });
    const of = (name: string) =>
      report
        .split("\n")
        .filter((line) => line.startsWith(`${name} `))
        .at(-1)
        ?.split(/ +/)
        .slice(2);
    expect(of("strategy")?.join(" ")).toBe("windows open % longest ms inside/s outside/s inside %");
    expect(of("kref")).toEqual(["120", "3.71", "7.62", "5.00M", "8.00M", "63"]);
    expect(of("two")).toEqual(["120", "3.71", "7.62", "-", "8.00M", "-"]);
    expect(of("none")).toEqual(["-", "-", "-", "-", "-", "-"]);
    expect(plain({ cells: [none] })).not.toContain("windows");
    expect(report.split("\n").filter((line) => line.length > 80)).toEqual([]);
  });

  it("shows labels with counters per CPU where a strategy gives and takes them, and those refused where there are some", () => {
    const switches = { labels: 3, most: 12, toPercpu: 40, toAtomic: 37, refused: 0 };
    const text = plain({ cells: [aCell({ switches }), none] });
    expect(text).toMatch(/hot +most +up +down\n.* 3 +12 +40 +37\n/);
    for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
    expect(text).not.toContain("refused");
    expect(plain({ cells: [aCell({ switches: { ...switches, refused: 5 } })] })).toContain("refused");
  });

  it("has no spread of a single run", () => {
    const once = { min: 1, max: 1, medianAbsDev: 0, repetitions: [1] };
    const text = plain({ cells: [aCell({ requestsPerSecondSpread: once })] });
    expect(text).toContain("\nrequests/s: of one run; of 1st: ");
    expect(text).not.toContain("±%");
  });

  it("has nothing of policy where no label was looked up and none changed", () => {
    const labelSet = { ...aPolicyCell().labelSet, lookUps: 0, updates: 0 } as Cell["labelSet"];
    expect(plain({ cells: [aPolicyCell({ labelSet })] })).not.toContain("Label set");
    expect(plain({ cells: [aCell()] })).not.toContain("Label set");
  });

  it("says which policy events were refused, which is no fault", () => {
    const text = plain({ cells: [aPolicyCell()] });
    expect(text).toContain("Note: policy events refused: ENOENT 2, EEXIST 1\n");
  });

  it("tells refused steps of a history once, those that went wrong with the cell that did", () => {
    const policySteps = [
      { step: "load a", verdict: "done" },
      { step: "change b", verdict: "ENOENT", why: "no profile `b`", column: 1, caret: "  b\n  ^" },
      { step: `create ${"x".repeat(200)}`, verdict: "ENAMETOOLONG", why: "too long" },
    ];
    const cells = [aPolicyCell({ policySteps }), aPolicyCell({ id: "none@1", policySteps })];
    const text = plain({ cells });
    expect(text).toContain(`
Policy: 3 steps, 2 refused
ENOENT        change b
              no profile \`b\`
    b
    ^
ENAMETOOLONG  create ${"x".repeat(58)}…
              too long
`);
    expect(text).not.toContain("policy events refused");
    const wrong = [{ step: "load a", verdict: "EEXIST", expected: "done" }, ...policySteps.slice(1)];
    const differing = plain({ cells: [cells[0], aPolicyCell({ id: "none@1", policySteps: wrong })] });
    expect(differing).toContain("kref@1: Policy: 3 steps, 2 refused");
    expect(differing).toContain(`none@1: Policy: 3 steps, 3 refused
EEXIST        load a
              must be done
`);
    expect(text.split("\n").filter((line) => line.length > 80)).toEqual([]);
  });

  it("fits 80 columns with policy, too", () => {
    const set = { ...aPolicyCell().labelSet, lookUpsPerSecond: 123_456_789, retries: 1e9, fallbacks: 1e9 };
    const policy = { ...aPolicyCell({ policyErrors: {} }), ...wide, labelSet: set as Cell["labelSet"] };
    const lines = plain({ cells: [none, policy], planned: [] }).split("\n");
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
  });

  it("fits 80 columns whatever the figures", () => {
    const lines = plain({ cells: [none, aCell(), wide], planned: [] }).split("\n");
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
  });

  it("cuts names only as far as they differ, and leaves columns out instead", () => {
    const names = ["percpu-ref", "percpu-managed", "percpu-dynamic"];
    const counts = { own: 912, shared: 88, ownShare: 0.912 };
    const waiting = {
      ...retirement,
      meanMs: 12_345,
      maxMs: 1_234_567,
      waitingMeanMs: 1_234_567,
      peakLabels: 1_234_567,
    };
    const cells = names.map((strategy) =>
      aCell({ id: `${strategy}@1`, strategy, retirement: waiting, peakUnreclaimed: 1_234_567, counts }),
    );
    const lines = plain({ cells, planned: [] }).split("\n");
    for (const start of ["percpu-r", "percpu-m", "percpu-d"]) {
      expect(lines.filter((line) => line.startsWith(start)).length).toBeGreaterThanOrEqual(2);
    }
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
  });

  it("names a long strategy in full below the table", () => {
    expect(plain({ cells: [wide], planned: [] })).toContain("a-strate…#12 is a-strategy-with-a-long-name#12");
  });

  it("says which cells leaked or broke a rule, and how", () => {
    const cells = [
      aCell({
        leaked: 2,
        leakedByKind: { label: 2 },
        violations: 1,
        violationsByVerdict: { "double free": 1 },
      }),
    ];
    const text = plain({ cells });
    expect(text).toContain("kref, 1 CPU: leaked 2 (label 2)");
    expect(text).toContain("kref, 1 CPU: 1 violation (double free 1)");
  });

  it("says what is open at the end once per number of CPUs, and a common note once", () => {
    const cells = [
      { ...none, openAtEnd: 14, notes: ["a note"] },
      aCell({ openAtEnd: 14, notes: ["a note"] }),
    ];
    const text = plain({ cells, planned: [] });
    expect(text.match(/14 descriptors still open/g)).toHaveLength(1);
    expect(text.match(/a note/g)).toHaveLength(1);
  });

  it("says that cells are missing, and why", () => {
    const failure = { cell: "none@1", code: "worker-hung", message: "worker 1 made no progress" };
    const text = plain({ planned: ["kref@1", "none@1"], failure });
    expect(text).toContain("Not finished: 1 of 2 cells.");
    expect(text).toContain("Stopped at none@1: worker 1 made no progress");
  });

  it("has no colour codes without colour, and some with it", () => {
    const escapeCode = String.fromCharCode(27);
    expect(plain()).not.toContain(escapeCode);
    expect(terminalReport(aRecord(), { color: true })).toContain(escapeCode);
  });

  it("is a heading alone where no cell is there", () => {
    expect(plain({ cells: [] })).toContain("Not finished: 0 of 1 cell.");
  });
});

describe("the CSV report", () => {
  it("has a header and one line per cell", () => {
    const [header, first, ...rest] = csvReport(aRecord()).split("\n");
    expect(header).toMatch(
      /^name,seed,strategy,strategyOptions,engine,workload,hooks,cpus,requestsPerSecond,/,
    );
    expect(first).toMatch(
      /^nginx-threads,nginx-2024,kref,,threads,nginx,v6\.6,1,2345678\.5,2300000,2400000,23456,3,/,
    );
    expect(rest).toEqual([""]);
  });

  it("quotes commas, quotes and line breaks, and leaves empty what was not measured", () => {
    const cells = [aCell({ pairNs: null, notes: ['said "no", twice', "line\nbreak"] })];
    const text = csvReport(aRecord({ name: "a,b", cells }));
    expect(text).toContain('\n"a,b",nginx-2024,');
    expect(text).toContain('"said ""no"", twice; line\nbreak"');
    expect(text).toContain(",170000000,,,,6,21.25,");
  });

  it("has a column for every field of policy, empty where a cell has none", () => {
    const table = (cell: Cell): Record<string, string | undefined> => {
      const [head = "", row = ""] = csvReport(aRecord({ cells: [cell] })).split("\n");
      const values = row.split(",");
      return Object.fromEntries(head.split(",").map((name, index) => [name, values[index]]));
    };
    expect(table(aPolicyCell())).toMatchObject({
      labelSetVariant: "rcu-list",
      labelSetLookUpsPerSecond: "12345678",
      labelSetMembers: "10000",
      reclaimMeanMs: "3.25",
      buffersLockWaitMs: "1",
      labelBytesByPartVectorPerPart: "8",
      policyErrors: "ENOENT=2 EEXIST=1",
      answers: "done ENOENT done",
    });
    expect(table(aCell())).toMatchObject({ labelSetVariant: "", reclaimLabels: "", answers: "", notes: "" });
  });

  it("has what the schema of results has", () => {
    const record = aRecord({ cells: [aPolicyCell()] });
    expect(resultsSchema.parse(record)).toEqual(record);
  });

  it("writes true and false as words and options as name=value", () => {
    const text = csvReport(aRecord({ cells: [aCell({ strategyOptions: { slots: 2, scan: 5 } })] }));
    expect(text).toContain(",slots=2 scan=5,");
    expect(text).toContain(",0,0,0,false,true,false,");
  });
});

describe("figures", () => {
  it("show about three digits", () => {
    expect(
      [0, 0.5, 4.312, 9.999, 12.345, 99.99, 187.2, 1234.5, 123_456, 1.5e6, 2e9].map((value) => figure(value)),
    ).toEqual(["0.00", "0.50", "4.31", "10.0", "12.3", "100", "187", "1,235", "123k", "1.50M", "2.00G"]);
    expect([percent(1, 3), percent(0, 0)]).toEqual(["33.3", "-"]);
  });
});
