/**
 * What a description of a computer may say: every field with unit, range and default.
 *
 * The sentences here are the only copy: errors, docs/machines/README.md and the JSON Schema for editors come from them. Shipped
 * machines are `src/machines/descriptions/`; a user's own has the same fields, in a file or inside a config.
 */
import { z } from "zod";
import { checkMachine } from "./consistency.ts";

/** Hardware threads that a machine may have; more than this nobody has tried. */
export const mostThreads = 4096;

const count = z.int().min(1).max(mostThreads);
const costNs = z.number().min(0).max(100_000);
/** At least two of the simulator's ticks (1/16 ns): a request travels for half of it. */
const latencyNs = z.number().min(0.125).max(100_000);

const topology = z
  .strictObject({
    sockets: count.default(1).describe("Sockets"),
    l3Domains: count.describe("Groups of cores that share a last-level cache, in all sockets together"),
    cores: count.describe("Cores, in all sockets together"),
    threads: count.describe(
      "Hardware threads, in all sockets together: the most CPUs that a run may ask for",
    ),
    numbering: z
      .enum(["compact", "cores-first"])
      .default("compact")
      .describe(
        "Which thread a CPU number means: compact = a core's threads, then the next core; cores-first = one thread of every core, socket after socket, then the second ones",
      ),
  })
  .describe("What the machine is made of; each level divides the one above evenly");

const costs = z
  .strictObject({
    hit: z.number().positive().max(100_000).default(1).describe("Load of a line that the CPU has, ns"),
    store: costNs
      .default(0)
      .describe("Plain store, ns, before the CPU goes on; the store buffer does the rest"),
    privateAtomic: costNs.default(2).describe("Atomic read-modify-write of a line that the CPU owns, ns"),
    atomic: costNs.default(5).describe("The same on top of the fetch of a line that somebody else had, ns"),
    fence: costNs.default(2).describe("Full fence with an empty store buffer, ns"),
  })
  .describe("What an operation costs the CPU that does it");

const latencies = z
  .strictObject({
    smt: latencyNs
      .optional()
      .describe("From another thread of the core, ns; needed where cores have several"),
    l3: latencyNs
      .optional()
      .describe("From another core of the L3 domain, ns; needed where domains have several"),
    socket: latencyNs
      .optional()
      .describe("From another L3 domain of the socket, ns; needed where sockets have several"),
    cross: latencyNs.optional().describe("From another socket, ns; needed where there are several"),
    memory: latencyNs.default(100).describe("Of a line that no cache has, ns"),
  })
  .describe("Idle latency of a cache line, one way");

const handOffs = z
  .strictObject({
    smt: latencyNs.optional().describe("To a waiter on the same core, ns; the idle latency where left out"),
    l3: latencyNs.optional().describe("To a waiter in the L3 domain, ns; the idle latency where left out"),
    socket: latencyNs
      .optional()
      .describe("To one in another domain of the socket, ns; the idle latency where left out"),
    cross: latencyNs.optional().describe("To one in another socket, ns; the idle latency where left out"),
  })
  .prefault({})
  .describe("Latency of a line that others wait for, from the one who has it to the next waiter");

const scaling = z
  .array(
    z.strictObject({
      l3Domains: count.describe("L3 domains in use"),
      percent: z
        .number()
        .min(1)
        .max(100)
        .describe("Throughput per CPU in percent of what one L3 domain gives"),
    }),
  )
  .max(64)
  .default([])
  .describe(
    "Loss that has nothing to do with the program under test, by L3 domains in use: linear between two, the last one's beyond (an assumption); empty = none",
  );

/** How a number came about. */
const bases = ["published", "measured", "assumed", "fitted"] as const;

const source = z.strictObject({
  what: z
    .array(z.string().min(1))
    .min(1)
    .describe("Fields that this is about, or groups: latencyNs.l3, topology"),
  basis: z
    .enum(bases)
    .describe("published = by others; measured = here; assumed = nobody did; fitted = to the cells named"),
  where: z
    .string()
    .min(1)
    .describe("Publication and place in it, or why the value was chosen, or the cells it was fitted to"),
});

const fields = z.strictObject({
  name: z
    .string()
    .default("custom")
    .describe("Name in tables and results: letters, digits, dots and dashes, 40 at most"),
  title: z.string().max(200).default("").describe("What machine it is, in one line"),
  summary: z.string().max(2000).default("").describe("What to know about it"),
  standIn: z
    .string()
    .min(1)
    .max(2000)
    .optional()
    .describe(
      "What it stands in for, where the described machine is not the one that was measured, or does not exist",
    ),
  topology,
  lineBytes: z.int().min(64).max(4096).default(64).describe("Size of a cache line, bytes; a power of two"),
  costNs: costs.prefault({}),
  latencyNs: latencies.prefault({}),
  handOffNs: handOffs,
  holdNs: costNs
    .default(0.5)
    .describe("For how long an owner keeps a line that others wait for, after its last touch, ns"),
  mostHoldNs: costNs.default(50).describe("The same after it got the line, ns, however often it touches it"),
  storeBufferEntries: z
    .int()
    .min(1)
    .max(1024)
    .default(56)
    .describe("Plain stores that can wait in a CPU's store buffer"),
  gracePeriodUs: z
    .number()
    .min(0)
    .max(10_000_000)
    .default(7500)
    .describe("Least length of an RCU grace period, us"),
  scaling,
  sources: z.array(source).default([]).describe("Where the numbers come from"),
});

export const machineSchema = fields.superRefine(checkMachine);

/** A description as it is written; fields with a default may be left out. */
export type MachineInput = z.input<typeof fields>;

/** A description with all defaults filled in. */
export type MachineDescription = z.output<typeof fields>;

/** How a number came about. */
export type Basis = (typeof bases)[number];
