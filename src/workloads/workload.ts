/**
 * A workload: one script per CPU, the population that the scripts need, and what must have happened when all of them have
 * run to their end. Engines read nothing else; same parameters and seed give the same bytes.
 */
import type { BootPopulation } from "../kernel/boot-arguments.ts";
import { Event, eventLimit, repeatDepth } from "../kernel/events.ts";
import { type OperandKind, operandsOf, recordCells } from "./script.ts";

/** What `boot` of the kernel program has to create. */
export interface Population extends BootPopulation {
  /** Labels alive at a time, at most, compounds included; `profiles` + 1 unless given. Decides on per-CPU memory. */
  readonly totalLabels?: number;
}

/** Events over all CPUs, repeats multiplied out, and what the workload says about the result. */
export interface ExpectedCounts {
  readonly requests: number;
  readonly opens: number;
  /** Explicit closes; descriptors that `exit` or the end of a run closes are not among them. */
  readonly closes: number;
  readonly permissions: number;
  readonly sends: number;
  readonly accepts: number;
  readonly sockets: number;
  readonly secids: number;
  readonly forks: number;
  readonly execs: number;
  readonly exits: number;
  readonly dups: number;
  readonly passes: number;
  readonly receives: number;
  readonly profileChanges: number;
  readonly profileRemovals: number;
  /** Profiles loaded or replaced, those of a set counted one by one. */
  readonly loads: number;
  /** Changes that add a profile to the task's label. */
  readonly stacks: number;
  /** Hats entered or left. */
  readonly hats: number;
  /** Labels kept in slots, and dropped again. */
  readonly keeps: number;
  readonly drops: number;
  /** Labels looked for by their vector, and read from their names. */
  readonly lookUps: number;
  readonly parses: number;
  readonly signals: number;
  readonly pairs: number;
  readonly thinks: number;
  /** Sum of all think times, in ns. */
  readonly thinkNs: number;
  /** Times that a worker stood still in a system call, and for how many ns altogether. */
  readonly stalls: number;
  readonly stallNs: number;
  /** All records that are executed, `repeat` and `end` included. */
  readonly records: number;
  /** Opens that did not find their file: they take no reference and have no record. */
  readonly failedOpens: number;
  /** Descriptors that are open when the scripts end; they are open, not leaked. */
  readonly openAtCut: number;
}

/** A step of a written history of policy, for the result. */
export interface PolicyStep {
  /** As written: `load :web:nginx`. */
  readonly text: string;
  /**
   * Answers that the kernel writes down for the step; the first that is not `done` is its verdict. None: only the names are to
   * blame, and the kernel never sees the step.
   */
  readonly answers: readonly number[];
  /** What must come of it: `done` or the kernel's error. */
  readonly expected: string;
  /** Why it must fail, where it must. */
  readonly why?: string;
  /** Where a text is to blame: the column, from 1, and two lines with the text and a caret. */
  readonly column?: number;
  readonly caret?: string;
}

export interface Workload {
  readonly name: string;
  readonly cpus: number;
  /** One per CPU; 4 cells for each record. */
  readonly scripts: readonly Int32Array[];
  /** Records at the beginning of CPU 0's script that it executes alone, before anybody else begins; 0 = none. */
  readonly setupRecords: number;
  readonly population: Population;
  readonly expected: ExpectedCounts;
  /** Sentences for the report: what was left out or assumed. */
  readonly notes: readonly string[];
  /** Only of a written history of policy. */
  readonly policySteps?: readonly PolicyStep[];
}

/** What `build` of a workload gets beside its parameters. */
export interface BuildContext {
  /** Number of CPUs, 1 or more. */
  readonly cpus: number;
  readonly seed: string;
  /** Most profiles in a label, as the kernel is configured; 16 unless given. */
  readonly maxLabelParts?: number;
  /** Text of a trace that the parameters name, and the name to print in errors. Only `strace` asks. */
  readonly readTrace?: (path: string) => { readonly text: string; readonly file: string };
}

/** How often each event of one script is executed (by event number), with the sums of think times and of stalls. */
export interface EventCounts {
  readonly byEvent: readonly number[];
  readonly thinkNs: number;
  readonly stallNs: number;
}

