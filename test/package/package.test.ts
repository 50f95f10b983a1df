import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/link/node-host.ts";
import { install, type Packed, pack } from "./packed.ts";

/** Upper bounds that a careless `files` entry passes at once; the sizes of today are in the changelog. */
const mostTarballBytes = 3_000_000;
const mostUnpackedBytes = 12_000_000;

describe("the package", () => {
  let packed: Packed;
  let folder: string;
  beforeAll(() => {
    packed = pack();
    folder = install(packed);
  }, 240_000);

  const manifest = (): Record<string, unknown> =>
    JSON.parse(readFileSync(join(folder, "node_modules/refplay/package.json"), "utf8"));

  function refplay(...command: string[]): { status: number | null; stdout: string; stderr: string } {
    const bin = join(folder, "node_modules/refplay/bin/refplay.js");
    return spawnSync(process.execPath, [bin, ...command], { cwd: folder, encoding: "utf8" });
  }

  it("has nothing that publint finds fault with", async () => {
    const { messages } = await publint({
      pack: { tarball: readFileSync(packed.tarball).buffer },
    });
    expect(messages.map((message) => formatMessage(message, manifest()))).toEqual([]);
  });

  it("is of the size that we say", () => {
    expect(packed.tarballBytes).toBeLessThan(mostTarballBytes);
    expect(packed.unpackedBytes).toBeLessThan(mostUnpackedBytes);
  });

  it("holds no test but the checker's programs, and no results, caches or links to elsewhere", () => {
    const odd = packed.files.filter(({ path }) =>
      /^(?:test\/(?!programs\/check\/)|results\/|\.|node_modules\/|.*\.tgz$)/.test(path),
    );
    expect(odd).toEqual([]);
  });

  it("has the file behind every export and every command", () => {
    const { exports, bin } = manifest() as { exports: Record<string, unknown>; bin: Record<string, string> };
    const paths = [
      ...Object.values(exports).flatMap((entry) =>
        typeof entry === "string" ? entry : Object.values(entry as object),
      ),
      ...Object.values(bin),
    ];
    for (const path of paths)
      expect(existsSync(join(folder, "node_modules/refplay", path as string)), path as string).toBe(true);
  });

  it("has types for a strategy and for a tool that reads results", () => {
    expect(refplay("new", "strategy", "mine").status).toBe(0);
    writeFileSync(
      join(folder, "tool.ts"),
      [
        'import { type Cell, hasFaults, type ResultsRecord, readResults } from "refplay/results";',
        'const record: ResultsRecord = readResults("run-1.json");',
        "const rates: number[] = record.cells.map((cell: Cell) => cell.requestsPerSecond);",
        "export const fine: boolean = rates.length > 0 && !hasFaults(record);",
        "",
      ].join("\n"),
    );
    const settings = {
      compilerOptions: {
        module: "nodenext",
        target: "es2023",
        strict: true,
        noEmit: true,
        allowImportingTsExtensions: true,
        skipLibCheck: false,
        types: [],
      },
      files: ["mine.ts", "tool.ts"],
    };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(settings));
    const tsc = join(packageRoot, "node_modules/typescript/bin/tsc");
    const { stdout } = spawnSync(process.execPath, [tsc, "-p", folder], { encoding: "utf8" });
    expect(stdout).toBe("");
  });

  it("runs a config with the user's own strategy, and a check, far from any clone", () => {
    const config = [
      "scenario: nginx",
      "engine: [sim, threads]",
      "cpus: [1]",
      "workload: { requests: 40 }",
      "repetitions: 1",
      "strategies: [kref, { use: ./mine.ts }]",
      "",
    ];
    writeFileSync(join(folder, "small.yaml"), config.join("\n"));
    const run = refplay("run", "small.yaml");
    expect(run.stderr).toBe("");
    expect(run.status).toBe(0);
    expect(run.stdout).toContain("Results: results/small/run-1.json");
    const check = refplay(
      "check",
      "kref",
      "--program",
      "put-vs-look-up",
      "--model",
      "sc",
      "--bound",
      "rounds=1",
    );
    expect([check.status, check.stderr]).toEqual([0, ""]);
    expect(execFileSync("ls", [folder], { encoding: "utf8" })).toContain("results");
  }, 240_000);
});
