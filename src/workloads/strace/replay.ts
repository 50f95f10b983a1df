/**
 * The strace workload: every CPU replays the whole trace with tasks of its own, shifted in time by the seed. Task
 * `cpu * processes + k` is the k-th process of the trace on that CPU.
 */
import { z } from "zod";
import { RefplayError } from "../../errors.ts";
import { Event } from "../../kernel/events.ts";
import { profilesParameter } from "../parameters.ts";
import { Random } from "../random.ts";
import { ScriptBuilder } from "../script.ts";
import { type BuildContext, makeWorkload, type Workload } from "../workload.ts";
import { type ImportedRecord, type ImportedTrace, importCalls } from "./import.ts";
import { parseStrace } from "./parse.ts";
import { formatSkip } from "./skips.ts";

export const straceParameters = z.strictObject({
  trace: z
    .string()
    .min(1)
    .describe("path of a trace recorded with strace -f -ttt -T; relative to the config file"),
  rounds: z
    .int()
    .min(1)
    .max(1_000_000_000)
    .default(1)
    .describe("how often each CPU replays the trace; between rounds all descriptors are closed"),
  timeScale: z
    .number()
    .min(0)
    .max(1000)
    .default(1)
    .describe("factor on the recorded pauses; 0: no pauses. strace makes them longer than they were"),
  maxPauseUs: z
    .number()
    .min(0)
    .max(1_000_000)
    .default(1000)
    .describe(
      "recorded pauses are cut to this before they are scaled, in us: start-up and idle say nothing about load",
    ),
  profiles: profilesParameter
    .default(0)
    .describe(
      "profiles in the policy; with some, each program executed runs under one, else all stay unconfined",
    ),
});

export type StraceParameters = z.infer<typeof straceParameters>;

/** Descriptor numbers are kept where the largest is below this, else numbered anew. */
const keepNumbersBelow = 256;

/** Largest number of records that start a script for the shift of phase when there are no pauses. */
const maxIdleRecords = 64;

/** Most tasks of a replay. */
const maxTasks = 1_000_000;

/** Reads and imports a trace; for `refplay import` and for `build`. `file` names it in errors. */
export function importTrace(text: string, file: string): ImportedTrace {
  return importCalls(parseStrace(text, file));
}

/** Builds the workload from the trace that `context.readTrace` hands out. */
export function buildStrace(parameters: StraceParameters, context: BuildContext): Workload {
  if (context.readTrace === undefined) throw new Error("the strace workload needs readTrace");
  const { text, file } = context.readTrace(parameters.trace);
  return replayTrace(importTrace(text, file), parameters, context, file);
}

/** Makes the workload of an imported trace. RefplayError `trace-useless` where it holds no event at all. */
function replayTrace(
  trace: ImportedTrace,
  parameters: Omit<StraceParameters, "trace">,
  context: BuildContext,
  file: string,
): Workload {
  if (!trace.records.some((record) => record.event !== Event.think)) {
    throw new RefplayError("trace-useless", "no call of this trace opens, closes or uses a descriptor", {
      hint: "record without -e, or with -e trace=file,desc,network,process",
      location: { file },
    });
  }
  if (trace.processes * context.cpus > maxTasks) {
    throw new RefplayError(
      "trace-too-many-processes",
      `${trace.processes} processes on ${context.cpus} CPUs are more than ${maxTasks} tasks`,
      { hint: "use fewer CPUs or a shorter trace", location: { file } },
    );
  }
  const numbers = descriptorNumbers(trace);
  const scripts = Array.from({ length: context.cpus }, (_, cpu) =>
    replayScript({ trace, parameters, numbers, cpu, seed: context.seed }),
  );
  let open = 0;
  for (const descriptors of trace.openAtCut.values()) open += descriptors.length;
  return makeWorkload({
    name: "strace",
    scripts,
    population: {
      profiles: parameters.profiles,
      tasks: trace.processes * context.cpus,
      descriptorsPerTask: Math.max(1, numbers.size === 0 ? 0 : Math.max(...numbers.values()) + 1),
      threadsPerProcess: 1,
      channels: trace.channels * context.cpus,
    },
    failedOpens: trace.failedOpens * context.cpus * parameters.rounds,
    openAtCut: open * context.cpus,
    notes: traceNotes(trace),
  });
}

/** Recorded descriptor number -> number in the script. */
function descriptorNumbers(trace: ImportedTrace): Map<number, number> {
  const used = new Set<number>();
  for (const { event, a, b } of trace.records) {
    if (descriptorInA.has(event)) used.add(a);
    if (descriptorInB.has(event)) used.add(b);
  }
  const sorted = Array.from(used).sort((x, y) => x - y);
  const largest = sorted[sorted.length - 1] ?? 0;
  return new Map(sorted.map((fd, index) => [fd, largest < keepNumbersBelow ? fd : index]));
}

const descriptorInA: ReadonlySet<Event> = new Set([
  Event.open,
  Event.close,
  Event.permission,
  Event.send,
  Event.accept,
  Event.socket,
  Event.dup,
  Event.passFile,
  Event.receiveFile,
]);
const descriptorInB: ReadonlySet<Event> = new Set([Event.accept, Event.dup]);

interface ReplayOptions {
  readonly trace: ImportedTrace;
  readonly parameters: Omit<StraceParameters, "trace">;
  readonly numbers: ReadonlyMap<number, number>;
  readonly cpu: number;
  readonly seed: string;
}

