/**
 * `maps-query`: which areas do these addresses belong to? By the text of /proc/PID/maps, by text that was parsed before, or by
 * PROCMAP_QUERY. docs/scenarios/maps-query.md tells the story, where each figure comes from, and what the model leaves out.
 */
import { z } from "zod";
import { RefplayError } from "../errors.ts";
import { Event } from "../kernel/events.ts";
import { LookUp, MapsEvent, MapsLayout } from "../kernel/procfs/maps/maps-names.ts";
import { Random } from "../workloads/random.ts";
import { bytesPerArea, mapsProgram, waitingBytes } from "./maps-audit.ts";
import { seedOf } from "./maps-read.ts";
import { finished, ScenarioScript } from "./script.ts";
import type {
  ProgramScenario,
  ScenarioContext,
  ScenarioFigure,
  ScenarioOutcome,
  ScenarioRun,
} from "./types.ts";

const source = "PROCMAP_QUERY series v1, patch 5, May 2024: 380 us by text, 10 us by query";

/** Published, us for a batch. */
const publishedUs: Readonly<Record<string, number>> = { text: 380, query: 10 };

const zonePages = 32_768;

/** Name of the figure that variants are compared by: the median batch. */
const batchFigure = "batch";

const parameters = z.strictObject({
  addresses: z.int().min(1).max(1_000_000).default(4435).describe("addresses of a batch, ascending"),
  areas: z.int().min(4).max(4000).default(702).describe("areas of the address space, of libraries"),
  hotAreas: z
    .int()
    .min(1)
    .max(1000)
    .default(6)
    .describe("areas that the addresses lie in; the published batch took 6 queries"),
  batches: z
    .int()
    .min(1)
    .max(10_000_000)
    .default(300)
    .describe("batches over all CPUs that look addresses up"),
  refreshEvery: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(100)
    .describe("batches for which `cached` parses the text once"),
  changers: z
    .int()
    .min(0)
    .max(16)
    .default(0)
    .describe(
      "CPUs that unmap pages of one more area with addresses, and map them again; they count among the cell's",
    ),
  changesPerBatch: z
    .int()
    .min(1)
    .max(10_000)
    .default(4)
    .describe("changes of each changer for each batch of a CPU, and as many for all batches of the run"),
  changeThinkUs: z.number().min(0).max(1_000_000).default(20).describe("time between two changes, us"),
  lineNs: z
    .int()
    .min(0)
    .max(100_000)
    .default(0)
    .describe("time that a line of text takes beside what is modelled, ns; 0 = compiled code alone"),
});
type Parameters = z.infer<typeof parameters>;

function build(given: Parameters, context: ScenarioContext): ScenarioRun {
  const { cpus, seed, size } = context;
  const small = size === "small";
  // A run in small may have fewer CPUs than the cell.
  const changers = small ? Math.min(given.changers, cpus - 1) : given.changers;
  const readers = cpus - changers;
  if (readers < 1)
    throw new RefplayError(
      "too-few-cpus",
      `maps-query on ${cpus} CPUs has none for look-ups: ${given.changers} are changers`,
      {
        hint: `\`cpus: [${given.changers + 1}]\` or more, or fewer \`changers\``,
      },
    );
  const batches = Math.max(1, Math.ceil((small ? 3 * readers : given.batches) / readers));
  const addresses = small ? Math.min(given.addresses, 40) : given.addresses;
  const areas = small ? Math.min(given.areas, 60) : given.areas;
  const pages = addressesOf(addresses, areas, changers, given.hotAreas, seed);
  const scripts = Array.from({ length: cpus }, (_, cpu) => {
    const script = new ScenarioScript();
    if (cpu === 0) for (const page of pages) script.add(MapsEvent.address, page);
    script.add(MapsEvent.seed, seedOf(`${seed}/${cpu}`));
    if (cpu < readers) {
      script.repeat(batches, () => {
        script.add(MapsEvent.lookUp);
        if (changers > 0) script.add(MapsEvent.judge);
      });
    } else {
      const zone = MapsLayout.zones + (cpu - readers) * MapsLayout.zoneStride;
      script.repeat(Math.ceil((batches * given.changesPerBatch) / 2), () => {
        for (const event of [MapsEvent.unmapOne, MapsEvent.mapOne]) {
          script.add(event, zone, zonePages);
          if (!small && given.changeThinkUs > 0)
            script.add(Event.think, Math.round(given.changeThinkUs * 1000));
        }
      });
    }
    return script;
  });
  return {
    ...finished(scripts),
    requests: readers * batches,
    setupRecords: pages.length,
    boot: [areas, changers, zonePages, 0, pages.length, small ? 0 : given.lineNs, 0, 0, 0, 0],
    heapBytes: areas * (bytesPerArea + 96 * cpus) + cpus * (pages.length * 4 + 16_384) + waitingBytes,
    options: { refreshEvery: small ? 2 : given.refreshEvery },
    // `seed` and `repeat` come before the batches.
    sampleCpus: [{ cpu: 0, skipRecords: 2, batchesPerRound: changers > 0 ? 2 : 1 }],
    notes: [],
  };
}

