/**
 * Links the programs that a cell needs: the kernel with one strategy, as the config sets it up, for threads (WebAssembly,
 * kept in the cache) and for the reference engine (stepped).
 */

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { bufferKinds, labelSets } from "../config/schema.ts";
import { compileOptimised, hostWasmOptions } from "../engines/threads/index.ts";
import { cacheKey, type LinkCache } from "../link/cache.ts";
import type { IrProgram } from "../link/ir.ts";
import { kernelProgram, linkProgram } from "../link/link.ts";
import { describeUse } from "../link/meta.ts";
import type { SourceHost } from "../link/source-host.ts";
import { buildStepped, type SteppedProgram } from "../link/stepped/index.ts";
import { buildWasm } from "../link/wasm/index.ts";
import type { Workload } from "../workloads/index.ts";
import type { CellSpec } from "./cell-spec.ts";

/** What of a cell decides its program; everything else is the script's or the engine's. */
export interface ProgramChoice
  extends Pick<
    CellSpec,
    | "strategy"
    | "hooks"
    | "creds"
    | "labelLayout"
    | "labelSet"
    | "labelSetRetries"
    | "buffers"
    | "maxLabelParts"
    | "gracePeriodUs"
  > {
  /** Labels that there will be at a time: they decide how much per-CPU memory the kernel sets apart. */
  readonly labels: number;
  /** Instead of what `labels` decides: per-CPU memory of each CPU, bytes. */
  readonly percpuBytes?: number;
  /** Whether each script record is marked, for latencies of events. */
  readonly eventMarks?: boolean;
}

/** The choice for a cell's specification, and the population of its workload. */
export function programChoice(spec: CellSpec, { population }: Workload): ProgramChoice {
  return { ...spec, labels: population.totalLabels ?? population.profiles + 1 };
}

/** The numbers that the kernel's option `hooks` takes. */
const hookLevel = { "v6.6": 66, "v6.7": 67, "v6.11": 611 } as const;

/** Least per-CPU bytes, and the most for labels that are there at a time. */
const [leastPercpuBytes, mostPercpuBytes] = [32_768, 1_048_576];
/**
 * Per-CPU bytes where labels go when a scan comes round: those that were dropped since keep their counters. Half a million of
 * them: more than a policy that changes without pause drops in the five seconds between two scans.
 */
const scannedPercpuBytes = 4_194_304;

/**
 * Per-CPU bytes for so many labels: 8 for each counter, and for what is retired and not yet freed a quarter more and as much
 * as the least, since whoever replaces policy without pause retires labels faster than grace periods end.
 */
function percpuBytes(labels: number): number {
  return Math.min(mostPercpuBytes, leastPercpuBytes + Math.ceil((labels * 10) / 4096) * 4096);
}

function kernelOptions(choice: ProgramChoice, verify: boolean, scanned: boolean): Record<string, number> {
  return {
    percpuBytes: choice.percpuBytes ?? (scanned ? scannedPercpuBytes : percpuBytes(choice.labels)),
    eventMarks: choice.eventMarks === true ? 1 : 0,
    verify: verify ? 1 : 0,
    hooks: hookLevel[choice.hooks],
    creds: choice.creds === "atomic" ? 0 : 1,
    labelLayout: choice.labelLayout === "shared" ? 0 : 1,
    labelSet: labelSets.indexOf(choice.labelSet),
    labelSetRetries: choice.labelSetRetries,
    buffers: bufferKinds.indexOf(choice.buffers),
    maxLabelParts: choice.maxLabelParts,
    gracePeriodUs: choice.gracePeriodUs,
  };
}

/** Linked programs of one process: each is linked once, however many cells use it. */
export class Programs {
  private readonly linked = new Map<string, IrProgram>();
  private readonly compiled = new Map<IrProgram, Promise<WebAssembly.Module>>();
  private readonly stepped = new Map<IrProgram, SteppedProgram>();
  private readonly hashes = new Map<IrProgram, string>();
  private readonly backEnd = backEndHash();

  constructor(
    private readonly host: SourceHost,
    private readonly cache: LinkCache,
  ) {}

  /**
   * The program in the typed form.
   * @param verify with the books that the kernel keeps beside the strategy; never for measured runs
   * @throws RefplayErrors with every mistake in the strategy's source
   */
  link(choice: ProgramChoice, verify: boolean): IrProgram {
    const { path, options, parts = {} } = choice.strategy;
    const { releases } = describeUse(choice.strategy, this.host).capabilities;
    const settings = kernelOptions(choice, verify, releases === "scan");
    const key = cacheKey({ path, options, parts, settings });
    const known = this.linked.get(key);
    if (known !== undefined) return known;
    const program = linkProgram(kernelProgram({ path, options, parts }, settings, this.host), this.host);
    this.linked.set(key, program);
    return program;
  }

  /** What tells programs apart: the typed form itself, so that two sources that link to the same are the same. */
  hash(program: IrProgram): string {
    const known = this.hashes.get(program);
    if (known !== undefined) return known;
    const made = cacheKey(JSON.stringify(program, entriesOfMaps));
    this.hashes.set(program, made);
    return made;
  }

  /** The program for threads. */
  module(program: IrProgram): Promise<WebAssembly.Module> {
    const known = this.compiled.get(program);
    if (known !== undefined) return known;
    const made = this.compile(program);
    this.compiled.set(program, made);
    return made;
  }

  private async compile(program: IrProgram): Promise<WebAssembly.Module> {
    // The typed form is the content: two sources that link to the same program share one artefact.
    const input = {
      program: this.hash(program),
      ...hostWasmOptions,
      backEnd: this.backEnd,
    };
    const binary = await this.cache.getOrMake(
      input,
      async () => (await buildWasm(program, hostWasmOptions)).binary,
    );
    return compileOptimised(binary);
  }

  /** The program for the reference engine. */
  steppedProgram(program: IrProgram): SteppedProgram {
    const known = this.stepped.get(program);
    if (known !== undefined) return known;
    const made = buildStepped(program);
    this.stepped.set(program, made);
    return made;
  }
}

/** Hash of the WebAssembly back end itself: another one makes something else of the same typed form. */
function backEndHash(): string {
  const folder = join(dirname(fileURLToPath(import.meta.url)), "..", "link", "wasm");
  const files = readdirSync(folder).sort();
  return cacheKey(files.map((name) => [name, readFileSync(join(folder, name))]));
}

function entriesOfMaps(_key: string, value: unknown): unknown {
  return value instanceof Map ? [...value] : value;
}
