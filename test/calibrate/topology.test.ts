import { describe, expect, it } from "vitest";
import { formatCpuList, parseCpuList } from "../../src/calibrate/cpu-list.ts";
import { allowedCpus, type HostTexts, readHost } from "../../src/calibrate/host-files.ts";
import { mostInGroup, mostPairs, planOf } from "../../src/calibrate/plan.ts";
import { type HostShape, shapeOf } from "../../src/calibrate/shape.ts";
import { distanceOf, topologyOf } from "../../src/calibrate/topology.ts";
import { folderWith } from "../config/support.ts";
import { cpuinfoOnlyHost, evenHost, hybridHost, silentHost } from "./hosts.ts";

/** sockets, L3 domains of each, cores of each, threads of each. */
const counts = ({ sockets, l3PerSocket, coresPerL3, threadsPerCore }: HostShape): number[] => [
  sockets,
  l3PerSocket,
  coresPerL3,
  threadsPerCore,
];
const shapeOfHost = (host: HostTexts): HostShape => shapeOf(topologyOf(host));
const numbers = ({ cpus }: HostShape): string => formatCpuList(cpus.map(({ cpu }) => cpu));

describe("a list of CPUs", () => {
  it.each([
    ["0", [0]],
    ["0-3,8,10-11\n", [0, 1, 2, 3, 8, 10, 11]],
    ["5,1-2,2", [1, 2, 5]],
    ["", []],
    ["0-3,x", []],
    ["3-1", []],
  ])("%j is read", (text, expected) => {
    expect(parseCpuList(text)).toEqual(expected);
  });

  it("is written as short as can be", () => {
    expect(formatCpuList([11, 0, 1, 2, 3, 8, 10, 8])).toBe("0-3,8,10-11");
    expect(formatCpuList([])).toBe("");
  });

  it("of a process is found in its status", () => {
    expect(
      allowedCpus("Name:\tnode\nCpus_allowed:\t3c\nCpus_allowed_list:\t2-5\nMems_allowed:\t1\n"),
    ).toEqual([2, 3, 4, 5]);
    expect(allowedCpus("Name:\tnode\n")).toBeNull();
    expect(allowedCpus(null)).toBeNull();
  });
});

describe("the shape of a host", () => {
  it("is a desktop's with two threads per core", () => {
    const shape = shapeOfHost(evenHost({ coresPerL3: 8, threadsPerCore: 2 }));
    expect([counts(shape), shape.numbering, shape.notes]).toEqual([[1, 1, 8, 2], "compact", []]);
  });

  it("is a server's with two sockets of four L3 domains, numbered core after core", () => {
    const host = evenHost({
      sockets: 2,
      l3PerSocket: 4,
      coresPerL3: 4,
      threadsPerCore: 2,
      numbering: "cores-first",
    });
    const shape = shapeOfHost(host);
    expect([counts(shape), shape.numbering, shape.notes]).toEqual([[2, 4, 4, 2], "cores-first", []]);
    expect(numbers(shape)).toBe("0-63");
    const [first, sibling, sameL3, sameSocket, far] = [0, 32, 3, 4, 16].map((cpu) => shape.cpus[cpu]);
    const from0 = [sibling, sameL3, sameSocket, far].map((cpu) =>
      first === undefined || cpu === undefined ? "" : distanceOf(first, cpu),
    );
    expect(from0).toEqual(["smt", "l3", "socket", "cross"]);
  });

  it("of a hybrid processor is that of the cores with two threads, and says which CPUs are not in it", () => {
    const topology = topologyOf(hybridHost());
    const shape = shapeOf(topology);
    expect([counts(shape), numbers(shape)]).toEqual([[1, 1, 8, 2], "0-15"]);
    expect(shape.notes.join()).toContain("CPUs 16-23 are left out");
    expect(topology.notes.join()).toContain("two kinds (CPUs 0-15 and 16-23)");
    expect(topology.l3Bytes).toBe(30 * 2 ** 20);
  });

  it("in a container is that of the CPUs it may use", () => {
    const host = { coresPerL3: 8, threadsPerCore: 2, numbering: "cores-first" } as const;
    const two = shapeOfHost(evenHost({ ...host, allowed: [2, 3] }));
    expect([counts(two), numbers(two)]).toEqual([[1, 1, 2, 1], "2-3"]);
    const siblings = shapeOfHost(evenHost({ ...host, allowed: [2, 10] }));
    expect([counts(siblings), numbers(siblings)]).toEqual([[1, 1, 1, 2], "2,10"]);
    // Two whole cores and half of a third one: four threads of two cores beat three of three.
    const uneven = shapeOfHost(evenHost({ ...host, allowed: [1, 2, 3, 9, 10] }));
    expect([counts(uneven), numbers(uneven)]).toEqual([[1, 1, 2, 2], "1-2,9-10"]);
    expect(uneven.notes.join()).toContain("CPUs 3 are left out");
  });

  it("leaves out a socket of which only some CPUs are to be had", () => {
    const host = evenHost({ sockets: 2, coresPerL3: 4, allowed: [0, 1, 2, 3, 4] });
    const shape = shapeOfHost(host);
    expect([counts(shape), numbers(shape)]).toEqual([[1, 1, 4, 1], "0-3"]);
    const most = shapeOfHost(evenHost({ sockets: 2, coresPerL3: 4, allowed: [0, 1, 2, 3, 4, 5, 6] }));
    expect([counts(most), numbers(most)]).toEqual([[2, 1, 3, 1], "0-2,4-6"]);
  });

  it("says so where sockets are numbered in turn", () => {
    const host = evenHost({ sockets: 2, coresPerL3: 2 });
    const turn = host.cpus.map((texts) => ({
      ...texts,
      package: `${texts.cpu % 2}`,
      l3Cpus: texts.cpu % 2 ? "1,3" : "0,2",
    }));
    const shape = shapeOfHost({ ...host, cpus: turn });
    expect(counts(shape)).toEqual([2, 1, 2, 1]);
    expect(shape.notes.join()).toContain("numbers its CPUs in another way");
  });

  it("comes from /proc/cpuinfo where there is no topology in /sys", () => {
    const topology = topologyOf(cpuinfoOnlyHost());
    const shape = shapeOf(topology);
    expect([counts(shape), shape.numbering, shape.notes]).toEqual([[2, 1, 2, 2], "cores-first", []]);
    expect(topology.notes.join()).toContain("no L3 cache");
  });

  it("is a core for each CPU in one L3 domain where nobody says anything", () => {
    const topology = topologyOf(silentHost(6));
    expect(counts(shapeOf(topology))).toEqual([1, 1, 6, 1]);
    expect(topology.notes.join()).toMatch(
      /does not tell how CPUs share cores.*which CPUs this process may use/,
    );
    expect([topology.l3Bytes, topology.lineBytes]).toEqual([null, null]);
  });

  it("has notes on quotas and virtual machines", () => {
    const notes = (cpuMax: string, hypervisor: boolean) =>
      topologyOf(evenHost({ coresPerL3: 4, cpuMax, hypervisor })).notes.join();
    expect(notes("150000 100000", false)).toBe(
      "a quota of 1.5 CPUs holds for this process (cpu.max): threads are stopped when it is used up",
    );
    expect([notes("max 100000", false), notes("400000 100000", false)]).toEqual(["", ""]);
    expect(notes("max 100000", true)).toContain("virtual machine");
  });
});