function replayScript(options: ReplayOptions): Int32Array {
  const { trace, parameters, cpu } = options;
  const script = new ScriptBuilder();
  const firstTask = cpu * trace.processes;
  const firstProcess = trace.records[0]?.process ?? 0;
  script.add(Event.switchTask, firstTask + firstProcess);
  shiftPhase(script, options);
  script.repeat(parameters.rounds - 1, () => replayRound(script, options, true, -1));
  replayRound(script, options, false, parameters.rounds === 1 ? firstProcess : -1);
  return script.finish();
}

/** Lets the CPUs start apart: a seeded part of the mean pause or, without pauses, up to 63 records that do nothing. */
function shiftPhase(script: ScriptBuilder, { trace, parameters, cpu, seed }: ReplayOptions): void {
  const random = new Random(`${seed}/strace/${cpu}`);
  let pauses = 0;
  let sum = 0;
  for (const record of trace.records) {
    if (record.event !== Event.think) continue;
    pauses++;
    sum += pauseNs(record.a, parameters);
  }
  const shiftNs = sum === 0 ? 0 : random.below(Math.max(1, Math.floor(sum / pauses)));
  if (shiftNs > 0) script.add(Event.think, shiftNs);
  if (sum === 0) script.repeat(random.below(maxIdleRecords), () => script.add(Event.think, 0));
}

function pauseNs(recordedNs: number, parameters: Omit<StraceParameters, "trace">): number {
  const cut = Math.min(recordedNs, Math.round(parameters.maxPauseUs * 1000));
  return Math.min(0x7fff_ffff, Math.round(cut * parameters.timeScale));
}

/**
 * One pass over the trace. `again`: another follows, so every task has to be as it was at first: a forked task has exited,
 * so that it can be forked again; the others, whom nobody forks, are alive and have closed everything. `running`: the process
 * that the CPU runs, -1 where that is not known.
 */
function replayRound(script: ScriptBuilder, options: ReplayOptions, again: boolean, running: number): void {
  const { trace, parameters, numbers, cpu } = options;
  const number = (fd: number): number => {
    const found = numbers.get(fd);
    if (found === undefined) throw new RangeError(`descriptor ${fd} has no number`);
    return found;
  };
  const forked = new Set(trace.records.filter(({ event }) => event === Event.fork).map(({ a }) => a));
  const alive = new Set<number>();
  let current = running;
  const runAs = (process: number): void => {
    if (process !== current) script.add(Event.switchTask, cpu * trace.processes + process);
    current = process;
  };
  for (const record of trace.records) {
    const thinkNs = record.event === Event.think ? pauseNs(record.a, parameters) : 0;
    if (record.event === Event.think && thinkNs === 0) continue;
    // A pause belongs to the process that goes on after it: the one before may have exited.
    runAs(record.process);
    if (thinkNs > 0) {
      script.add(Event.think, thinkNs);
      continue;
    }
    if (record.event === Event.exit) alive.delete(record.process);
    if (record.event === Event.fork) alive.add(record.a);
    if (record.event === Event.exit && again && !forked.has(record.process)) {
      for (const fd of record.closes ?? []) script.add(Event.close, number(fd));
    } else {
      addRecord(script, record, { number, cpu, trace, profiles: parameters.profiles });
    }
  }
  if (!again) return;
  for (const process of alive) {
    runAs(process);
    script.add(Event.exit);
  }
  for (const [process, descriptors] of trace.openAtCut) {
    if (forked.has(process)) continue;
    runAs(process);
    for (const fd of descriptors) script.add(Event.close, number(fd));
  }
}

interface RecordContext {
  readonly number: (fd: number) => number;
  readonly cpu: number;
  readonly trace: ImportedTrace;
  readonly profiles: number;
}

function addRecord(script: ScriptBuilder, record: ImportedRecord, context: RecordContext): void {
  const { number, cpu, trace } = context;
  const { event } = record;
  switch (event) {
    case Event.accept:
    case Event.dup:
      script.add(event, number(record.a), number(record.b));
      break;
    case Event.passFile:
    case Event.receiveFile:
      script.add(event, number(record.a), cpu * trace.channels + record.b);
      break;
    case Event.fork:
      script.add(event, cpu * trace.processes + record.a, record.b);
      break;
    case Event.exec:
      script.add(event, context.profiles === 0 ? 0 : 1 + (record.a % context.profiles));
      break;
    default:
      script.add(event, descriptorInA.has(event) ? number(record.a) : record.a, record.b);
  }
}

/** Most sentences about skipped lines in the notes. */
const maxSkipNotes = 12;

function traceNotes(trace: ImportedTrace): string[] {
  const notes = [
    `${trace.opens} opens found their file, ${trace.failedOpens} did not and take no reference`,
    trace.requestsBy === "answers"
      ? "a request is an answer on an accepted connection"
      : "no answers on accepted connections: every open counts as one request",
  ];
  if (trace.pseudoFiles > 0)
    notes.push(`${trace.pseudoFiles} files without a path (pipes, epoll, ...) are opens too`);
  for (const group of trace.skips.slice(0, maxSkipNotes)) notes.push(`skipped: ${formatSkip(group)}`);
  if (trace.skips.length > maxSkipNotes)
    notes.push(`skipped: ${trace.skips.length - maxSkipNotes} more reasons`);
  return notes;
}
