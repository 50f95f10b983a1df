/** `refplay maps`: which mappings of a running process addresses lie in, by the kernel's query or by the text of its maps. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { RefplayError } from "../errors.ts";
import { parseAddresses, sampleAddresses } from "../procmaps/addresses.ts";
import { compareAnswers, timeBatches } from "../procmaps/compare.ts";
import type { Mapping, Question } from "../procmaps/mapping.ts";
import { findMapping, parseMaps } from "../procmaps/maps-text.ts";
import { ProcessMaps } from "../procmaps/process-maps.ts";
import { type AskKernel, loadQueryCall, type QueryCall } from "../procmaps/query-call.ts";
import {
  comparisonText,
  type Found,
  foundText,
  type MapsComparison,
  mappingData,
} from "../procmaps/report.ts";
import { type CliIo, exitStatus } from "./io.ts";

export interface MapsFlags {
  /** A process number or `self`. */
  readonly pid?: string;
  /** File with addresses; excludes `sample`. */
  readonly addresses?: string;
  /** How many addresses to draw from the mappings. */
  readonly sample?: number;
  readonly seed?: string;
  readonly compare?: boolean;
  /** `auto`: by query where that is possible. */
  readonly via?: string;
  /** Where nothing covers an address, the next mapping above it will do. */
  readonly next?: boolean;
  readonly readable?: boolean;
  readonly writable?: boolean;
  readonly executable?: boolean;
  readonly shared?: boolean;
  readonly fileBacked?: boolean;
  readonly buildId?: boolean;
  /** Timed rounds of a comparison. */
  readonly rounds?: number;
  readonly json?: boolean;
}

export const viaNames = ["auto", "query", "text"] as const;
const defaults = { sample: 20, rounds: 20, seed: "maps" } as const;
const most = { sample: 1_000_000, rounds: 100_000 } as const;

/** Returns the exit status: 1 where query and text differ. @throws RefplayError where the process cannot be asked */
export async function mapsCommand(
  flags: MapsFlags,
  io: CliIo,
  loadCall: () => Promise<QueryCall> = loadQueryCall,
): Promise<number> {
  checkFlags(flags);
  const maps = ProcessMaps.open(flags.pid ?? "self");
  try {
    const call = await loadCall();
    return flags.compare === true ? compare(maps, call, flags, io) : lookUp(maps, call, flags, io);
  } finally {
    maps.close();
  }
}

function checkFlags({ sample, rounds, addresses, via, compare, buildId }: MapsFlags): void {
  for (const [name, value] of Object.entries({ sample, rounds })) {
    const limit = most[name as keyof typeof most];
    if (value !== undefined && (value < 1 || value > limit))
      throw new RefplayError("bad-number", `--${name} takes 1 to ${limit}, not ${value}`);
  }
  if (addresses !== undefined && sample !== undefined)
    throw new RefplayError("bad-flags", "--addresses and --sample exclude each other", {
      hint: "give one of them",
    });
  if (compare === true && via !== undefined && via !== "auto")
    throw new RefplayError("bad-flags", `--compare asks both ways, so --via ${via} makes no sense`);
  if (buildId === true && (via === "text" || compare === true))
    throw new RefplayError("bad-flags", "only the query tells build IDs", {
      hint: "leave out --compare and --via",
    });
}

function questionOf(flags: MapsFlags): Question {
  const { readable, writable, executable, shared, fileBacked } = flags;
  const chosen = Object.entries({ readable, writable, executable, shared, fileBacked }).filter(
    ([, on]) => on,
  );
  return { orNext: flags.next === true, filter: Object.fromEntries(chosen) };
}

function addressesOf(maps: ProcessMaps, flags: MapsFlags, io: CliIo): readonly bigint[] {
  const { addresses: path, sample = defaults.sample, seed = defaults.seed } = flags;
  if (path === undefined) return sampleAddresses(parseMaps(maps.text()), sample, seed);
  let text: string;
  try {
    text = readFileSync(resolve(io.workingFolder, path), "utf8");
  } catch (error) {
    throw new RefplayError("no-file", `${path} cannot be read: ${(error as NodeJS.ErrnoException).code}`, {
      hint: "a file with one hexadecimal address per line",
    });
  }
  return parseAddresses(text, path);
}

function compare(maps: ProcessMaps, call: QueryCall, flags: MapsFlags, io: CliIo): number {
  if ("missing" in call)
    throw new RefplayError("no-query", `there is no query to compare with: ${call.missing}`, {
      hint: "`npm install koffi`, on Linux 6.11 or later; without --compare the text alone answers",
    });
  const question = questionOf(flags);
  const addresses = addressesOf(maps, flags, io);
  const agreement = compareAnswers(maps, call.ask, addresses, question);
  const times = timeBatches(maps, call.ask, addresses, question, flags.rounds ?? defaults.rounds);
  const comparison: MapsComparison = { pid: maps.pid, addresses, ...agreement, ...times };
  io.stdout(comparisonText(comparison, flags.json === true));
  // Where the mappings changed all the time nothing was compared, which is no agreement.
  const compared = addresses.length === 0 || agreement.answers.some((answer) => answer !== undefined);
  return agreement.differences.length === 0 && compared ? exitStatus.fine : exitStatus.failed;
}

function lookUp(maps: ProcessMaps, call: QueryCall, flags: MapsFlags, io: CliIo): number {
  const question = questionOf(flags);
  const addresses = addressesOf(maps, flags, io);
  const { answers, via } = answersOf(maps, call, addresses, question, flags, io);
  const found = addresses.map((address, index): Found => ({ address, ...(answers[index] as Answered) }));
  if (flags.json === true) {
    const rows = found.map(({ address, mapping, buildId }) => ({
      address: `0x${address.toString(16)}`,
      mapping: mappingData(mapping),
      ...(buildId === "" ? {} : { buildId }),
    }));
    io.stdout(`${JSON.stringify({ pid: maps.pid, via, answers: rows }, null, 2)}\n`);
  } else io.stdout(foundText(found));
  return exitStatus.fine;
}

interface Answered {
  readonly mapping: Mapping | null;
  readonly buildId: string;
}

/** By query where that is possible and wanted; by text, with a word about it, where only `auto` was asked for. */
function answersOf(
  maps: ProcessMaps,
  call: QueryCall,
  addresses: readonly bigint[],
  question: Question,
  flags: MapsFlags,
  io: CliIo,
): { readonly answers: readonly Answered[]; readonly via: "query" | "text" } {
  if (flags.via !== "text") {
    try {
      const ask = askOf(call);
      const answers = addresses.map(
        (address) =>
          maps.ask(ask, address, question, flags.buildId === true) ?? { mapping: null, buildId: "" },
      );
      return { answers, via: "query" };
    } catch (error) {
      const isMissing = error instanceof RefplayError && error.code === "no-query";
      if (!isMissing || flags.via === "query" || flags.buildId === true) throw error;
      io.stderr(`note: ${error.message}; the text of the maps is used instead\n`);
    }
  }
  const mappings = parseMaps(maps.text());
  const answers = addresses.map((address) => ({
    mapping: findMapping(mappings, address, question),
    buildId: "",
  }));
  return { answers, via: "text" };
}

function askOf(call: QueryCall): AskKernel {
  if ("ask" in call) return call.ask;
  throw new RefplayError("no-query", `there is no query: ${call.missing}`, {
    hint: "`npm install koffi`, on Linux 6.11 or later, or leave out --via and --build-id",
  });
}
