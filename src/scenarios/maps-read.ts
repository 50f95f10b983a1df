/**
 * `maps-read`: monitors read /proc/PID/maps while the process maps and unmaps memory. docs/scenarios/maps-read.md tells the story,
 * where each figure comes from, and what the model leaves out.
 */
import { RefplayError } from "../errors.ts";
import { Event } from "../kernel/events.ts";
import { MapsEvent, MapsLayout, Monitor, Reader } from "../kernel/procfs/maps/maps-names.ts";
import { bytesPerArea, mapsProgram, waitingBytes } from "./maps-audit.ts";
import { type MapsReadParameters as Parameters, parameters } from "./maps-read-parameters.ts";
import { finished, ScenarioScript } from "./script.ts";
import type {
  ProgramScenario,
  ScenarioContext,
  ScenarioFigure,
  ScenarioOutcome,
  ScenarioRun,
} from "./types.ts";

const source = "cover letter of the per-VMA lock series, June 2025 (lkml.indiana.edu 2506.1)";

/** Published, us: of the lock of all of it, and of areas' own locks. */
const published = {
  "mmap-lock": { mean: [11, 11], median: [8, 15], max: [455, 3018] },
  "vma-lock": { mean: [6, 6], median: [5, 6], max: [36, 498] },
} as const;

const pagesPerMiB = 256;

/** CPUs that have a zone of page numbers to themselves. */
const mostChangers = 200;

function build(given: Parameters, context: ScenarioContext): ScenarioRun {
  const { cpus, seed, size } = context;
  const small = size === "small";
  // A run in small may have fewer CPUs than the cell.
  const changers = cpus - (small ? Math.min(given.monitors, cpus - 1) : given.monitors);
  if (changers < 1)
    throw new RefplayError(
      "too-few-cpus",
      `maps-read on ${cpus} CPUs has none for changes: ${given.monitors} are monitors`,
      { hint: `\`cpus: [${given.monitors + 1}]\` or more, or fewer \`monitors\`` },
    );
  if (changers > mostChangers)
    throw new RefplayError(
      "too-many-cpus",
      `maps-read has zones for ${mostChangers} CPUs that make changes, not ${changers}`,
      {
        hint: "fewer `cpus`, or more `monitors`",
      },
    );
  const pairs = small ? 8 : Math.max(2, Math.ceil(given.changes / (2 + given.protects) / changers));
  const zonePages = given.zoneMiB * pagesPerMiB;
  const scripts = Array.from({ length: cpus }, (_, cpu) => {
    const script = new ScenarioScript();
    script.add(MapsEvent.seed, seedOf(`${seed}/${cpu}`));
    if (cpu < changers) addChanges(script, given, cpu, pairs, small ? 0 : given.thinkUs);
    else {
      const monitor = cpu - changers;
      const who =
        (monitor < given.lowPriority ? Monitor.lowPriority : 0) |
        (monitor < given.otherFile ? Monitor.otherFile : 0);
      script.add(MapsEvent.monitor, who, small ? 0 : Math.round(given.pauseUs * 1000));
    }
    return script;
  });
  const { lineNs, lockedNs, unlockedNs, heldUpLines, heldUpUs } = given;
  const times = small
    ? [0, 0, 0, 0, 0]
    : [lineNs, lockedNs, unlockedNs, heldUpLines, Math.round(heldUpUs * 1000)];
  const areas = small ? Math.min(given.areas, 12) : given.areas;
  const protectedPages = given.protects === 0 ? 0 : given.protectedPages;
  const most = areas + changers * (4 + 2 * protectedPages);
  return {
    ...finished(scripts),
    requests: changers * pairs * (2 + given.protects),
    setupRecords: 0,
    boot: [areas, changers, zonePages, protectedPages, 0, ...times],
    heapBytes: most * bytesPerArea + cpus * 8192 + waitingBytes,
    options: { readerRetries: given.readerRetries },
    // `seed` and `repeat` come before the changes, and between any two of them the CPU thinks.
    sampleCpus: [{ cpu: 0, skipRecords: 2, batchesPerRound: given.thinkUs > 0 ? 2 : 1 }],
    notes: [],
  };
}

function addChanges(
  script: ScenarioScript,
  given: Parameters,
  cpu: number,
  pairs: number,
  thinkUs: number,
): void {
  const zone = MapsLayout.zones + cpu * MapsLayout.zoneStride;
  const protectedZone = MapsLayout.protectedZones + cpu * MapsLayout.zoneStride;
  const think = (): void => {
    if (thinkUs > 0) script.add(Event.think, Math.round(thinkUs * 1000));
  };
  script.repeat(pairs, () => {
    script.add(MapsEvent.unmapOne, zone, given.zoneMiB * pagesPerMiB);
    think();
    script.add(MapsEvent.mapOne);
    think();
    for (let protect = 0; protect < given.protects; protect++) {
      script.add(MapsEvent.protectSome, protectedZone, given.protectedPages);
      think();
    }
  });
  script.add(MapsEvent.changesDone);
}

