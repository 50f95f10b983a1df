/** Reads what the system tells about its CPUs; what it means is `topology.ts`'s business. */
import { readdirSync, readFileSync } from "node:fs";
import { availableParallelism, cpus, release, type as systemName } from "node:os";
import { join } from "node:path";
import { parseCpuList } from "./cpu-list.ts";

/** Texts of one CPU's files below /sys/devices/system/cpu; null where there is no such file. */
export interface CpuTexts {
  readonly cpu: number;
  /** topology/core_cpus_list, or thread_siblings_list as it was called before Linux 5.4. */
  readonly coreCpus: string | null;
  /** topology/physical_package_id. */
  readonly package: string | null;
  /** Of the cache of level 3: shared_cpu_list and size (`36864K`). */
  readonly l3Cpus: string | null;
  readonly l3Size: string | null;
  /** coherency_line_size of any of its caches. */
  readonly lineSize: string | null;
}

/** What a host says of itself, unread. */
export interface HostTexts {
  readonly model: string;
  /** "Linux 6.1.0". */
  readonly system: string;
  /** Processors that Node sees this process may use. */
  readonly parallelism: number;
  /** /proc/self/status; null where there is none. */
  readonly status: string | null;
  /** /proc/cpuinfo. */
  readonly cpuinfo: string | null;
  /** cpu.max of the control group: quota and period in us, or `max`. */
  readonly cpuMax: string | null;
  /** /sys/devices/cpu_core/cpus and cpu_atom/cpus of hybrid processors. */
  readonly kinds: readonly string[];
  /** Of the CPUs that this process may use. */
  readonly cpus: readonly CpuTexts[];
}

/** Numbers behind `Cpus_allowed_list` of /proc/self/status, or null where there is no such line. */
export function allowedCpus(status: string | null): number[] | null {
  const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(status ?? "")?.[1];
  const numbers = list === undefined ? [] : parseCpuList(list);
  return numbers.length === 0 ? null : numbers;
}

/** This host's texts. `root` is the folder that takes the place of /: tests put files there. */
export function readHost(root = "/"): HostTexts {
  const read = (path: string): string | null => {
    try {
      return readFileSync(join(root, path), "utf8").trim();
    } catch {
      return null;
    }
  };
  const status = read("proc/self/status");
  const parallelism = availableParallelism();
  const numbers = allowedCpus(status) ?? Array.from({ length: parallelism }, (_, cpu) => cpu);
  const kinds = ["cpu_core", "cpu_atom"].flatMap((kind) => read(`sys/devices/${kind}/cpus`) ?? []);
  return {
    model: cpus()[0]?.model.trim() || "unknown CPU",
    system: `${systemName()} ${release()}`,
    parallelism,
    status,
    cpuinfo: read("proc/cpuinfo"),
    cpuMax: read("sys/fs/cgroup/cpu.max"),
    kinds,
    cpus: numbers.map((cpu) => cpuTexts(cpu, root, read)),
  };
}

function cpuTexts(cpu: number, root: string, read: (path: string) => string | null): CpuTexts {
  const folder = `sys/devices/system/cpu/cpu${cpu}`;
  const caches = names(join(root, folder, "cache")).filter((name) => /^index\d+$/.test(name));
  const l3 = caches.find((name) => read(`${folder}/cache/${name}/level`) === "3");
  const ofL3 = (file: string) => (l3 === undefined ? null : read(`${folder}/cache/${l3}/${file}`));
  return {
    cpu,
    coreCpus: read(`${folder}/topology/core_cpus_list`) ?? read(`${folder}/topology/thread_siblings_list`),
    package: read(`${folder}/topology/physical_package_id`),
    l3Cpus: ofL3("shared_cpu_list"),
    l3Size: ofL3("size"),
    lineSize: caches.map((name) => read(`${folder}/cache/${name}/coherency_line_size`)).find(Boolean) ?? null,
  };
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
