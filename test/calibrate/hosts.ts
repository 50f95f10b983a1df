/** Hosts as Linux describes them, made of a few numbers: what is in /proc and /sys of computers that the tests do not run on. */
import type { CpuTexts, HostTexts } from "../../src/calibrate/host-files.ts";

export interface HostOptions {
  readonly sockets?: number;
  readonly l3PerSocket?: number;
  readonly coresPerL3?: number;
  readonly threadsPerCore?: number;
  /** cores-first: CPUs of one thread per core come first, as BIOSes of servers number them. */
  readonly numbering?: "compact" | "cores-first";
  /** Cpus_allowed_list; all unless given. */
  readonly allowed?: readonly number[];
  readonly cpuMax?: string;
  readonly kinds?: readonly string[];
  readonly hypervisor?: boolean;
}

/** One CPU per line of sysfs. */
function cpusOf(options: HostOptions): CpuTexts[] {
  const { sockets = 1, l3PerSocket = 1, coresPerL3 = 1, threadsPerCore = 1, numbering = "compact" } = options;
  const cores = sockets * l3PerSocket * coresPerL3;
  const count = cores * threadsPerCore;
  const coreOf = (cpu: number) => (numbering === "compact" ? Math.floor(cpu / threadsPerCore) : cpu % cores);
  const numbers = Array.from({ length: count }, (_, cpu) => cpu);
  const list = (same: (cpu: number) => boolean) => numbers.filter(same).join(",");
  return numbers.map((cpu) => {
    const core = coreOf(cpu);
    const l3 = Math.floor(core / coresPerL3);
    return {
      cpu,
      coreCpus: list((other) => coreOf(other) === core),
      package: `${Math.floor(l3 / l3PerSocket)}`,
      l3Cpus: list((other) => Math.floor(coreOf(other) / coresPerL3) === l3),
      l3Size: "32768K",
      lineSize: "64",
    };
  });
}

/** An even host, seen by a process that may use `allowed` of its CPUs. */
export function evenHost(options: HostOptions = {}): HostTexts {
  const cpus = cpusOf(options).filter(({ cpu }) => options.allowed?.includes(cpu) ?? true);
  return hostOf(cpus, options);
}

export function hostOf(cpus: readonly CpuTexts[], options: HostOptions = {}): HostTexts {
  return {
    model: "AMD EPYC 7000 64-Core Processor",
    system: "Linux 6.8.0",
    parallelism: cpus.length,
    status: `Name:\tnode\nCpus_allowed:\tff\nCpus_allowed_list:\t${cpus.map(({ cpu }) => cpu).join(",")}\n`,
    cpuinfo: `processor\t: 0\nflags\t\t: fpu vme${options.hypervisor === true ? " hypervisor" : ""} lahf_lm\n`,
    cpuMax: options.cpuMax ?? null,
    kinds: options.kinds ?? [],
    cpus,
  };
}

/** Eight cores with two threads (CPUs 0 to 15) and eight with one (16 to 23) around one L3, as in a Core i9-12900. */
export function hybridHost(): HostTexts {
  const cpus = Array.from({ length: 24 }, (_, cpu): CpuTexts => {
    const first = cpu - (cpu % 2);
    const coreCpus = cpu < 16 ? `${first}-${first + 1}` : `${cpu}`;
    return { cpu, coreCpus, package: "0", l3Cpus: "0-23", l3Size: "30M", lineSize: "64" };
  });
  return hostOf(cpus, { kinds: ["0-15", "16-23"] });
}

/** /proc/cpuinfo of x86 for two sockets of two cores with two threads, and nothing in /sys. */
export function cpuinfoOnlyHost(): HostTexts {
  const block = (cpu: number) =>
    [
      `processor\t: ${cpu}`,
      "model name\t: Intel(R) Xeon(R) CPU E5-2650",
      `physical id\t: ${(cpu >> 1) & 1}`,
      "siblings\t: 4",
      `core id\t\t: ${cpu & 1}`,
      "flags\t\t: fpu vme",
    ].join("\n");
  const cpuinfo = Array.from({ length: 8 }, (_, cpu) => block(cpu)).join("\n\n");
  return { ...hostOf(Array.from({ length: 8 }, (_, cpu) => silentCpu(cpu))), cpuinfo };
}

/** Neither /proc nor /sys. */
export function silentHost(count: number): HostTexts {
  const cpus = Array.from({ length: count }, (_, cpu) => silentCpu(cpu));
  return { ...hostOf(cpus), model: "Apple M2", system: "Darwin 23.4.0", status: null, cpuinfo: null };
}

function silentCpu(cpu: number): CpuTexts {
  return { cpu, coreCpus: null, package: null, l3Cpus: null, l3Size: null, lineSize: null };
}