/** A number for the program's own generator, 1 to 2^31 - 1 (FNV-1a). */
export function seedOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const char of text) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193);
  return ((hash >>> 1) % 0x7ffffffe) + 1;
}

/** The machine that `unlockedNs` was fitted on; which one the published figures come from is not known. */
const fittedOn = "epyc-9654";

/** Whether a cell is the published load, but for how long it runs. */
function isPublished({ cpus, engine, machine, parameters: given }: ScenarioOutcome<Parameters>): boolean {
  const standard = parameters.parse({ changes: given.changes });
  const same = (Object.keys(standard) as (keyof Parameters)[]).every((key) => standard[key] === given[key]);
  return engine === "sim" && machine === fittedOn && cpus === 3 && same;
}

interface ChangeTimes {
  readonly mean: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Of one change, ns; on sim of all of them, on threads of CPU 0's, each with a look at the clock. */
function changeTimes({ cpuTimes, latencies }: ScenarioOutcome<Parameters>): ChangeTimes | null {
  const simulated = latencies.find(({ event }) => event === MapsEvent.unmapOne);
  if (simulated !== undefined)
    return { mean: simulated.meanNs, p50: simulated.p50Ns, p99: simulated.p99Ns, max: simulated.maxNs };
  return cpuTimes[0]?.batchNs[0] ?? null;
}

/** Texts of each monitor from which on it does not show that a run was cut amid one: half a percent. */
const enoughTexts = 100;

/** Time of a text, ns; null where none was read to its end, or too few of them in a run that was cut. */
function textNs({
  atEnd,
  cpuNs,
  cpus,
  finished,
  parameters: given,
}: ScenarioOutcome<Parameters>): number | null {
  const passes = atEnd.passes ?? 0;
  if (passes === 0 || (!finished && passes < enoughTexts * given.monitors)) return null;
  return cpuNs.slice(cpus - given.monitors).reduce((sum, ns) => sum + ns, 0) / passes;
}

function figures(outcome: ScenarioOutcome<Parameters>): readonly ScenarioFigure[] {
  const { atEnd, variant } = outcome;
  const times = changeTimes(outcome);
  const known =
    isPublished(outcome) && Object.hasOwn(published, variant)
      ? published[variant as keyof typeof published]
      : undefined;
  // `unlockedNs` was chosen for the mean with `vma-lock`, and the median is next to it.
  const fit = known !== undefined && variant === "vma-lock" ? { fitted: true as const } : {};
  const change = (
    name: keyof ChangeTimes,
    told?: readonly [number, number],
    basis: Pick<ScenarioFigure, "assumed" | "fitted"> = {},
  ): ScenarioFigure => ({
    name: `change ${name}`,
    unit: "us",
    value: times === null ? null : times[name] / 1000,
    ...(told === undefined ? {} : { published: { min: told[0], max: told[1], source } }),
    ...basis,
  });
  const text = textNs(outcome);
  const page = outcome.latencies.find(({ event }) => event === MapsEvent.readPage);
  const count = (name: string, counter = name): ScenarioFigure => ({
    name,
    unit: "count",
    value: atEnd[counter] ?? 0,
  });
  return [
    change("mean", known?.mean, fit),
    change("p50", known?.median, fit),
    change("p99"),
    change("max", known?.max, known === undefined ? {} : { assumed: true }),
    { name: "text", unit: "us", value: text === null ? null : text / 1000 },
    { name: "page mean", unit: "us", value: page === undefined ? null : page.meanNs / 1000 },
    { name: "page max", unit: "us", value: page === undefined ? null : page.maxNs / 1000 },
    count("texts", "passes"),
    count("retries"),
    count("fallbacks"),
    count("false gaps", "falseGaps"),
    count("twice"),
    count("torn"),
    count("held up", "heldUp"),
  ];
}

const variant = (name: string, summary: string, reader: Reader) => ({ name, summary, options: { reader } });

export const mapsRead: ProgramScenario<typeof parameters> = {
  ...mapsProgram,
  title: "/proc/PID/maps under churn",
  summary: "monitors read /proc/PID/maps while the process maps and unmaps pages: with and without its lock",
  doc: "docs/scenarios/maps-read.md",
  variants: [
    variant(
      "mmap-lock",
      "until v6.16: readers have the lock of the address space for each page of text",
      Reader.mmapLock,
    ),
    variant(
      "rcu-validate",
      "proposed 2024 and 2025: copies under RCU that count if nothing has changed",
      Reader.rcuValidate,
    ),
    variant("rcu-tearing", "under RCU, whatever is found", Reader.rcuTearing),
    variant(
      "rcu-low-priority",
      "rcu-validate for monitors of low priority, mmap-lock for the others",
      Reader.rcuLowPriority,
    ),
    variant(
      "separate-file",
      "rcu-tearing in a file of its own, mmap-lock in the old one",
      Reader.separateFile,
    ),
    variant("vma-lock", "since v6.17: readers lock each area", Reader.vmaLock),
  ],
  requests: "changes",
  events: MapsEvent as unknown as Record<number, string>,
  parameters,
  build,
  figures,
  gain: (outcome) => (outcome.variant === "mmap-lock" ? undefined : { over: "mmap-lock" }),
};
