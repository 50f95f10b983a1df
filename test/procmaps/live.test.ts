/** `refplay maps` against the running kernel, as far as it knows the query, and against kernels and machines that do not. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it, onTestFinished } from "vitest";
import type { CliIo } from "../../src/cli/io.ts";
import { type MapsFlags, mapsCommand } from "../../src/cli/maps-command.ts";
import { compareAnswers } from "../../src/procmaps/compare.ts";
import type { Question } from "../../src/procmaps/mapping.ts";
import { ProcessMaps } from "../../src/procmaps/process-maps.ts";
import { type AskKernel, loadQueryCall, type QueryCall } from "../../src/procmaps/query-call.ts";

const covering: Question = { orNext: false, filter: {} };
const onLinux = process.platform === "linux";
const real = await loadQueryCall();

/** Why the real query cannot be tested here; empty where it can. */
function reasonToSkip(): string {
  if ("missing" in real) return real.missing;
  const maps = ProcessMaps.open("self");
  try {
    maps.ask(real.ask, 0n, covering);
    return "";
  } catch (error) {
    return (error as Error).message;
  } finally {
    maps.close();
  }
}
const reason = reasonToSkip();
const because = reason === "" ? "" : ` (skipped: ${reason})`;
const ask = "ask" in real ? real.ask : (): never => expect.fail(reason);

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

/** A process with more than 2,000 mappings. */
async function manyMappings(): Promise<{ readonly pid: string; readonly end: () => Promise<void> }> {
  const file = fileURLToPath(new URL("./many-mappings.js", import.meta.url));
  const child = spawn(process.execPath, [file], { stdio: ["pipe", "pipe", "inherit"] });
  children.push(child);
  await once(child.stdout, "data");
  const end = async (): Promise<void> => {
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  };
  return { pid: String(child.pid), end };
}

interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(flags: MapsFlags, call: QueryCall = real, workingFolder = "."): Promise<Ran> {
  const said = { stdout: "", stderr: "" };
  const io = {
    workingFolder,
    stdout: (text: string) => {
      said.stdout += text;
    },
    stderr: (text: string) => {
      said.stderr += text;
    },
  } as CliIo;
  const status = await mapsCommand(flags, io, async () => call);
  return { status, ...said };
}

/** A kernel that knows the descriptor but not the query, and others that refuse. */
const refusing = (errno: number): QueryCall => ({ ask: () => ({ errno }) });
const oldKernel = refusing(constants.errno.ENOTTY);
const withoutKoffi = await loadQueryCall(() => Promise.reject(new Error("Cannot find package 'koffi'")));

describe.skipIf(reason !== "")(`query and text of a live process${because}`, () => {
  it("agree on 200 addresses of a process with thousands of mappings, and are timed", async () => {
    const { pid } = await manyMappings();
    const { status, stdout } = await run({ pid, sample: 200, compare: true, rounds: 3, json: true });
    const { mappings, covered, unsettled, differences, times } = JSON.parse(stdout);
    expect({ status, unsettled, differences }).toEqual({ status: 0, unsettled: 0, differences: 0 });
    expect(mappings).toBeGreaterThan(2000);
    expect(covered).toBeGreaterThan(140);
    expect(covered).toBeLessThan(200);
    for (const ns of [times.queryNs, times.textNs, times.readNs]) expect(ns).toBeGreaterThan(0);
  });

  it("agree with every filter, and on the next mapping above a gap", async () => {
    const { pid } = await manyMappings();
    const all = { pid, sample: 150, compare: true, rounds: 1 };
    for (const filter of ["readable", "writable", "executable", "shared", "fileBacked"] as const) {
      for (const next of [false, true]) {
        const { status, stdout } = await run({ ...all, [filter]: true, next });
        expect(stdout).toContain("150 answers are the same by query and by text.");
        expect(status).toBe(0);
      }
    }
  });

  it("agree on the process itself, which changes meanwhile", async () => {
    const { mapAlternating } = await import("./many-mappings.js");
    mapAlternating(2400);
    const { status, stdout } = await run({ sample: 200, compare: true, rounds: 2, json: true });
    const { mappings, differences, unsettled } = JSON.parse(stdout);
    expect({ status, differences, unsettled }).toEqual({ status: 0, differences: 0, unsettled: 0 });
    expect(mappings).toBeGreaterThan(2000);
  });

  it("tell name and build ID of the program that runs", async () => {
    const program = readFileSync("/proc/self/maps", "utf8")
      .split("\n")
      .find((line) => line.includes(" r-xp ") && line.includes("/node"));
    const folder = mkdtempSync(join(tmpdir(), "maps-"));
    writeFileSync(join(folder, "one.txt"), `${program?.split("-")[0]}\n`);
    const { stdout } = await run({ addresses: "one.txt", buildId: true }, real, folder);
    expect(stdout).toMatch(/^[0-9a-f]+ {2}[0-9a-f]+-[0-9a-f]+ r-xp \/\S*node/);
    const short = await run({ addresses: "one.txt", via: "text" }, real, folder);
    expect(stdout.startsWith(short.stdout.trimEnd())).toBe(true);
  });

  it("stop with a sentence when the process exits half-way", async () => {
    const { pid, end } = await manyMappings();
    const maps = ProcessMaps.open(pid);
    onTestFinished(() => maps.close());
    expect(maps.ask(ask, 0n, { ...covering, orNext: true })).not.toBeNull();
    await end();
    const gone = expect.objectContaining({
      code: "process-gone",
      message: expect.stringContaining("has exited"),
    });
    expect(() => maps.ask(ask, 0n, covering)).toThrow(gone);
    expect(() => maps.text()).toThrow(gone);
    await expect(run({ pid })).rejects.toMatchObject({ code: "no-process" });
  });
});

