/** AMD servers before Zen 4 whose core-to-core latencies were published. */
import type { MachineInput } from "../schema.ts";
import { coreToCore, noScaling, unpublished } from "./common.ts";

const cost = { hit: 1, store: 0, privateAtomic: 2, atomic: 5, fence: 2 };

const assumedOfAmd: NonNullable<MachineInput["sources"]> = [
  { what: ["topology.numbering"], basis: "assumed", where: "as epyc-9654, so that CPU counts compare" },
  { what: ["latencyNs.memory"], basis: "assumed", where: "local DDR4 on a server part: about 100 ns" },
  { what: ["costNs.hit", "costNs.privateAtomic", "costNs.atomic"], basis: "assumed", where: "as epyc-9654" },
  noScaling,
  ...unpublished,
];

export const epyc7773x: MachineInput = {
  name: "epyc-7773x",
  title: "AMD EPYC 7773X (Zen 3): 64 cores, 128 threads, 8 L3 domains",
  summary: "One socket, core complexes of 8 cores with stacked cache.",
  topology: { sockets: 1, l3Domains: 8, cores: 64, threads: 128, numbering: "compact" },
  lineBytes: 64,
  costNs: cost,
  latencyNs: { smt: 10, l3: 23, socket: 115, memory: 100 },
  holdNs: 0.5,
  mostHoldNs: 50,
  storeBufferEntries: 64,
  gracePeriodUs: 7500,
  scaling: [],
  sources: [
    {
      what: ["topology.sockets", "topology.l3Domains", "topology.cores", "topology.threads", "lineBytes"],
      basis: "published",
      where: "AMD, EPYC 7003 series: 8 core complexes of 8 cores, two threads each",
    },
    {
      what: ["latencyNs.smt", "latencyNs.l3", "latencyNs.socket"],
      basis: "published",
      where: coreToCore("EPYC 7773X"),
    },
    {
      what: ["storeBufferEntries"],
      basis: "published",
      where: "AMD, Software Optimization Guide for family 19h: 64 entries in the store queue",
    },
    ...assumedOfAmd,
  ],
};

export const epyc7742TwoSockets: MachineInput = {
  name: "epyc-7742-2s",
  title: "2x AMD EPYC 7742 (Zen 2): 128 cores, 256 threads, 32 L3 domains",
  summary: "Two sockets; core complexes of 4 cores, so most CPUs are far from each other.",
  topology: { sockets: 2, l3Domains: 32, cores: 128, threads: 256, numbering: "compact" },
  lineBytes: 64,
  costNs: cost,
  latencyNs: { smt: 8, l3: 22, socket: 131, cross: 265, memory: 100 },
  holdNs: 0.5,
  mostHoldNs: 50,
  storeBufferEntries: 48,
  gracePeriodUs: 7500,
  scaling: [],
  sources: [
    {
      what: ["topology.sockets", "topology.l3Domains", "topology.cores", "topology.threads", "lineBytes"],
      basis: "published",
      where: "AMD, EPYC 7002 series: 16 core complexes of 4 cores per socket, two threads each",
    },
    {
      what: ["latencyNs.smt", "latencyNs.l3", "latencyNs.socket", "latencyNs.cross"],
      basis: "published",
      where: coreToCore("2x EPYC 7742"),
    },
    {
      what: ["storeBufferEntries"],
      basis: "published",
      where: "AnandTech, AMD Zen 2 Microarchitecture Analysis (2019): 48 entries in the store queue",
    },
    ...assumedOfAmd,
  ],
};
