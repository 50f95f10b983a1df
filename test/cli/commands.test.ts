import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { machineNames } from "../../src/machines/builtin.ts";
import { aRecord } from "../results/support.ts";
import { keptTerminal, session } from "./support.ts";

describe("refplay", () => {
  it("prints help and version on stdout when asked", async () => {
    const { run } = session();
    expect(await run("--version")).toEqual({ status: 0, stdout: "0.1.0\n", stderr: "" });
    const help = await run("--help");
    expect([help.status, help.stderr]).toEqual([0, ""]);
    expect(help.stdout).toMatch(/run .*\n[\s\S]*list .*\n[\s\S]*import .*\n[\s\S]*report /);
    for (const line of help.stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });

  it("without a command prints help on stderr and ends with 2", async () => {
    const { status, stdout, stderr } = await session().run();
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toContain("Usage: refplay");
  });

  it("suggests the command that was meant", async () => {
    const { status, stderr } = await session().run("rnu");
    expect(status).toBe(2);
    expect(stderr).toMatch(/unknown command 'rnu'\n\(Did you mean run\?\)/);
  });
});

describe("refplay list", () => {
  it("lists strategies by name, with their options", async () => {
    const { status, stdout } = await session().run("list", "strategies");
    expect(status).toBe(0);
    expect(stdout.match(/^[\w-]+/gm)).toEqual(["kref", "none", "percpu-ref", "tuned"]);
    expect(stdout).toContain("  slots  Slots per CPU (a whole number, 1 to 8 slots; default 4)\n");
  });

  it("lists workloads with their parameters, within 80 columns", async () => {
    const { stdout } = await session().run("list", "workloads");
    expect(stdout).toMatch(/^nginx +one worker per CPU/m);
    expect(stdout).toMatch(/^ {2}requests +requests over all CPUs/m);
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });

  it("lists scenarios, one line each", async () => {
    const { stdout } = await session().run("list", "scenarios");
    expect(stdout.match(/^[\w-]+/gm)).toEqual([
      "churn",
      "nginx",
      "open-close",
      "policy",
      "refscale",
      "strace",
      "proc-walk",
      "proc-dedup",
      "maps-read",
      "maps-query",
    ]);
  });

  it("tells a scenario's variants with its parameters", async () => {
    const { stdout } = await session().run("list", "workloads");
    expect(stdout).toMatch(/^ {2}rcu-walk +variant: since v5\.16/m);
    const json = JSON.parse((await session().run("list", "scenarios", "--json")).stdout);
    expect(json.find(({ name }: { name: string }) => name === "proc-walk").variants).toHaveLength(2);
    expect(json.find(({ name }: { name: string }) => name === "nginx").variants).toBeUndefined();
  });

  it("prints JSON with --json", async () => {
    const { stdout } = await session().run("list", "strategies", "--json");
    expect(JSON.parse(stdout)[3]).toMatchObject({
      name: "tuned",
      parameters: [{ name: "slots", default: 4 }],
    });
  });

  it("shows every machine in one line within 80 columns, stand-ins as such", async () => {
    const { status, stdout } = await session().run("list", "machines");
    expect(status).toBe(0);
    const lines = stdout.trimEnd().split("\n");
    expect(lines).toHaveLength(machineNames.length);
    expect(lines[0]).toBe("epyc-9654      AMD EPYC 9654 (Zen 4): 96 cores, 192 threads, 12 L3 domains");
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(stdout).toMatch(/^vm-24 +Stand-in: /m);
  });

  it("prints whole descriptions of machines with --json", async () => {
    const { stdout } = await session().run("list", "machines", "--json");
    const [first] = JSON.parse(stdout);
    expect(first).toMatchObject({ name: "epyc-9654", topology: { threads: 192 }, latencyNs: { l3: 25 } });
    expect(first.sources[0]).toMatchObject({ basis: "published" });
  });

  it("refuses what it cannot list, with a suggestion", async () => {
    const { run } = session();
    const wrong = await run("list", "strategy");
    expect(wrong.status).toBe(2);
    expect(wrong.stderr).toBe(
      "error: cannot list `strategy`; did you mean `strategies`?\n  There is: strategies, workloads, scenarios, machines, programs.\n",
    );
    expect((await run("list")).stderr).toMatch(/missing required argument 'topic'/);
  });
});

describe("refplay report", () => {
  const files = { "r.json": JSON.stringify(aRecord()) };

  it("shows a stored result as table, JSON and CSV", async () => {
    const { run } = session(files);
    expect((await run("report", "r.json")).stdout).toMatch(/^nginx-threads: nginx, hooks v6\.6/);
    expect(JSON.parse((await run("report", "r.json", "--format", "json")).stdout)).toEqual(aRecord());
    expect((await run("report", "r.json", "--format", "csv")).stdout).toMatch(/^name,seed,strategy,/);
    expect((await run("report", "r.json", "--format", "markdown")).stdout).toMatch(/^## nginx-threads\n/);
  });

  it("refuses an unknown format, a missing file and one of a newer version", async () => {
    const { run } = session({ ...files, "new.json": '{"version":2}', "cut.json": '{"ver' });
    for (const [args, message] of [
      [["r.json", "--format", "cvs"], /unknown report format `cvs`; did you mean `csv`\?/],
      [["no.json"], /there is no results file/],
      [["new.json"], /results of format 2/],
      [["cut.json"], /cut\.json: not a results file, or cut off/],
      [["."], /it is a folder/],
    ] as const) {
      const { status, stdout, stderr } = await run("report", ...args);
      expect([status, stdout]).toEqual([2, ""]);
      expect(stderr).toMatch(message);
    }
  });
});

describe("refplay import", () => {
  const trace = [
    '7 1000000.000001 openat(AT_FDCWD, "/etc/a", O_RDONLY) = 3 <0.000001>',
    '7 1000000.000005 openat(AT_FDCWD, "/etc/b", O_RDONLY) = -1 ENOENT (No such file) <0.000001>',
    "7 1000000.000010 frobnicate(3) = 0 <0.000001>",
    "7 1000000.000020 close(3) = 0 <0.000001>",
    "7 1000000.000030 close(9",
  ].join("\n");

  it("tells what a replay does and what was skipped, with line numbers", async () => {
    const { status, stdout } = await session({ "t.strace": trace }).run("import", "t.strace");
    expect(status).toBe(0);
    expect(stdout).toMatch(/^opens +1 found their file, 1 failed/m);
    expect(stdout).toContain("1 x call that is not known: frobnicate (line 3)");
    expect(stdout).toMatch(/cut off at the end of the trace \(line 5\)/);
  });

  it("prints the same as JSON, or the script", async () => {
    const { run } = session({ "t.strace": trace });
    const data = JSON.parse((await run("import", "t.strace", "--json")).stdout);
    expect(data).toMatchObject({ opens: 1, failedOpens: 1, replay: { expected: { opens: 1, closes: 1 } } });
    expect((await run("import", "t.strace", "--script")).stdout).toMatch(
      /switchTask task 0\n[\s\S]*open -> fd 3/,
    );
  });

  it("writes a config that replays the trace, and does not write over a file", async () => {
    const { stream } = keptTerminal();
    const { run, folder, measured } = session({ "t.strace": trace, "sub/x": "" }, {}, { terminal: stream });
    expect((await run("import", "t.strace", "--out", "sub/t.yaml")).stderr).toBe(
      "Replay it with: refplay run sub/t.yaml\n",
    );
    expect((await run("run", "sub/t.yaml")).status).toBe(0);
    expect(measured).toHaveLength(6);
    const again = await run("import", "t.strace", "--out", "sub/t.yaml");
    expect([again.status, again.stderr]).toEqual([
      2,
      "error: cannot write `sub/t.yaml`: it is there already\n",
    ]);
    expect(readFileSync(join(folder, "sub/t.yaml"), "utf8")).toContain("trace: ../t.strace");
  });

  it("refuses what is no trace, and writes nothing", async () => {
    const { run, folder } = session({ "empty.strace": "", "binary.strace": "\u0000\u0001" });
    for (const [file, message] of [
      ["gone.strace", /^error: there is no trace `gone\.strace`\n$/],
      ["empty.strace", /^error: empty\.strace: the trace is empty/],
      ["binary.strace", /^error: binary\.strace:1: this is a binary file/],
      ["strategies", /^error: trace `strategies` is not a file/],
    ] as const) {
      const { status, stdout, stderr } = await run("import", file, "--out", "o.yaml");
      expect([status, stdout]).toEqual([2, ""]);
      expect(stderr).toMatch(message);
    }
    expect(existsSync(join(folder, "o.yaml"))).toBe(false);
  });
});
