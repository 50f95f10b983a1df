/**
 * What `maps-query` answers: the same whichever way it is asked for, and what the areas are. Code that answers otherwise is caught, in
 * every cell.
 */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadConfig } from "../../src/config/load.ts";
import { builtinScenarios } from "../../src/config/scenarios.ts";
import { createDirect, type Direct } from "../../src/engines/reference/index.ts";
import { simulate } from "../../src/engines/sim/index.ts";
import { LookUp, MapsLayout } from "../../src/kernel/procfs/maps/maps-names.ts";
import { openCache } from "../../src/link/cache.ts";
import { linkProgram } from "../../src/link/link.ts";
import { readStrategyMeta } from "../../src/link/meta.ts";
import { nodeHost, packageRoot } from "../../src/link/node-host.ts";
import type { SourceHost } from "../../src/link/source-host.ts";
import { buildStepped } from "../../src/link/stepped/index.ts";
import type { Cell } from "../../src/results/schema.ts";
import { planCells } from "../../src/runner/cell-spec.ts";
import { Programs } from "../../src/runner/programs.ts";
import { ScenarioCells } from "../../src/runner/scenario-cells.ts";
import { runRequest } from "../../src/runner/sim-request.ts";
import type { RunSim } from "../../src/runner/sim-thread.ts";
import { folderWith } from "../config/support.ts";

const host = nodeHost(packageRoot);

/** Libraries of four areas, the last one with two, and memory of a program without a file. */
const [areas, zonePages] = [22, 64];
const firstInode = 1_310_720;

const libraryOf = (number: number): number => MapsLayout.libraries + number * MapsLayout.libraryStride;
/** First and last pages of areas, and what is before, between and behind them. */
const pages = [
  0,
  libraryOf(0) - 1,
  libraryOf(0),
  libraryOf(0) + MapsLayout.segmentPages - 1,
  libraryOf(0) + MapsLayout.segmentPages,
  libraryOf(0) + MapsLayout.segmentPages,
  libraryOf(1) - 1,
  libraryOf(1) + 2 * MapsLayout.segmentPages + 5,
  libraryOf(3) + 4 * MapsLayout.segmentPages - 1,
  libraryOf(3) + 4 * MapsLayout.segmentPages,
  libraryOf(5) + MapsLayout.segmentPages,
  libraryOf(5) + 2 * MapsLayout.segmentPages,
  MapsLayout.zones - 1,
  MapsLayout.zones,
  MapsLayout.zones + zonePages - 1,
  MapsLayout.zones + zonePages,
];

/** Offsets of `Known`, and bits of `VmaFlags`. */
const offsets = [0, 4, 8, 12] as const;
const nameOffset = 16;
const flags = { read: 1, write: 2, execute: 4, shared: 8 } as const;
const segmentFlags = [
  flags.read,
  flags.read | flags.execute,
  flags.read | flags.shared,
  flags.read | flags.write,
];

/** First page, page behind the last, flags, offset in the file and name of the area that a page lies in, by the layout alone. */
function areaOf(page: number): readonly (number | string)[] | null {
  const zone = page - MapsLayout.zones;
  if (zone >= 0)
    return zone < zonePages
      ? [MapsLayout.zones, MapsLayout.zones + zonePages, flags.read | flags.write, 0, ""]
      : null;
  const library = Math.floor((page - MapsLayout.libraries) / MapsLayout.libraryStride);
  const segment = Math.floor((page - libraryOf(library)) / MapsLayout.segmentPages);
  if (library < 0 || segment >= MapsLayout.segments || library * MapsLayout.segments + segment >= areas)
    return null;
  const start = libraryOf(library) + segment * MapsLayout.segmentPages;
  const name = `/usr/lib/x86_64-linux-gnu/lib${firstInode + library}.so.1`;
  const offset = segment * MapsLayout.segmentPages;
  return [start, start + MapsLayout.segmentPages, segmentFlags[segment] ?? -1, offset, name];
}

/** A host with a change in one source; Error where there is nothing to change. */
function mutated(file: string, from: string, to: string): SourceHost {
  const read = (path: string): string | undefined => {
    const text = host.read(path);
    if (text === undefined || !path.endsWith(`procfs/maps/${file}`)) return text;
    if (text.split(from).length !== 2) throw new Error(`${file} has not one \`${from}\``);
    return text.replace(from, to);
  };
  return { read, resolve: host.resolve.bind(host), display: host.display.bind(host) };
}

/** The program, with all pages looked up. */
function lookedUp(lookUp: LookUp, sources: SourceHost = host, batches = 1): Direct {
  const program = linkProgram(
    {
      module: join(packageRoot, "test/programs/maps-answers.ts"),
      callbacks: join(packageRoot, "src/kernel/procfs/maps/callbacks.ts"),
      entries: "all",
      strategies: [],
      options: { percpuBytes: 64, lookUp },
    },
    sources,
  );
  const machine = createDirect(buildStepped(program), { memoryWords: 2 ** 17 });
  machine.call("boot", [areas, 1, zonePages, pages.length]);
  for (const page of pages) machine.call("address", [page]);
  for (let batch = 0; batch < batches; batch++) machine.call("lookUp", [0]);
  return machine;
}

