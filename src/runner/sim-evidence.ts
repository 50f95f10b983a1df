/**
 * What moved, in words: a cache line is named by the object or the global that lies in it, and by the code that asked for it.
 * Numbers come from the simulator; names from the linked program.
 */
import { isAbsolute, relative, resolve, sep } from "node:path";
import { Distance, type HotLine, type SimResult } from "../engines/sim/types.ts";
import { Kind } from "../kernel/core/kinds.ts";
import { packageRoot } from "../link/node-host.ts";
import type { SteppedProgram } from "../link/stepped/index.ts";
import { fieldIn, structsOf, symbolsOf } from "../link/symbols.ts";
import { Boot } from "../machine/memory-map.ts";
import { Op } from "../machine/ops.ts";
import type { Cell } from "../results/schema.ts";

type HottestLine = NonNullable<Cell["hottestLines"]>[number];
type Ownership = NonNullable<Cell["ownership"]>;
type LineObject = NonNullable<HotLine["object"]>;

/** What of a machine and its load decides names. */
export interface Named {
  readonly cpus: number;
  /** Profiles that `boot` makes beside `unconfined`. */
  readonly profiles: number;
  /** Of a program that has objects of its own: names of their kinds, and of single ones by `kind#serial`. */
  readonly objects?: {
    readonly kinds: Readonly<Record<number, string>>;
    readonly called: Readonly<Record<string, string>>;
  };
}

/** Places in the code that are told for a line, and transfers of its timeline. */
const [mostPlaces, mostEntries] = [4, 256];

/** Counts by distance, named. */
export function byDistance(counts: readonly number[]): HottestLine["byDistance"] {
  const of = (distance: Distance): number => counts[distance] ?? 0;
  return {
    self: of(Distance.self),
    smt: of(Distance.smt),
    l3: of(Distance.l3),
    socket: of(Distance.socket),
    cross: of(Distance.cross),
    memory: of(Distance.memory),
  };
}

/** A function that names cells: `label(unconfined).refs`, `heapLock`, `cpu3.rcuSeen`. */
function namer(program: SteppedProgram, { cpus, objects, profiles }: Named) {
  const structs = structsOf(program);
  const symbol = symbolsOf(program, cpus);
  return (address: number, object: LineObject | undefined): string => {
    if (object === undefined) {
      const boot = Boot[address];
      return symbol(address) ?? (boot === undefined ? `0x${address.toString(16)}` : `boot.${boot}`);
    }
    const kinds = objects?.kinds ?? Kind;
    const kind = kinds[object.kind] ?? `kind ${object.kind}`;
    const struct = structs.find(({ name }) => name.toLowerCase() === kind.toLowerCase());
    const field = fieldIn(struct, address - object.address);
    const which =
      objects === undefined
        ? whichOf(object, profiles)
        : (objects.called[`${object.kind}#${object.serial}`] ?? `#${object.serial}`);
    const name = `${kind}${which}`;
    return field === undefined ? `${name}+${address - object.address}` : `${name}.${field}`;
  };
}

/**
 * Which one of its kind: `boot` makes the root's `unconfined` first, then the profiles in their order, each with its label and proxy;
 * what comes later has a number only.
 */
function whichOf({ kind, serial }: LineObject, profiles: number): string {
  const ofProfile = kind === Kind.label || kind === Kind.profile || kind === Kind.proxy;
  if (!ofProfile || serial > profiles + 1) return `#${serial}`;
  return serial === 1 ? "(unconfined)" : `(profile ${serial - 1})`;
}

/** This package's own files by their path in it, so that results do not depend on where refplay lies and was started. */
function fileInPackage(file: string): string {
  const path = relative(packageRoot, resolve(file));
  return path.startsWith("..") || isAbsolute(path) ? file : path.split(sep).join("/");
}

/** Those for which CPUs waited longest, all waits together, first: a line may move often and cost little. */
function byWaiting(lines: readonly HotLine[]): readonly HotLine[] {
  return [...lines].sort((a, b) => b.waitNs - a.waitNs || a.address - b.address);
}

/** The hottest lines with their names, hottest first. */
export function hottestLines(
  program: SteppedProgram,
  named: Named,
  { hotLines, requests }: SimResult,
): HottestLine[] {
  const nameOf = namer(program, named);
  return byWaiting(hotLines).map((line) => ({
    symbol: nameOf(line.cell, line.object),
    transfers: line.transfers,
    transfersPerRequest: requests === 0 ? 0 : line.transfers / requests,
    byDistance: byDistance(line.transfersByDistance),
    loads: line.loads,
    meanWaitNs: line.transfers === 0 ? 0 : line.waitNs / line.transfers,
    mostWaiting: line.mostWaiting,
    code: line.code.slice(0, mostPlaces).flatMap(({ pc, transfers }) => {
      const site = program.sites[pc];
      const frame = site?.chain.at(-1);
      if (site === undefined || frame === undefined || site.op === null) return [];
      const file = fileInPackage(frame.file);
      return [{ function: frame.function, file, line: frame.line, operation: Op[site.op], transfers }];
    }),
  }));
}

/** Who had the hottest line, as far as the timeline tells; undefined where no line moved in it. */
export function ownershipOf(
  program: SteppedProgram,
  named: Named,
  { hotLines, timeline }: SimResult,
): Ownership | undefined {
  const [hottest] = byWaiting(hotLines);
  if (hottest === undefined) return undefined;
  const entries = timeline.filter(({ address }) => address === hottest.address).slice(0, mostEntries);
  if (entries.length === 0) return undefined;
  return {
    symbol: namer(program, named)(hottest.cell, hottest.object),
    atNs: entries.map(({ atNs }) => atNs),
    cpus: entries.map(({ cpu }) => cpu),
    distances: entries.map(({ distance }) => Distance[distance]).join(" "),
  };
}
