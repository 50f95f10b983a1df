/** Runs whole commands in this process, with streams kept as text and cells that are made up. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { runCli } from "../../src/cli/cli.ts";
import type { CliIo, CliServices } from "../../src/cli/io.ts";
import { builtinScenarios } from "../../src/config/scenarios.ts";
import type { Cell } from "../../src/results/schema.ts";
import type { CellControl, CellSpec } from "../../src/runner/cell-spec.ts";
import { describeStrategy, folderWith, strategyFiles } from "../config/support.ts";
import { madeUpChecks } from "./check-support.ts";

/** A cell as an engine would make it, the same for the same spec. */
export function madeUpCell(spec: CellSpec, changes: Partial<Cell> = {}): Cell {
  const requestsPerSecond = 1_000_000 * spec.cpus + spec.strategy.name.length;
  return {
    id: spec.id,
    strategy: spec.strategy.instance,
    strategyOptions: { ...spec.strategy.options },
    engine: spec.engine,
    workload: spec.workload.scenario,
    cpus: spec.cpus,
    requestsPerSecond,
    requestsPerSecondSpread: {
      min: requestsPerSecond - 10,
      max: requestsPerSecond + 10,
      medianAbsDev: 5,
      repetitions: [requestsPerSecond - 10, requestsPerSecond, requestsPerSecond + 10],
    },
    requests: 1000,
    elapsedNs: 1_000_000,
    pairNs: { p50: 4.3, p99: 8.25, max: 1200 },
    rmwPerRequest: 6,
    rmwPerRequestTotal: 12.5,
    labelBytes: 128,
    leaked: 0,
    openAtEnd: 0,
    violations: 0,
    oversubscribed: false,
    pinned: false,
    verify: false,
    events: { open: 1000, close: 1000 },
    notes: [],
    ...changes,
  };
}

/** What a session runs where no config is named. */
const standardConfig = "seed: standard\ncpus: [4]\nstrategies: [kref, ./mine.ts]\n";

/** A terminal that keeps what is written to it. */
export function keptTerminal(columns = 80): { stream: NodeJS.WriteStream; text(): string } {
  let text = "";
  const stream = new PassThrough() as unknown as NodeJS.WriteStream;
  const controls = { cursorTo: "<start>", clearLine: "<clear>", moveCursor: "", clearScreenDown: "" };
  for (const [name, shown] of Object.entries(controls))
    Object.assign(stream, {
      [name]: () => {
        text += shown;
        return true;
      },
    });
  Object.assign(stream, {
    isTTY: true,
    columns,
    write: (part: string) => {
      text += part;
      return true;
    },
  });
  return { stream, text: () => text };
}

export interface Session {
  readonly folder: string;
  /** Ids of the cells that were measured, in order, over all commands. */
  readonly measured: string[];
  /** What Ctrl-C does now; undefined outside a run. */
  interrupt(): void;
  run(...args: string[]): Promise<{ status: number; stdout: string; stderr: string }>;
}

/** A folder with `files` and three small strategies, and a way to run commands in it. */
export function session(
  files: Readonly<Record<string, string>> = {},
  services: Partial<CliServices> = {},
  surroundings: Partial<Pick<CliIo, "terminal" | "color">> = {},
): Session {
  const folder = folderWith({ ...strategyFiles, "configs/standard.yaml": standardConfig, ...files });
  const measured: string[] = [];
  let stop: (() => void) | undefined;
  const runCell = services.runCell ?? (async (spec: CellSpec, _control: CellControl) => madeUpCell(spec));
  const all: CliServices = {
    scenarios: builtinScenarios,
    standardConfig: join(folder, "configs/standard.yaml"),
    strategiesFolder: join(folder, "strategies"),
    describe: describeStrategy,
    host: { cpuModel: "Made-up CPU", cores: 2, os: "Linux 6.1", node: "20.20.2", refplay: "0.1.0" },
    version: "0.1.0",
    prepare: async (cells) => cells.map(({ strategy }) => readFileSync(strategy.path, "utf8")).join(),
    whyNotPinned: async () => null,
    checks: madeUpChecks(),
    calibrate: async () => {
      throw new Error("this session measures nothing");
    },
    bench: {
      measure: async () => ({ results: [], rounds: 0, interrupted: false, compiler: null, notes: [] }),
    },
    ...services,
    runCell: (spec, control) => {
      measured.push(spec.id);
      return runCell(spec, control);
    },
  };
  return {
    folder,
    measured,
    interrupt: () => stop?.(),
    async run(...args) {
      let stdout = "";
      let stderr = "";
      const status = await runCli(
        args,
        {
          stdout: (text) => {
            stdout += text;
          },
          stderr: (text) => {
            stderr += text;
          },
          terminal: undefined,
          color: false,
          workingFolder: folder,
          command: "refplay",
          memoryBytes: 8 * 2 ** 30,
          ...surroundings,
          now: () => "2024-05-06T07:08:09.000Z",
          onInterrupt(handler) {
            stop = handler;
            return () => {
              stop = undefined;
            };
          },
        },
        all,
      );
      return { status, stdout, stderr };
    },
  };
}
