/** Intel servers: the 8-socket machine of perfbook's tables, and a pair of Ice Lakes. */
import type { MachineInput } from "../schema.ts";
import { coreToCore, noScaling, unpublished } from "./common.ts";

const xeon8176Rows =
  "rows 16 and 112 of perfbook's atomic-increment table of 23 October 2019 for this machine";

export const xeon8176EightSockets: MachineInput = {
  name: "xeon-8176-8s",
  title: "8x Intel Xeon Platinum 8176 (Skylake-SP): 224 cores, 448 threads",
  summary:
    "The machine of perfbook's counting and reference-count tables. Its contended lines move far faster than its idle latencies say: they are handed on pipelined, so the hand-off latencies are numbers of their own.",
  topology: { sockets: 8, l3Domains: 8, cores: 224, threads: 448, numbering: "cores-first" },
  lineBytes: 64,
  costNs: { hit: 1, store: 0, privateAtomic: 4.8, atomic: 5, fence: 4.8 },
  latencyNs: { smt: 7.2, l3: 47.5, cross: 256, memory: 100 },
  handOffNs: { l3: 21.3, cross: 36.9 },
  holdNs: 0.5,
  mostHoldNs: 50,
  storeBufferEntries: 56,
  gracePeriodUs: 7500,
  scaling: [],
  sources: [
    {
      what: ["topology.sockets", "topology.l3Domains", "topology.cores", "topology.threads", "lineBytes"],
      basis: "published",
      where:
        "perfbook, the machine of its CPU overheads table: 8 sockets of 28 cores, two threads each, one mesh per socket",
    },
    {
      what: ["topology.numbering"],
      basis: "assumed",
      where:
        "perfbook's tables fill the 28 cores of a socket first; that siblings come after all cores does not fit their rows at 2 and 4 threads, which are as cheap as siblings",
    },
    {
      what: ["latencyNs.smt", "latencyNs.l3"],
      basis: "published",
      where:
        "perfbook, CPU overheads table (8-socket Xeon Platinum 8176, 2.1 GHz), blind CAS: in core 7.2, off core 47.5 ns",
    },
    {
      what: ["latencyNs.cross"],
      basis: "assumed",
      where:
        "one number for two: the same table has 148.8 ns to a socket of the same interconnect and 336.6 ns beyond; for 3 of the first and 4 of the second that is 256 ns on average",
    },
    { what: ["latencyNs.memory"], basis: "assumed", where: "local DDR4 on a server part: about 100 ns" },
    {
      what: ["costNs.privateAtomic"],
      basis: "published",
      where: "perfbook's atomic-increment table, one thread: 4.83 ns",
    },
    { what: ["costNs.hit", "costNs.atomic"], basis: "assumed", where: "as epyc-9654" },
    { what: ["handOffNs"], basis: "fitted", where: xeon8176Rows },
    {
      what: ["storeBufferEntries"],
      basis: "published",
      where:
        "Intel 64 and IA-32 Architectures Optimization Reference Manual, Skylake: 56 store buffers per core",
    },
    noScaling,
    ...unpublished,
  ],
};

export const xeon8375cTwoSockets: MachineInput = {
  name: "xeon-8375c-2s",
  title: "2x Intel Xeon Platinum 8375C (Ice Lake-SP): 64 cores, 128 threads",
  summary: "Two sockets, one L3 domain each: the larger instances of a public cloud.",
  topology: { sockets: 2, l3Domains: 2, cores: 64, threads: 128, numbering: "cores-first" },
  lineBytes: 64,
  costNs: { hit: 1, store: 0, privateAtomic: 5, atomic: 5, fence: 5 },
  latencyNs: { smt: 8.1, l3: 51, cross: 108, memory: 100 },
  holdNs: 0.5,
  mostHoldNs: 50,
  storeBufferEntries: 72,
  gracePeriodUs: 7500,
  scaling: [],
  sources: [
    {
      what: ["topology.sockets", "topology.l3Domains", "topology.cores", "topology.threads", "lineBytes"],
      basis: "published",
      where: "Intel, third generation Xeon Scalable: 32 cores per socket, two threads each, one mesh",
    },
    { what: ["topology.numbering"], basis: "assumed", where: "as Linux numbers Intel servers" },
    {
      what: ["latencyNs.smt", "latencyNs.l3", "latencyNs.cross"],
      basis: "published",
      where: coreToCore("Xeon Platinum 8375C, 2 sockets"),
    },
    { what: ["latencyNs.memory"], basis: "assumed", where: "local DDR4 on a server part: about 100 ns" },
    { what: ["costNs.hit", "costNs.atomic"], basis: "assumed", where: "as epyc-9654" },
    {
      what: ["costNs.privateAtomic"],
      basis: "assumed",
      where: "as xeon-8176-8s (4.83 ns published), rounded",
    },
    {
      what: ["storeBufferEntries"],
      basis: "published",
      where:
        "Intel 64 and IA-32 Architectures Optimization Reference Manual, Ice Lake: 72 store buffers per core",
    },
    noScaling,
    ...unpublished,
  ],
};
