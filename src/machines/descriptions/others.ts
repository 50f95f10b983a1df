/** A cloud's Arm server and a desktop. */
import type { MachineInput } from "../schema.ts";
import { coreToCore, noScaling, unpublished } from "./common.ts";

export const graviton3: MachineInput = {
  name: "graviton3",
  title: "AWS Graviton3 (Neoverse V1): 64 cores on one mesh, no SMT",
  summary:
    "Every core is about as far from every other. Its memory model is weaker than the simulator's, which is x86-TSO: plain stores stay in order here and may not there.",
  topology: { sockets: 1, l3Domains: 1, cores: 64, threads: 64, numbering: "compact" },
  lineBytes: 64,
  costNs: { hit: 1, store: 0, privateAtomic: 4, atomic: 5, fence: 4 },
  latencyNs: { l3: 46, memory: 110 },
  handOffNs: { l3: 63.5 },
  holdNs: 0.5,
  mostHoldNs: 50,
  storeBufferEntries: 64,
  gracePeriodUs: 7500,
  scaling: [],
  sources: [
    {
      what: ["topology", "lineBytes"],
      basis: "published",
      where: "AWS, Graviton3: 64 cores, one thread each, one mesh",
    },
    { what: ["latencyNs.l3"], basis: "published", where: coreToCore("AWS Graviton3") },
    {
      what: ["handOffNs"],
      basis: "assumed",
      where:
        "such that a compare-and-swap ping-pong takes the published 46 ns: they include the atomic operation (5) and the hold (0.5), but not the way of a request that already waits (23)",
    },
    { what: ["latencyNs.memory"], basis: "assumed", where: "DDR5 behind a mesh: about 110 ns" },
    {
      what: ["costNs.hit", "costNs.privateAtomic", "costNs.atomic"],
      basis: "assumed",
      where: "a few cycles at 2.6 GHz; LSE atomics are done near",
    },
    {
      what: ["storeBufferEntries"],
      basis: "assumed",
      where: "nothing is published about Neoverse V1; as Zen 3 and 4",
    },
    noScaling,
    ...unpublished,
  ],
};

export const ryzen7950x: MachineInput = {
  name: "ryzen-7950x",
  title: "AMD Ryzen 9 7950X (Zen 4): 16 cores, 32 threads, 2 L3 domains",
  summary: "A desktop with the cores of epyc-9654 at a higher clock.",
  topology: { sockets: 1, l3Domains: 2, cores: 16, threads: 32, numbering: "cores-first" },
  lineBytes: 64,
  costNs: { hit: 1, store: 0, privateAtomic: 2, atomic: 5, fence: 2 },
  latencyNs: { smt: 5.3, l3: 16, socket: 70, memory: 80 },
  holdNs: 0.5,
  mostHoldNs: 50,
  storeBufferEntries: 64,
  gracePeriodUs: 7500,
  scaling: [],
  sources: [
    {
      what: ["topology.sockets", "topology.l3Domains", "topology.cores", "topology.threads", "lineBytes"],
      basis: "published",
      where: "AMD, Ryzen 9 7950X: two core complexes of 8 cores, two threads each",
    },
    { what: ["topology.numbering"], basis: "assumed", where: "as Linux numbers AMD desktops" },
    {
      what: ["latencyNs.smt", "latencyNs.l3", "latencyNs.socket"],
      basis: "published",
      where: coreToCore("Ryzen 9 7950X"),
    },
    { what: ["latencyNs.memory"], basis: "assumed", where: "DDR5 on a desktop: about 80 ns" },
    {
      what: ["costNs.hit", "costNs.privateAtomic", "costNs.atomic"],
      basis: "assumed",
      where: "as epyc-9654",
    },
    {
      what: ["storeBufferEntries"],
      basis: "published",
      where: "Chips and Cheese, AMD's Zen 4, part 2: 64 entries in the store queue",
    },
    noScaling,
    ...unpublished,
  ],
};
