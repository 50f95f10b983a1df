/**
 * Machines that published figures were measured on and of which nobody said more than how many CPUs they have: similar ones
 * stand in.
 */
import type { MachineInput } from "../schema.ts";
import { coreToCore, noScaling, unpublished } from "./common.ts";

export const skylakeTwoSockets: MachineInput = {
  name: "skylake-2s",
  title: "Stand-in: kernel test robot, 2 Skylake sockets, 104 threads",
  summary: "Two sockets of 26 cores with the latencies of published machines of the same design.",
  standIn:
    "For the kernel test robot's 2-socket Skylake server with 104 CPUs (will-it-scale open1 and open2). Its model and latencies were not published: those of two Xeon Gold 6242 are used.",
  topology: { sockets: 2, l3Domains: 2, cores: 52, threads: 104, numbering: "cores-first" },
  lineBytes: 64,
  costNs: { hit: 1, store: 0, privateAtomic: 4.8, atomic: 5, fence: 4.8 },
  latencyNs: { smt: 7.4, l3: 48, cross: 136, memory: 100 },
  holdNs: 0.5,
  mostHoldNs: 50,
  storeBufferEntries: 56,
  gracePeriodUs: 7500,
  scaling: [],
  sources: [
    {
      what: ["topology.sockets", "topology.threads"],
      basis: "published",
      where: "kernel test robot's report on commit f4fee216df7d: 104 threads, 2 sockets, Skylake",
    },
    {
      what: ["topology.cores", "topology.l3Domains", "topology.numbering", "lineBytes"],
      basis: "assumed",
      where: "two threads per core, one L3 domain per socket, numbered as Linux numbers Intel servers",
    },
    {
      what: ["latencyNs.smt", "latencyNs.l3", "latencyNs.cross"],
      basis: "assumed",
      where: `another machine of the design: ${coreToCore("2x Xeon Gold 6242")}`,
    },
    { what: ["latencyNs.memory"], basis: "assumed", where: "local DDR4 on a server part: about 100 ns" },
    {
      what: ["costNs.hit", "costNs.privateAtomic", "costNs.atomic"],
      basis: "assumed",
      where: "as xeon-8176-8s",
    },
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

export const vm24: MachineInput = {
  name: "vm-24",
  title: "Stand-in: a virtual machine with 24 vCPUs",
  summary: "24 CPUs behind one cache, one thread per core.",
  standIn:
    "For the 24-vCPU virtual machine of commit f4fee216df7d (will-it-scale open1, processes). What it ran on was not published: one socket of a recent Xeon is assumed, with a core for each vCPU.",
  topology: { sockets: 1, l3Domains: 1, cores: 24, threads: 24, numbering: "compact" },
  lineBytes: 64,
  costNs: { hit: 1, store: 0, privateAtomic: 5, atomic: 5, fence: 5 },
  latencyNs: { l3: 48, memory: 100 },
  handOffNs: { l3: 66.5 },
  holdNs: 0.5,
  mostHoldNs: 50,
  storeBufferEntries: 56,
  gracePeriodUs: 7500,
  scaling: [],
  sources: [
    { what: ["topology.threads"], basis: "published", where: "commit f4fee216df7d: 24 vCPUs" },
    {
      what: ["topology.sockets", "topology.l3Domains", "topology.cores", "topology.numbering", "lineBytes"],
      basis: "assumed",
      where: "vCPUs on cores of their own, in one socket",
    },
    {
      what: ["latencyNs.l3"],
      basis: "assumed",
      where: "Xeons from Skylake to Ice Lake have 47 to 51 ns on socket (nviennot/core-to-core-latency)",
    },
    {
      what: ["handOffNs"],
      basis: "assumed",
      where:
        "such that a compare-and-swap ping-pong takes those 48 ns: they include the atomic operation (5) and the hold (0.5), but not the way of a request that already waits (24)",
    },
    { what: ["latencyNs.memory"], basis: "assumed", where: "local memory on a server part: about 100 ns" },
    {
      what: ["costNs.hit", "costNs.privateAtomic", "costNs.atomic"],
      basis: "assumed",
      where: "as xeon-8375c-2s",
    },
    { what: ["storeBufferEntries"], basis: "assumed", where: "as Skylake" },
    noScaling,
    ...unpublished,
  ],
};
