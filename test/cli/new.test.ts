/** `refplay new strategy`: what it writes works, and where it cannot write all it writes nothing. */
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { realServices } from "../../src/cli/services.ts";
import { packageRoot } from "../../src/link/node-host.ts";
import { session } from "./support.ts";

const { checks, describe: describeStrategy, prepare, strategiesFolder } = realServices();
const real = { checks, describe: describeStrategy, prepare, strategiesFolder };
const filesOf = (folder: string): string[] =>
  readdirSync(folder).filter((name) => !["configs", "strategies"].includes(name));

describe("refplay new strategy", () => {
  it("writes a strategy and a config that name it, and says what to do with them", async () => {
    const { run, folder } = session({}, real);
    const { status, stdout, stderr } = await run("new", "strategy", "split-counter");
    expect([status, stderr]).toEqual([0, ""]);
    expect(filesOf(folder).sort()).toEqual(["split-counter.ts", "split-counter.yaml"]);
    const text = readFileSync(join(folder, "split-counter.ts"), "utf8");
    expect(text).toContain('title: "split-counter"');
    expect(text + readFileSync(join(folder, "split-counter.yaml"), "utf8")).not.toContain("my-strategy");
    expect(stdout.match(/^ {2}refplay .*/gm)).toEqual([
      "  refplay check ./split-counter.ts --program put-vs-look-up",
      "  refplay check ./split-counter.ts",
      "  refplay run ./split-counter.yaml",
    ]);
    const guide = / {2}(\S+write-a-strategy\.md)$/m.exec(stdout)?.[1];
    expect(existsSync(join(folder, guide ?? "")) || existsSync(guide ?? "")).toBe(true);
  });

  it("writes what the checker passes and a run takes", async () => {
    const { run, measured } = session({}, real);
    await run("new", "strategy", "mine");
    const check = await run("check", "./mine.ts", "--program", "put-vs-look-up", "--program", "get-put");
    expect([check.status, check.stderr]).toEqual([0, ""]);
    expect((await run("run", "./mine.yaml", "--cpus", "1")).status).toBe(0);
    expect(measured).toEqual(["kref@1", "mine@1", "mine#2@1"]);
  });

  it("writes to another folder, and never over a file", async () => {
    const { run, folder } = session({ "sub/mine.yaml": "mine" }, real);
    mkdirSync(join(folder, "other"));
    const done = await run("new", "strategy", "mine", "--dir", "other");
    expect(done.stdout).toContain("refplay run ./other/mine.yaml");
    const refused = await run("new", "strategy", "mine", "--dir", "sub");
    expect([refused.status, refused.stdout]).toEqual([2, ""]);
    expect(refused.stderr).toMatch(
      /^error: `\.\/sub\/mine\.yaml` is there already\n {2}Nothing was written\./,
    );
    expect(readdirSync(join(folder, "sub"))).toEqual(["mine.yaml"]);
    expect((await run("new", "strategy", "mine", "--dir", "gone")).stderr).toMatch(
      /^error: there is no folder `gone`\n/,
    );
  });

  it.each([
    ["Mine", /`Mine` cannot be a strategy's name\n {2}A name is lower-case/],
    ["mine.ts", /`mine\.ts` cannot be/],
    ["../mine", /`\.\.\/mine` cannot be/],
    ["a--b", /`a--b` cannot be/],
    ["", /`` cannot be/],
    ["x".repeat(41), /of 41 characters; 40 are the most/],
    ["kref", /`kref` is a built-in strategy\n {2}Tables would show two/],
  ])("refuses the name %j and writes nothing", async (name, message) => {
    const { run, folder } = session({}, real);
    const { status, stdout, stderr } = await run("new", "strategy", name);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(message);
    expect(filesOf(folder)).toEqual([]);
  });

  it("makes strategies only", async () => {
    const { status, stderr } = await session({}, real).run("new", "stratgy", "mine");
    expect(status).toBe(2);
    expect(stderr).toMatch(/cannot make a new `stratgy`; did you mean `strategy`\?/);
  });

  it("has a template whose name is nowhere else in it", () => {
    const template = readFileSync(join(packageRoot, "strategies/template/my-strategy.ts"), "utf8");
    expect(template.match(/my-strategy/g)).toHaveLength(2);
  });
});