/** What was told of each page. */
function answersOf(machine: Direct): (readonly (number | string)[] | null)[] {
  return pages.map((_, index) => {
    const cell = (offset: number): number => machine.call("told", [0, index, offset]);
    if (cell(0) === -1) return null;
    let name = "";
    for (let at = 0; name.length === at; at += 4) {
      const word = cell(nameOffset + at);
      for (let shift = 0; shift < 32 && ((word >>> shift) & 0xff) !== 0; shift += 8)
        name += String.fromCharCode((word >>> shift) & 0xff);
      if (name.length < at + 4) break;
    }
    return [...offsets.map(cell), name];
  });
}

const ways = [
  ["text", LookUp.text],
  ["cached", LookUp.cached],
  ["query", LookUp.query],
] as const;

describe("answers", () => {
  it.each(ways)("by %s are what the areas are, where nothing changes", (_, way) => {
    const machine = lookedUp(way, host, 3);
    expect(answersOf(machine)).toEqual(pages.map(areaOf));
    expect(machine.call("wrong", [0])).toBe(0);
    // There is something to tell, and something to leave out.
    expect(pages.filter((page) => areaOf(page) === null)).toHaveLength(7);
  });
});

const answer = "page < start ? 0 : known + 1";

describe("wrong answers", () => {
  it.each([
    ["none at all by text", LookUp.text, "look-up.ts", answer, "0"],
    ["none at all by query", LookUp.query, "look-up.ts", answer, "0"],
    ["areas behind gaps for pages in them", LookUp.query, "look-up.ts", answer, "known + 1"],
    ["the area before", LookUp.cached, "look-up.ts", answer, "page < start ? 0 : known"],
    ["an end in parsed text", LookUp.text, "parse.ts", "end = 14", "end = 13"],
    ["a permission in parsed text", LookUp.text, "parse.ts", "at + 1) === 0x77", "at + 1) === 0x78"],
    ["offsets in parsed text", LookUp.text, "parse.ts", "offsetDigits: i32 = 5", "offsetDigits: i32 = 4"],
    [
      "names in parsed text",
      LookUp.text,
      "parse.ts",
      "return copyName(buffer, at,",
      "return copyName(buffer, at + 1,",
    ],
    ["flags of queries", LookUp.query, "query.ts", "load(vma + Vma.flags)", "1"],
    ["offsets of queries", LookUp.query, "query.ts", "file === 0 ? 0 : pageOffset", "pageOffset"],
    ["names of queries", LookUp.query, "query.ts", "at < bytes; at += 4", "at < bytes - 4; at += 4"],
    [
      "permissions in written text",
      LookUp.text,
      "text.ts",
      "VmaFlags.execute) !== 0",
      "VmaFlags.execute) === 0",
    ],
  ])("are counted: %s", (_, way, file, from, to) => {
    const sources = mutated(file, from, to);
    expect(lookedUp(way, sources).call("wrong", [0])).toBeGreaterThan(0);
  });
});

const here: RunSim = async ({ typed }, request) =>
  runRequest(request, buildStepped(typed), simulate, () => {});

/** The one cell of a config, of the program as the host has it. */
async function cellOf(config: string, sources: SourceHost = host): Promise<Cell> {
  const cells = new ScenarioCells(new Programs(sources, openCache()), sources, here);
  const [spec] = planCells(
    loadConfig(
      "maps.yaml",
      {},
      {
        workingFolder: folderWith({ "maps.yaml": config }),
        strategiesFolder: join(packageRoot, "strategies"),
        describe: (path: string) => readStrategyMeta(path, host),
        scenarios: builtinScenarios,
      },
    ),
  );
  if (spec === undefined) throw new Error("no cell");
  return cells.run(spec, { signal: new AbortController().signal, progress: () => {} });
}

const onSim = "engine: sim\nmachine: epyc-9654\nrepetitions: 1\n";
const onThreads = "engine: threads\nrepetitions: 1\nwarmupRuns: 0\n";
const long = { timeout: 180_000 };

describe("a cell", () => {
  const config = (variant: string, engine: string, more = ""): string =>
    `scenario: maps-query\nvariants: [${variant}]\n${engine}workload: { addresses: 200, areas: 60, batches: 3${more} }\n`;
  const beside = config("cached", `${onSim}cpus: [2]\n`, ", changers: 1");

  it.each([
    ["sim", "query", config("query", `${onSim}cpus: [1]\n`)],
    ["threads", "text", config("text", `${onThreads}cpus: [1]\n`)],
    // The area that changes may be told as it was; all others may not.
    ["sim, beside changes,", "cached", beside],
  ])("on %s with wrong answers by %s has violations", long, async (_, __, text) => {
    const broken = await cellOf(text, mutated("look-up.ts", answer, "0"));
    expect(broken.violationsByVerdict).toEqual({ wrongAnswers: expect.any(Number) });
    expect(broken.violations).toBeGreaterThan(100);
    expect(broken.violations).toBeLessThanOrEqual(200);
  });

  it("has none with right ones, and the same figures whether or not it is judged", long, async () => {
    const judged = await cellOf(beside);
    expect(judged).toMatchObject({ violations: 0, leaked: 0 });
    const { figures, requestsPerSecond } = await cellOf(
      beside,
      mutated("program.ts", "  judgeAtEnd(cpu);\n", ""),
    );
    expect({ figures, requestsPerSecond }).toEqual({
      figures: judged.figures,
      requestsPerSecond: judged.requestsPerSecond,
    });
  });
});