/** Pages of areas that the seed chooses; where something changes, one of them is what changes. */
function addressesOf(
  count: number,
  areas: number,
  changers: number,
  hotAreas: number,
  seed: string,
): number[] {
  const random = new Random(`${seed}/maps-query`);
  const all = Array.from({ length: areas }, (_, area) => area);
  const hot = random.shuffle(all).slice(0, Math.max(1, hotAreas - (changers > 0 ? 1 : 0)));
  const places: (readonly [number, number])[] = hot.map((area) => {
    const library = Math.floor(area / MapsLayout.segments);
    const first = MapsLayout.libraries + library * MapsLayout.libraryStride;
    return [first + (area % MapsLayout.segments) * MapsLayout.segmentPages, MapsLayout.segmentPages];
  });
  if (changers > 0) places.push([MapsLayout.zones, zonePages]);
  return Array.from({ length: count }, (_, index) => {
    const [first, pages] = places[index % places.length] as readonly [number, number];
    return first + random.below(pages);
  }).sort((a, b) => a - b);
}

/** Whether a cell is the published batch, but for how many of them there are: one thread, compiled code on a real machine. */
function isPublished({ cpus, engine, parameters: given }: ScenarioOutcome<Parameters>): boolean {
  const standard = parameters.parse({ batches: given.batches, refreshEvery: given.refreshEvery });
  const same = (Object.keys(standard) as (keyof Parameters)[]).every((key) => standard[key] === given[key]);
  return engine === "threads" && cpus === 1 && same;
}

/** Median time of a batch, ns. */
function batchNs({ cpuTimes, latencies }: ScenarioOutcome<Parameters>): number | null {
  const simulated = latencies.find(({ event }) => event === MapsEvent.lookUp);
  return simulated?.p50Ns ?? cpuTimes[0]?.batchNs[0]?.p50 ?? null;
}

function figures(outcome: ScenarioOutcome<Parameters>): readonly ScenarioFigure[] {
  const { atEnd, parameters: given, variant } = outcome;
  // Those that were done: a run on threads may have been cut by time.
  const batches = atEnd.requests ?? 0;
  const ns = batchNs(outcome);
  const us = publishedUs[variant];
  const each = (name: string, unit: string, counter: string, of: number): ScenarioFigure => ({
    name,
    unit,
    value: of === 0 ? null : (atEnd[counter] ?? 0) / of,
  });
  const answers = atEnd.answers ?? 0;
  return [
    {
      name: batchFigure,
      unit: "us",
      value: ns === null ? null : ns / 1000,
      ...(us === undefined || !isPublished(outcome) ? {} : { published: { min: us, max: us, source } }),
    },
    { name: "address", unit: "ns", value: ns === null ? null : ns / given.addresses },
    each("queries", "per batch", "queries", batches),
    each("text", "bytes per batch", "bytes", batches),
    each("lines", "per batch", "told", batches),
    { name: "stale answers", unit: "%", value: answers === 0 ? null : (100 * (atEnd.stale ?? 0)) / answers },
  ];
}

const variant = (name: string, summary: string, lookUp: LookUp) => ({
  name,
  summary,
  // What PROCMAP_QUERY came into: readers had the lock of the address space.
  options: { lookUp, reader: 0 },
});

export const mapsQuery: ProgramScenario<typeof parameters> = {
  ...mapsProgram,
  title: "point queries of an address space",
  summary: "batches of addresses are looked up by the text of /proc/PID/maps, by parsed text, or by query",
  doc: "docs/scenarios/maps-query.md",
  variants: [
    variant("text", "the whole text is formatted and parsed for each batch", LookUp.text),
    variant("cached", "what was parsed is used for many batches, and may be stale", LookUp.cached),
    variant("query", "since v6.11: one question for each area", LookUp.query),
  ],
  requests: "batches",
  events: MapsEvent as unknown as Record<number, string>,
  parameters,
  build,
  figures,
  // Median batches, as what was published: a run's rate has in it whatever else the machine did meanwhile.
  gain: (outcome) =>
    outcome.variant === "query"
      ? {
          over: "text",
          by: batchFigure,
          ...(isPublished(outcome) ? { published: { min: 35, max: 38, source } } : {}),
        }
      : undefined,
};
