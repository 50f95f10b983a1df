/** The machine of the thread's nginx measurements: 96 Zen 4 cores, one socket. Two sockets of it are beside. */
import type { MachineInput } from "../schema.ts";
import { unpublished } from "./common.ts";

/** Everything but topology, latency across sockets and names; the larger machines have the same cores. */
const genoa = {
  lineBytes: 64,
  costNs: { hit: 1, store: 0, privateAtomic: 2, atomic: 5, fence: 2 },
  latencyNs: { smt: 6, l3: 25, socket: 110, memory: 100 },
  holdNs: 0.5,
  mostHoldNs: 50,
  storeBufferEntries: 64,
  gracePeriodUs: 7500,
  scaling: [
    { l3Domains: 1, percent: 100 },
    { l3Domains: 2, percent: 95 },
    { l3Domains: 3, percent: 94 },
    { l3Domains: 6, percent: 92 },
    { l3Domains: 12, percent: 85 },
  ],
} satisfies Partial<MachineInput>;

const genoaSources: NonNullable<MachineInput["sources"]> = [
  {
    what: ["topology.numbering"],
    basis: "published",
    where:
      "the nginx measurements count 16 threads on 8 cores: both threads of a core are used before the next core",
  },
  {
    what: ["lineBytes"],
    basis: "published",
    where: "AMD, Software Optimization Guide for the Zen 4 Microarchitecture",
  },
  {
    what: ["latencyNs.smt", "latencyNs.l3", "latencyNs.socket"],
    basis: "assumed",
    where:
      "no core-to-core table of this model is at hand; between Zen 3 servers (10, 23, 107 to 115 ns) and the Zen 4 desktop (5.3, 16, 70 ns) of nviennot/core-to-core-latency",
  },
  { what: ["latencyNs.memory"], basis: "assumed", where: "local DDR5 on a server part: about 100 ns" },
  {
    what: ["costNs.hit", "costNs.privateAtomic", "costNs.atomic"],
    basis: "assumed",
    where: "a few cycles at 3.7 GHz; an atomic operation on a line that has just come waits a little longer",
  },
  {
    what: ["storeBufferEntries"],
    basis: "published",
    where: "Chips and Cheese, AMD's Zen 4, part 2: 64 entries in the store queue",
  },
  {
    what: ["scaling"],
    basis: "published",
    where:
      'RFC "Nginx refcount scalability issue with Apparmor enabled", linux-security-module, 10 January 2024: the run with AppArmor off, 8 to 96 cores; beyond 12 L3 domains 85 is an assumption',
  },
  ...unpublished,
];

export const epyc9654: MachineInput = {
  name: "epyc-9654",
  title: "AMD EPYC 9654 (Zen 4): 96 cores, 192 threads, 12 L3 domains",
  summary:
    "One socket. The machine of the published nginx measurements is taken to be this one: 96 cores, 192 threads and 12 L3 domains of Zen 4.",
  topology: { sockets: 1, l3Domains: 12, cores: 96, threads: 192, numbering: "compact" },
  ...genoa,
  sources: [
    {
      what: ["topology.sockets", "topology.l3Domains", "topology.cores", "topology.threads"],
      basis: "published",
      where: "AMD, EPYC 9004 series: 12 core complexes of 8 cores, two threads each",
    },
    ...genoaSources,
  ],
};

const acrossSockets: (typeof genoaSources)[number] = {
  what: ["latencyNs.cross"],
  basis: "assumed",
  where: "197 ns between two Zen 3 servers' sockets (2x EPYC 7R13, nviennot/core-to-core-latency), rounded",
};

export const epyc9654TwoSockets: MachineInput = {
  name: "epyc-9654-2s",
  title: "2x AMD EPYC 9654 (Zen 4): 192 cores, 384 threads, 24 L3 domains",
  summary: "Two sockets of epyc-9654.",
  topology: { sockets: 2, l3Domains: 24, cores: 192, threads: 384, numbering: "compact" },
  ...genoa,
  latencyNs: { ...genoa.latencyNs, cross: 200 },
  sources: [
    {
      what: ["topology.sockets", "topology.l3Domains", "topology.cores", "topology.threads"],
      basis: "published",
      where:
        "AMD, EPYC 9004 series: 12 core complexes of 8 cores per socket, two threads each, two sockets at most",
    },
    acrossSockets,
    ...genoaSources,
  ],
};

export const beyondTwoSockets: MachineInput = {
  name: "beyond-2s",
  title: "Hypothetical: 2 sockets of 256 Zen 4 cores, 1,024 threads",
  summary:
    "For the question how strategies scale where machines are going. Cores, caches and latencies are those of epyc-9654-2s, with 32 L3 domains per socket instead of 12: a larger interconnect would be slower, so what is shared comes out too well here.",
  standIn: "No such machine exists. Every number is that of epyc-9654-2s, and an assumption here.",
  topology: { sockets: 2, l3Domains: 64, cores: 512, threads: 1024, numbering: "compact" },
  ...genoa,
  latencyNs: { ...genoa.latencyNs, cross: 200 },
  sources: [
    {
      what: [
        "topology",
        "lineBytes",
        "costNs",
        "latencyNs",
        "holdNs",
        "mostHoldNs",
        "storeBufferEntries",
        "gracePeriodUs",
      ],
      basis: "assumed",
      where: "as epyc-9654-2s, with more L3 domains",
    },
    {
      what: ["scaling"],
      basis: "assumed",
      where: "as epyc-9654, where 12 L3 domains were measured; beyond them it stays at 85",
    },
  ],
};