describe("the host's files", () => {
  it("are read from /proc and /sys", () => {
    const cpu = (number: number, core: string) => ({
      [`sys/devices/system/cpu/cpu${number}/topology/core_cpus_list`]: `${core}\n`,
      [`sys/devices/system/cpu/cpu${number}/topology/physical_package_id`]: "0\n",
      [`sys/devices/system/cpu/cpu${number}/cache/index0/level`]: "1\n",
      [`sys/devices/system/cpu/cpu${number}/cache/index0/coherency_line_size`]: "64\n",
      [`sys/devices/system/cpu/cpu${number}/cache/index3/level`]: "3\n",
      [`sys/devices/system/cpu/cpu${number}/cache/index3/shared_cpu_list`]: "0-7\n",
      [`sys/devices/system/cpu/cpu${number}/cache/index3/size`]: "491520K\n",
    });
    const root = folderWith({
      "proc/self/status": "Name:\tnode\nCpus_allowed_list:\t4-5\n",
      "sys/fs/cgroup/cpu.max": "max 100000\n",
      "sys/devices/cpu_core/cpus": "0-7\n",
      ...cpu(4, "4-5"),
      ...cpu(5, "4-5"),
    });
    const host = readHost(root);
    const texts = { coreCpus: "4-5", package: "0", l3Cpus: "0-7", l3Size: "491520K", lineSize: "64" };
    expect(host.cpus).toEqual([
      { cpu: 4, ...texts },
      { cpu: 5, ...texts },
    ]);
    expect([host.cpuMax, host.cpuinfo, host.kinds]).toEqual(["max 100000", null, ["0-7"]]);
    expect(counts(shapeOfHost(host))).toEqual([1, 1, 1, 2]);
  });

  it("of this host describe a machine", () => {
    const shape = shapeOfHost(readHost());
    expect(shape.cpus.length).toBe(counts(shape).reduce((product, count) => product * count));
  });
});

describe("the plan", () => {
  const plan = (host: HostTexts) => planOf(shapeOfHost(host));

  it("has every pair of a small host, and groups at one distance each", () => {
    const { pairs, groups, pairsInAll } = plan(evenHost({ sockets: 2, coresPerL3: 2, threadsPerCore: 2 }));
    expect(pairsInAll).toEqual({ smt: 4, l3: 8, socket: 0, cross: 16 });
    expect(pairs.length).toBe(28);
    expect(groups).toEqual([
      { distance: "smt", cpus: [0, 1] },
      { distance: "l3", cpus: [0, 2] },
      { distance: "cross", cpus: [0, 4] },
    ]);
  });

  it("is limited on a large one, and goes all over it", () => {
    const { pairs, groups } = plan(
      evenHost({ sockets: 2, l3PerSocket: 4, coresPerL3: 20, threadsPerCore: 2 }),
    );
    const cross = pairs.filter(({ distance }) => distance === "cross");
    expect(cross.length).toBe(mostPairs);
    expect(new Set(cross.map(({ a }) => a)).size).toBe(mostPairs);
    expect(groups.map(({ cpus }) => cpus.length)).toEqual([2, mostInGroup, 4, 2]);
  });

  it("of one CPU has neither", () => {
    expect(plan(evenHost())).toMatchObject({ pairs: [], groups: [] });
  });
});
