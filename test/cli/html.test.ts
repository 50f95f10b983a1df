/** Where the HTML report goes, and what happens where it cannot. */
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { recordText } from "../../src/results/text.ts";
import { parsed, smallRecord } from "../report/html/support.ts";
import { aRecord } from "../results/support.ts";
import { session } from "./support.ts";

const small = { "small.yaml": "cpus: [1, 2]\nstrategies: [none, kref]\n" };

function withResults() {
  const shell = session();
  writeFileSync(join(shell.folder, "r.json"), recordText(aRecord()));
  return shell;
}

describe("refplay report --format html", () => {
  it("writes the page beside the results and says where", async () => {
    const { run, folder } = withResults();
    expect(await run("report", "r.json", "--format", "html")).toEqual({
      status: 0,
      stdout: "Report: r.html\n",
      stderr: "",
    });
    expect(readFileSync(join(folder, "r.html"), "utf8")).toMatch(/^<!doctype html>\s*<html lang="en">/i);
  });

  it("prints it with --out -, the same bytes, and writes to any other name", async () => {
    const { run, folder } = withResults();
    const printed = await run("report", "r.json", "--format", "html", "--out", "-");
    expect(existsSync(join(folder, "r.html"))).toBe(false);
    mkdirSync(join(folder, "sub"));
    const written = await run("report", "r.json", "--format", "html", "--out", "sub/mine.html");
    expect(written.stdout).toBe("Report: sub/mine.html\n");
    expect(readFileSync(join(folder, "sub/mine.html"), "utf8") === printed.stdout).toBe(true);
  });

  it("writes other formats to a file where one is named", async () => {
    const { run, folder } = withResults();
    const { stdout } = await run("report", "r.json", "--format", "csv");
    await run("report", "r.json", "--format", "csv", "--out", "r.csv");
    expect(readFileSync(join(folder, "r.csv"), "utf8")).toBe(stdout);
  });

  it("shows what was published of the built-in question", async () => {
    const { run, folder } = session();
    writeFileSync(join(folder, "r.json"), recordText(smallRecord()));
    const { stdout } = await run("report", "r.json", "--format", "html", "--out", "-");
    expect(stdout).toContain("Nginx refcount scalability issue with Apparmor enabled");
    expect(stdout).toContain("kref, 192 CPUs: 65 % published");
  });

  it.each([
    [
      "missing/r.html",
      /cannot write report `missing\/r\.html`: its folder does not exist\n {2}Name another file/,
    ],
    ["r.json/r.html", /its folder is a file/],
    ["sub", /cannot write report `sub`: it is a folder/],
    ["./r.json", /`\.\/r\.json` has the results themselves\n {2}Name another file with --out\./],
  ])("refuses --out %s and leaves nothing behind", async (out, message) => {
    const { run, folder } = withResults();
    mkdirSync(join(folder, "sub"));
    const before = readdirSync(folder, { recursive: true }).sort();
    const { status, stdout, stderr } = await run("report", "r.json", "--format", "html", "--out", out);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(message);
    expect(readdirSync(folder, { recursive: true }).sort()).toEqual(before);
    expect(readFileSync(join(folder, "r.json"), "utf8")).toBe(recordText(aRecord()));
  });

  it.skipIf(process.getuid?.() === 0)("says so where it may not write", async () => {
    const { run, folder } = withResults();
    chmodSync(folder, 0o555);
    const { status, stderr } = await run("report", "r.json", "--format", "html");
    chmodSync(folder, 0o755);
    expect(status).toBe(2);
    expect(stderr).toContain("no permission to write there");
  });
});

describe("the command on the page", () => {
  /** Runs what the page of `config` has, in a folder of its own; both records. */
  async function twice(files: Readonly<Record<string, string>>, config: string) {
    // Scenarios with a program of their own have no strategies' files to hash.
    const services = { prepare: async () => "linked" };
    const first = session(files, services);
    const { stdout, stderr } = await first.run("run", config, "--json");
    expect(stderr).toBe("");
    const name = config.replace(".yaml", "");
    const page = parsed(readFileSync(join(first.folder, "results", name, "run-1.html"), "utf8"));
    const second = session({}, services);
    for (const link of page.querySelectorAll("a[download]")) {
      const [, text = ""] = link.getAttribute("href").split(",");
      writeFileSync(join(second.folder, link.getAttribute("download")), decodeURIComponent(text));
    }
    const again = await second.run("run", config, "--json");
    expect(again.stderr).toBe("");
    return [JSON.parse(stdout), JSON.parse(again.stdout)];
  }

  it("gives the same cells again, on a machine of the user's own too", async () => {
    const topology = "{ l3Domains: 2, cores: 8, threads: 16 }";
    const machine = `name: mine\ntopology: ${topology}\nlatencyNs: { smt: 6, l3: 25, socket: 110 }\n`;
    const both =
      "engine: [sim, threads]\nmachine: sub/m.yaml\ncpus: [2, 8]\nthreadsCpus: [2]\nstrategies: [none, kref]\n";
    const [first, second] = await twice({ "both.yaml": both, "sub/m.yaml": machine }, "both.yaml");
    expect(second.cells).toEqual(first.cells);
    expect(second.machine).toEqual(first.machine);
    expect(second.config).toEqual({ ...first.config, machine: "./m.yaml" });
  });

  it("gives the same cells again of a scenario with variants, and of a varied parameter", async () => {
    const [walk, again] = await twice({ "walk.yaml": "scenario: proc-walk\ncpus: [1, 4]\n" }, "walk.yaml");
    expect(again).toEqual(walk);
    const varied = "vary: { thinkUs: [0, 35] }\ncpus: [1]\nstrategies: [kref]\n";
    const [one, other] = await twice({ "varied.yaml": varied }, "varied.yaml");
    expect(other).toEqual(one);
  });
});

describe("refplay run", () => {
  it("writes the page beside the results and says where both are", async () => {
    const { run, folder } = session(small);
    const { stdout, status } = await run("run", "small.yaml");
    expect(status).toBe(0);
    expect(stdout).toMatch(/\nReport: results\/small\/run-1\.html\nResults: results\/small\/run-1\.json\n$/);
    const page = readFileSync(join(folder, "results/small/run-1.html"), "utf8");
    const again = await run("report", "results/small/run-1.json", "--format", "html", "--out", "-");
    expect(page === again.stdout).toBe(true);
  });

  it("leaves it out with --no-html", async () => {
    const { run, folder } = session(small);
    const { stdout } = await run("run", "small.yaml", "--no-html");
    expect(stdout).not.toContain("Report:");
    expect(readdirSync(join(folder, "results/small"))).toEqual(["run-1.json"]);
  });

  it("prints nothing but the record with --json", async () => {
    const { run, folder } = session(small);
    const { stdout } = await run("run", "small.yaml", "--json");
    expect(JSON.parse(stdout).name).toBe("small");
    expect(existsSync(join(folder, "results/small/run-1.html"))).toBe(true);
  });

  it("shows the table even where the page cannot be written", async () => {
    const { run, folder } = session(small);
    mkdirSync(join(folder, "results/small/run-1.html"), { recursive: true });
    const { status, stdout, stderr } = await run("run", "small.yaml");
    expect(status).toBe(2);
    expect(stdout).toContain("Results: results/small/run-1.json");
    expect(stdout).not.toContain("Report:");
    expect(stderr).toContain("cannot write report `results/small/run-1.html`: it is a folder");
  });
});