describe.skipIf(!onLinux)("without the query", () => {
  it.each([
    ["koffi is missing", withoutKoffi, "the package koffi is not installed"],
    ["the kernel is old", oldKernel, "this kernel does not know PROCMAP_QUERY"],
  ])("where %s the text answers, and says so", async (_what, call, why) => {
    const { status, stdout, stderr } = await run({ sample: 5 }, call);
    expect(status).toBe(0);
    expect(stderr).toContain(why);
    expect(stderr).toContain("the text of the maps is used instead");
    expect(stdout.trimEnd().split("\n")).toHaveLength(5);
  });

  it.each<[string, QueryCall, MapsFlags]>([
    ["comparing without koffi", withoutKoffi, { compare: true }],
    ["comparing on an old kernel", oldKernel, { compare: true }],
    ["asking for the query without koffi", withoutKoffi, { via: "query" }],
    ["asking for the query on an old kernel", oldKernel, { via: "query" }],
    ["asking for build IDs without koffi", withoutKoffi, { buildId: true }],
  ])("%s is an error that says what it takes", async (_what, call, flags) => {
    await expect(run(flags, call)).rejects.toMatchObject({
      code: "no-query",
      hint: expect.stringContaining("6.11"),
    });
  });
});

describe.skipIf(!onLinux)("a process that cannot be asked", () => {
  it.each([
    ["0", "bad-pid"],
    ["init", "bad-pid"],
    ["4194305", "no-process"],
  ])("such as %s is refused with %s", async (pid, code) => {
    await expect(run({ pid })).rejects.toMatchObject({ code });
  });

  it("because it is another user's is told so, also where only the query is refused", async () => {
    const denied = refusing(constants.errno.EACCES);
    await expect(run({ via: "query" }, denied)).rejects.toMatchObject({ code: "not-permitted" });
    const failed = refusing(constants.errno.EINVAL);
    await expect(run({}, failed)).rejects.toMatchObject({ message: expect.stringContaining("EINVAL") });
  });

  const isInitForbidden = (): boolean => {
    try {
      readFileSync("/proc/1/maps");
      return false;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === "EACCES";
    }
  };
  it.skipIf(!onLinux || !isInitForbidden())(
    "because init is not ours is told so (skipped where it is)",
    async () => {
      await expect(run({ pid: "1" })).rejects.toMatchObject({ code: "not-permitted" });
    },
  );

  it("because there is no procfs is told so", () => {
    expect(() => ProcessMaps.open("1", tmpdir())).toThrow(expect.objectContaining({ code: "no-procfs" }));
  });

  it("because it has no mappings, as the kernel's own and zombies, is told so", () => {
    const folder = mkdtempSync(join(tmpdir(), "proc-"));
    mkdirSync(join(folder, "self"));
    writeFileSync(join(folder, "self", "maps"), "");
    const maps = ProcessMaps.open("self", folder);
    onTestFinished(() => maps.close());
    expect(() => maps.text()).toThrow(expect.objectContaining({ code: "process-gone" }));
  });
});

describe.skipIf(!onLinux)("a comparison", () => {
  /** A query that tells every mapping with another permission than it has. */
  const lying: AskKernel = (descriptor, address, question, wantsBuildId) => {
    const answer = ask(descriptor, address, question, wantsBuildId);
    if (answer === null || "errno" in answer) return answer;
    return { ...answer, mapping: { ...answer.mapping, shared: !answer.mapping.shared } };
  };

  it.skipIf(reason !== "")("that finds differences shows them and fails", async () => {
    const { pid } = await manyMappings();
    const { status, stdout } = await run({ pid, sample: 30, compare: true, rounds: 1 }, { ask: lying });
    expect(status).toBe(1);
    expect(stdout).toMatch(/\d+ differ:\n {2}[0-9a-f]+ {2}query: .*\n +text: /);
  });

  it.skipIf(reason !== "")("says where the mappings never stood still", async () => {
    const { pid } = await manyMappings();
    const maps = ProcessMaps.open(pid);
    onTestFinished(() => maps.close());
    const first = maps.text();
    const start = BigInt(`0x${first.slice(0, first.indexOf("-"))}`);
    let looks = 0;
    maps.text = () => {
      looks += 1;
      return looks % 2 === 0 ? first : first.slice(first.indexOf("\n") + 1);
    };
    const { answers, differences } = compareAnswers(maps, ask, [start], covering);
    expect(answers).toEqual([undefined]);
    expect(differences).toEqual([]);
  });

  it("refuses flags that make no sense together, and numbers out of range", async () => {
    const wrong: MapsFlags[] = [
      { addresses: "a", sample: 3 },
      { compare: true, via: "text" },
      { compare: true, buildId: true },
      { via: "text", buildId: true },
    ];
    for (const flags of wrong) await expect(run(flags)).rejects.toMatchObject({ code: "bad-flags" });
    await expect(run({ sample: 0 })).rejects.toThrow("--sample takes 1 to 1000000, not 0");
    await expect(run({ rounds: 0 })).rejects.toThrow("--rounds takes 1 to 100000, not 0");
    await expect(run({ addresses: "missing.txt" })).rejects.toMatchObject({ code: "no-file" });
  });
});
