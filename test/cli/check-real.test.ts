/** The whole command with the real checker: what the docs promise about a planted bug, its replay and its JSON. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { checkDocument } from "../../src/checks/report-json.ts";
import { realServices } from "../../src/cli/services.ts";
import { session } from "./support.ts";

const kref = readFileSync(new URL("../../strategies/kref.ts", import.meta.url), "utf8");

/** A folder with strategy files, and a way to check in it. */
function checker(files: Readonly<Record<string, string>>) {
  const { strategiesFolder, checks } = realServices();
  const shell = session(files, { strategiesFolder, checks });
  return (...args: string[]) => shell.run("check", ...args);
}

const one = ["./my-kref.ts", "--program", "put-vs-look-up", "--bound", "rounds=1", "--model", "sc"];

describe("a strategy with a planted bug", () => {
  const planted = kref.replace("while (before !== 0) {", "while (true) {");

  it("gets its verdict, a schedule that fits 80 columns, and a command that shows it again", async () => {
    expect(planted).not.toBe(kref);
    const check = checker({ "my-kref.ts": planted });
    const { status, stdout, stderr } = await check(...one);
    expect([status, stderr]).toEqual([1, ""]);
    expect(stdout).toMatch(/put-vs-look-up sc {2}premature-release/);
    expect(stdout).toMatch(/my-kref\.ts:\d+ +compareExchange/);
    expect(stdout).toMatch(/\n {2}my-kref\.ts:\d+ \| store\(holder, label\);\n/);
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);

    const schedule = /--replay "([^"]+)"/.exec(stdout)?.[1] ?? "";
    const again = await check(...one, "--replay", schedule);
    expect(again.status).toBe(1);
    const table = (text: string) => text.slice(text.indexOf("my-kref in put"), text.indexOf("  see again"));
    expect(table(stdout)).toBe(again.stdout);
  });

  it("is the same in JSON", async () => {
    const { status, stdout } = await checker({ "my-kref.ts": planted })(...one, "--json");
    expect(status).toBe(1);
    expect(checkDocument.parse(JSON.parse(stdout)).reports).toMatchObject([
      {
        kind: "checked",
        strategy: "my-kref",
        verdict: "premature-release",
        finding: { breach: { actor: 0 } },
      },
    ]);
  });
});

describe("a strategy with an endless loop", () => {
  it.each([
    ["states", "1", "tso", "livelock"],
    ["dpor", "3", "sc", "limit-exceeded"],
  ])("is shown going round, and named (%s, users: %s, %s)", async (explorer, users, model, verdict) => {
    const loop = "  while (load(label + refs) !== 77) store(holder, 0);\n";
    const endless = kref.replace("  store(holder, 0);\n", loop);
    const check = checker({ "my-kref.ts": endless });
    const args = ["./my-kref.ts", "--program", "get-put", "--bound", `users=${users}`, "--model", model];
    const { status, stdout } = await check(...args, "--explorer", explorer);
    expect(status).toBe(1);
    const told = new RegExp(`✗ ${verdict} at step \\d+, by user[ 0-9]*\n {2}my-kref\\.ts:\\d+ \\| while`);
    expect(stdout).toMatch(told);
    expect(stdout).toMatch(/\n… +the last [23] steps again and again\n/);
    const again = await check(...args, "--replay", /--replay "([^"]+)"/.exec(stdout)?.[1] ?? "");
    expect(again.status).toBe(1);
    expect(again.stdout).toMatch(/✗ livelock at step \d+, by user[ 0-9]*\n {2}my-kref\.ts:\d+ \| while/);
    expect(stdout.split("\n").length).toBeLessThan(60);
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });
});

describe("a strategy with an endless loop without an operation", () => {
  it("is blamed at the loop", async () => {
    const loop = "  let left: i32 = 1;\n  while (left !== 0) left = left | 2;\n  store(holder, 0);\n";
    const check = checker({ "my-kref.ts": kref.replace("  store(holder, 0);\n", loop) });
    const { stdout } = await check("./my-kref.ts", "--program", "get-put", "--model", "sc");
    expect(stdout).toMatch(/✗ livelock at .*\n {2}my-kref\.ts:\d+ \| while \(left !== 0\)/);
  });
});

describe("a strategy that never releases", () => {
  it("gets a leak with the label's name, holders, count and birth before the actors", async () => {
    const check = checker({
      "my-kref.ts": kref.replace("if (before === 1) release", "if (before === 7) release"),
    });
    const { stdout } = await check(
      "./my-kref.ts",
      "--program",
      "get-put",
      "--bound",
      "users=1",
      "--model",
      "sc",
    );
    expect(stdout).toMatch(/✗ leak after the last step\n/);
    expect(stdout).toMatch(/\n {2}label#1 \(\d+ bytes\) was never freed; no holder is left, refs is 0\n/);
    expect(stdout).toMatch(/\n {2}allocated {2}boot \(/);
  });
});

describe("the real checker", () => {
  it("passes the strategy without the bug, by both searches", async () => {
    const check = checker({ "my-kref.ts": kref });
    for (const explorer of ["states", "dpor"]) {
      expect((await check(...one, "--explorer", explorer)).status).toBe(0);
    }
  });

  it("tells where a strategy does not link, before anything is searched", async () => {
    const wrong = kref.replace("  store(holder, 0);", "  store(holder, {});");
    const { status, stdout, stderr } = await checker({ "my-kref.ts": wrong })(...one);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/my-kref\.ts:60:\d+: /);
  });

  it("lists programs for strategies and programs that need none", async () => {
    const { status, stdout } = await checker({})("--list");
    expect(status).toBe(0);
    expect(stdout).toMatch(/^put-vs-look-up {2}/m);
    expect(stdout).toContain("strategies  needs none");
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });
});