/** Counts the events of one script, repeats multiplied out; reads each record once. */
export function countEvents(script: Int32Array): EventCounts {
  const byEvent = new Array<number>(eventLimit).fill(0);
  let thinkNs = 0;
  let stallNs = 0;
  const blockEnds: number[] = [];
  const factors = [1];
  const records = script.length / recordCells;
  for (let record = 0; record < records; record++) {
    while (blockEnds.length > 0 && blockEnds[blockEnds.length - 1] === record) {
      blockEnds.pop();
      factors.pop();
    }
    const at = record * recordCells;
    const factor = factors[factors.length - 1] ?? 1;
    const event = script[at] ?? 0;
    byEvent[event] = (byEvent[event] ?? 0) + factor;
    if (event === Event.think) thinkNs += factor * (script[at + 1] ?? 0);
    if (event === Event.stall) stallNs += factor * (script[at + 1] ?? 0);
    if (event === Event.repeat) {
      blockEnds.push(record + 1 + (script[at + 2] ?? 0));
      factors.push(factor * (script[at + 1] ?? 0));
    }
  }
  return { byEvent, thinkNs, stallNs };
}

/** What a workload tells of itself; the counts of events are computed from the scripts. */
export interface WorkloadParts {
  readonly name: string;
  readonly scripts: readonly Int32Array[];
  readonly population: Population;
  readonly failedOpens?: number;
  readonly openAtCut: number;
  /** See `Workload.setupRecords`; 0 unless given. */
  readonly setupRecords?: number;
  readonly notes?: readonly string[];
  readonly policySteps?: readonly PolicyStep[];
}

/** Puts a workload together: checks every record against the population and counts the events. */
export function makeWorkload(parts: WorkloadParts): Workload {
  const { setupRecords = 0 } = parts;
  for (const [cpu, script] of parts.scripts.entries())
    checkScript(script, parts.population, parts.scripts.length, cpu === 0 ? setupRecords : 0);
  const total = new Array<number>(eventLimit).fill(0);
  let thinkNs = 0;
  let stallNs = 0;
  for (const script of parts.scripts) {
    const counts = countEvents(script);
    thinkNs += counts.thinkNs;
    stallNs += counts.stallNs;
    for (const [event, count] of counts.byEvent.entries()) total[event] = (total[event] ?? 0) + count;
  }
  const of = (event: Event): number => total[event] ?? 0;
  return {
    name: parts.name,
    cpus: parts.scripts.length,
    scripts: parts.scripts,
    setupRecords,
    population: parts.population,
    expected: {
      requests: of(Event.request),
      opens: of(Event.open),
      closes: of(Event.close),
      permissions: of(Event.permission),
      sends: of(Event.send),
      accepts: of(Event.accept),
      sockets: of(Event.socket),
      secids: of(Event.secid),
      forks: of(Event.fork),
      execs: of(Event.exec),
      exits: of(Event.exit),
      dups: of(Event.dup),
      passes: of(Event.passFile),
      receives: of(Event.receiveFile),
      profileChanges: of(Event.changeProfile),
      profileRemovals: of(Event.removeProfile),
      loads: of(Event.loadProfile),
      stacks: of(Event.stackProfile),
      hats: of(Event.changeHat),
      keeps: of(Event.keepLabel),
      drops: of(Event.dropLabel),
      lookUps: of(Event.lookUpLabel),
      parses: of(Event.parseLabel),
      signals: of(Event.signalTask),
      pairs: of(Event.pair),
      thinks: of(Event.think),
      thinkNs,
      stalls: of(Event.stall),
      stallNs,
      records: total.reduce((sum, count) => sum + count, 0),
      failedOpens: parts.failedOpens ?? 0,
      openAtCut: parts.openAtCut,
    },
    notes: parts.notes ?? [],
    ...(parts.policySteps === undefined ? {} : { policySteps: parts.policySteps }),
  };
}

