/** Which core, L3 domain and socket each CPU of a host belongs to, from what the system says; a guess that says so where it says nothing. */
import { formatCpuList, parseCpuList } from "./cpu-list.ts";
import type { CpuTexts, HostTexts } from "./host-files.ts";

/** Where a CPU stands: CPUs with the same number of a level share it. */
export interface HostCpu {
  /** Its number on the host. */
  readonly cpu: number;
  readonly core: number;
  readonly l3: number;
  readonly socket: number;
}

export interface HostTopology {
  /** Those that this process may use, by number. */
  readonly cpus: readonly HostCpu[];
  /** Bytes of an L3 cache; null where nobody says. */
  readonly l3Bytes: number | null;
  /** Bytes of a cache line; null where nobody says. */
  readonly lineBytes: number | null;
  /** What was guessed, and what to know when reading figures; a sentence each. */
  readonly notes: readonly string[];
}

export type HostDistance = "smt" | "l3" | "socket" | "cross";

/** Near to far. */
export const hostDistances: readonly HostDistance[] = ["smt", "l3", "socket", "cross"];

/** The nearest thing that two different CPUs share. */
export function distanceOf(a: HostCpu, b: HostCpu): HostDistance {
  if (a.core === b.core) return "smt";
  if (a.l3 === b.l3) return "l3";
  return a.socket === b.socket ? "socket" : "cross";
}

/** Reads a host's texts. A CPU that says nothing of a level has it to itself (core) or shares it with all others (L3, socket). */
export function topologyOf(host: HostTexts): HostTopology {
  const told = cpuinfoPlaces(host.cpuinfo);
  const notes: string[] = [];
  if (host.cpus.every(({ cpu, coreCpus }) => coreCpus === null && told.get(cpu) === undefined)) {
    notes.push(
      "the system does not tell how CPUs share cores: each is taken for a core of its own, all in one L3 domain",
    );
  } else if (host.cpus.every(({ l3Cpus }) => l3Cpus === null)) {
    notes.push("the system tells of no L3 cache: the cores of a socket are taken for one L3 domain");
  }
  const cpus = host.cpus.map((texts) => placeOf(texts, told.get(texts.cpu)));
  notes.push(...limits(host, cpus.length));
  const [first] = host.cpus;
  return {
    cpus,
    l3Bytes: cacheBytes(first?.l3Size ?? null),
    lineBytes: wholeNumber(first?.lineSize ?? null),
    notes,
  };
}

/** Levels get the number of the lowest CPU that shares them: the host's own numbers of cores begin anew in each socket. */
function placeOf(texts: CpuTexts, told: CpuinfoPlace | undefined): HostCpu {
  const { cpu, coreCpus, l3Cpus } = texts;
  const socket = wholeNumber(texts.package) ?? told?.socket ?? 0;
  const core = lowest(coreCpus) ?? told?.firstCpuOfCore ?? cpu;
  // Behind all CPU numbers, so that it is no L3's number.
  return { cpu, core, l3: lowest(l3Cpus) ?? 1_000_000 + socket, socket };
}

interface CpuinfoPlace {
  readonly socket: number;
  readonly firstCpuOfCore: number;
}

/** Places by CPU from /proc/cpuinfo of x86: `physical id` and `core id`. Empty elsewhere. */
function cpuinfoPlaces(text: string | null): Map<number, CpuinfoPlace> {
  const places = new Map<number, CpuinfoPlace>();
  const cores = new Map<string, number>();
  for (const block of (text ?? "").split(/\n\s*\n/)) {
    const field = (name: string): number | null =>
      wholeNumber(new RegExp(`^${name}\\s*:\\s*(\\d+)\\s*$`, "m").exec(block)?.[1] ?? null);
    const [cpu, socket, core] = [field("processor"), field("physical id"), field("core id")];
    if (cpu === null || socket === null || core === null) continue;
    const key = `${socket}/${core}`;
    const firstCpuOfCore = cores.get(key) ?? cpu;
    cores.set(key, firstCpuOfCore);
    places.set(cpu, { socket, firstCpuOfCore });
  }
  return places;
}

function limits({ cpuinfo, cpuMax, kinds, status }: HostTexts, usable: number): string[] {
  const notes: string[] = [];
  const [quota, period] = (cpuMax ?? "max").split(/\s+/).map(Number);
  if (quota !== undefined && period !== undefined && quota < period * usable) {
    const share = Number((quota / period).toFixed(2));
    notes.push(
      `a quota of ${share} CPUs holds for this process (cpu.max): threads are stopped when it is used up`,
    );
  }
  const [first, second] = kinds.map((list) => parseCpuList(list));
  if (first !== undefined && second !== undefined && first.length > 0 && second.length > 0) {
    const lists = `${formatCpuList(first)} and ${formatCpuList(second)}`;
    notes.push(`the processor has cores of two kinds (CPUs ${lists}); a described machine has one`);
  }
  if (/^flags\s*:.*\bhypervisor\b/m.test(cpuinfo ?? "")) {
    notes.push(
      "this is a virtual machine: what it says of cores and caches may differ from what is below it",
    );
  }
  if (status === null) notes.push("the system does not tell which CPUs this process may use: all are taken");
  return notes;
}

function cacheBytes(size: string | null): number | null {
  const match = /^(\d+)([KMG]?)$/.exec(size ?? "");
  if (match === null) return null;
  const unit = { "": 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 }[match[2] ?? ""] ?? 1;
  return Number(match[1]) * unit;
}

function lowest(list: string | null): number | null {
  return list === null ? null : (parseCpuList(list)[0] ?? null);
}

function wholeNumber(text: string | null): number | null {
  return text !== null && /^\d+$/.test(text) ? Number(text) : null;
}
