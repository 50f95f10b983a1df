/**
 * The even machine in an uneven host. A described machine has as many threads in each core, cores in each L3 domain and domains in
 * each socket; a host need not: some of its CPUs may be taken from this process, and cores differ. So the largest even part of it is
 * described and measured.
 */
import { formatCpuList } from "./cpu-list.ts";
import { distanceOf, type HostCpu, type HostDistance, type HostTopology } from "./topology.ts";

export interface HostShape {
  readonly threadsPerCore: number;
  readonly coresPerL3: number;
  readonly l3PerSocket: number;
  readonly sockets: number;
  readonly numbering: "compact" | "cores-first";
  /** CPUs of the part, by number. */
  readonly cpus: readonly HostCpu[];
  readonly notes: readonly string[];
}

type Counts = Pick<HostShape, "threadsPerCore" | "coresPerL3" | "l3PerSocket" | "sockets">;

/** The even part with the most CPUs; of several, the one with the most threads per core: its cores are more alike. */
export function shapeOf({ cpus }: HostTopology): HostShape {
  if (cpus.length === 0) throw new RangeError("a host has at least one CPU");
  const tree = treeOf(cpus);
  let best: { counts: Counts; cpus: HostCpu[] } | null = null;
  const threads = sizes(
    [...tree.values()].flatMap((l3s) => [...l3s.values()].flatMap((cores) => [...cores.values()])),
  );
  for (const threadsPerCore of threads) {
    const domains = [...tree.values()].map((l3s) =>
      [...l3s.values()].map((cores) => [...cores.values()].filter((core) => core.length >= threadsPerCore)),
    );
    for (const coresPerL3 of sizes(domains.flat())) {
      const sockets = domains.map((l3s) => l3s.filter((cores) => cores.length >= coresPerL3));
      for (const l3PerSocket of sizes(sockets)) {
        const even = sockets.filter((l3s) => l3s.length >= l3PerSocket);
        const chosen = even.flatMap((l3s) =>
          l3s
            .slice(0, l3PerSocket)
            .flatMap((cores) => cores.slice(0, coresPerL3).flatMap((core) => core.slice(0, threadsPerCore))),
        );
        const counts = { threadsPerCore, coresPerL3, l3PerSocket, sockets: even.length };
        if (chosen.length > (best?.cpus.length ?? 0)) best = { counts, cpus: chosen };
      }
    }
  }
  if (best === null) throw new Error("one CPU is an even machine");
  const part = [...best.cpus].sort((a, b) => a.cpu - b.cpu);
  const { numbering, note } = numberingOf(best.counts, part);
  const notes = note === null ? [] : [note];
  const left = cpus.filter((cpu) => !part.includes(cpu));
  if (left.length > 0) {
    notes.unshift(
      `CPUs ${formatCpuList(left.map(({ cpu }) => cpu))} are left out: a described machine has cores, L3 domains and sockets of one size`,
    );
  }
  return { ...best.counts, numbering, cpus: part, notes };
}

type Tree = Map<number, Map<number, Map<number, HostCpu[]>>>;

/** CPUs by socket, L3 domain and core, in order of numbers. */
function treeOf(cpus: readonly HostCpu[]): Tree {
  const tree: Tree = new Map();
  for (const cpu of [...cpus].sort((a, b) => a.cpu - b.cpu)) {
    const l3s = entry(tree, cpu.socket, () => new Map<number, Map<number, HostCpu[]>>());
    const cores = entry(l3s, cpu.l3, () => new Map<number, HostCpu[]>());
    entry(cores, cpu.core, (): HostCpu[] => []).push(cpu);
  }
  return tree;
}

function entry<V>(map: Map<number, V>, key: number, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

/** Sizes that there are, largest first. */
function sizes(groups: readonly (readonly unknown[])[]): number[] {
  return [...new Set(groups.map((group) => group.length))].filter((size) => size > 0).sort((a, b) => b - a);
}

/** Distance of two CPU numbers of a described machine, from 0: the rule of docs/simulator-model.md. */
function described(counts: Counts, numbering: HostShape["numbering"], a: number, b: number): HostDistance {
  const cores = counts.coresPerL3 * counts.l3PerSocket * counts.sockets;
  const core = (cpu: number) =>
    numbering === "compact" ? Math.floor(cpu / counts.threadsPerCore) : cpu % cores;
  const l3 = (cpu: number) => Math.floor(core(cpu) / counts.coresPerL3);
  const socket = (cpu: number) => Math.floor(l3(cpu) / counts.l3PerSocket);
  if (core(a) === core(b)) return "smt";
  if (l3(a) === l3(b)) return "l3";
  return socket(a) === socket(b) ? "socket" : "cross";
}

/** Which numbering the host's own comes nearest to. */
function numberingOf(
  counts: Counts,
  cpus: readonly HostCpu[],
): { numbering: HostShape["numbering"]; note: string | null } {
  const differences = (numbering: HostShape["numbering"]): number => {
    let count = 0;
    for (const [a, one] of cpus.entries()) {
      for (let b = a + 1; b < cpus.length; b++) {
        const other = cpus[b] as HostCpu;
        if (described(counts, numbering, a, b) !== distanceOf(one, other)) count++;
      }
    }
    return count;
  };
  const [compact, coresFirst] = [differences("compact"), differences("cores-first")];
  const numbering = coresFirst < compact ? "cores-first" : "compact";
  if (Math.min(compact, coresFirst) === 0) return { numbering, note: null };
  return {
    numbering,
    note: `the host numbers its CPUs in another way than a described machine can: with n CPUs, the simulator's are others than the first n of the host (${numbering} is the nearest)`,
  };
}