/** Events that a script may begin with: those of policy that no task does. */
const tasklessEvents: ReadonlySet<number> = new Set([
  Event.nameProfile,
  Event.nameChild,
  Event.createNamespace,
  Event.destroyNamespace,
  Event.loadProfile,
  Event.answer,
  Event.dropLabel,
  Event.parseLabel,
  Event.lookUpLabel,
  Event.openRawdata,
  Event.closeRawdata,
  Event.end,
]);

/** Operands that are indices must be below these. */
function operandLimits(population: Population, cpus: number): Partial<Record<OperandKind, number>> {
  const { profiles, descriptorsPerTask, tasks, channels } = population;
  const { namedProfiles = 0, namespaces = 0, labelSlots = 0, rawdataSlots = 0, answers = 0 } = population;
  const allProfiles = 1 + profiles + namedProfiles;
  return {
    fd: descriptorsPerTask,
    newFd: descriptorsPerTask,
    task: tasks,
    profile: allProfiles,
    parent: allProfiles,
    unconfined: allProfiles,
    channel: channels,
    cpu: cpus,
    namespace: 1 + namespaces,
    parentNamespace: 1 + namespaces,
    slot: labelSlots,
    rawdataSlot: rawdataSlots,
    answer: answers,
  };
}

/** RangeError (a defect of the workload) where a script leaves its population or its blocks are not well formed. */
function checkScript(script: Int32Array, population: Population, cpus: number, setupRecords: number): void {
  const limits = operandLimits(population, cpus);
  const records = script.length / recordCells;
  if (script[(records - 1) * recordCells] !== Event.end) throw new RangeError("a script finishes with end");
  if (!Number.isInteger(setupRecords) || setupRecords < 0 || setupRecords >= records) {
    throw new RangeError(`setupRecords ${setupRecords}, of ${records} records`);
  }
  const blockEnds: number[] = [];
  let hasTask = false;
  for (let record = 0; record < records; record++) {
    while (blockEnds.length > 0 && blockEnds[blockEnds.length - 1] === record) blockEnds.pop();
    if (record === setupRecords && blockEnds.length > 0) {
      throw new RangeError(`setupRecords ${setupRecords} ends inside a block`);
    }
    const at = record * recordCells;
    const event = script[at] ?? -1;
    if (event === Event.switchTask) hasTask = true;
    if (!hasTask && !tasklessEvents.has(event)) {
      throw new RangeError(`record ${record}: ${Event[event]} needs a switchTask before it`);
    }
    const operands = operandsOf(event);
    if (operands === undefined) throw new RangeError(`record ${record}: no event has number ${event}`);
    for (const [index, kind] of operands.entries()) {
      const value = script[at + 1 + index] ?? -1;
      const limit = limits[kind] ?? Number.POSITIVE_INFINITY;
      if (value < 0 || value >= limit) {
        throw new RangeError(`record ${record}: ${Event[event]}: ${kind} ${value} is not below ${limit}`);
      }
    }
    if (event === Event.repeat) {
      const blockEnd = record + 1 + (script[at + 2] ?? 0);
      const enclosing = blockEnds[blockEnds.length - 1] ?? records - 1;
      if (blockEnds.length === repeatDepth || blockEnd > enclosing || blockEnd === record + 1) {
        throw new RangeError(`record ${record}: malformed repeat block`);
      }
      blockEnds.push(blockEnd);
    }
  }
}

/**
 * 64 bits in hexadecimal over the bytes of all scripts: two FNV-1a lanes (Fowler, Noll, Vo; 32-bit prime 0x01000193) with
 * different starting values. Tells scripts apart; not for keeping secrets.
 */
export function hashScripts(scripts: readonly Int32Array[]): string {
  let low = 0x811c9dc5;
  let high = 0x9747b28c;
  const mix = (word: number): void => {
    // Byte by byte, low byte first, so that the machine's byte order does not show.
    for (let shift = 0; shift < 32; shift += 8) {
      const byte = (word >>> shift) & 0xff;
      low = Math.imul(low ^ byte, 0x01000193);
      high = Math.imul(high ^ (byte + 1), 0x01000193);
    }
  };
  for (const script of scripts) {
    mix(script.length);
    for (const cell of script) mix(cell);
  }
  const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, "0");
  return hex(high) + hex(low);
}
