/**
 * Makes one list of events, ordered in time over all processes, of a parsed trace. The list is still in the trace's own
 * terms: recorded descriptor numbers, processes numbered in order of appearance; replay.ts makes scripts of it.
 */
import { Event } from "../../kernel/events.ts";
import { type CallHandler, callHandlers, effectAtStart, harmlessCalls } from "./calls.ts";
import { Importer, type MutableRecord } from "./importer.ts";
import type { StraceCall, StraceText } from "./parse.ts";
import type { SkipGroup } from "./skips.ts";

/** One event of the merged list. */
export interface ImportedRecord {
  readonly process: number;
  readonly event: Event;
  readonly a: number;
  /** The operand; of `passFile` and `receiveFile` the channel. */
  readonly b: number;
  /** Of `exit`: the descriptors that it closes. */
  readonly closes?: readonly number[];
}

export interface ImportedTrace {
  readonly records: readonly ImportedRecord[];
  readonly processes: number;
  /** Programs that were executed; operand a of `exec` is an index into it. */
  readonly programs: readonly string[];
  /** Channels that `passFile` and `receiveFile` need; none ever holds more than one file. */
  readonly channels: number;
  /** Successful opens (open, openat, openat2, creat). */
  readonly opens: number;
  /** Opens that failed; they have no record. */
  readonly failedOpens: number;
  /** `open` events for pipes, epoll, eventfd and the like: files without a path. */
  readonly pseudoFiles: number;
  /** Descriptors open when the trace ends, by process. */
  readonly openAtCut: ReadonlyMap<number, readonly number[]>;
  /** How requests were told apart: by answers on accepted connections, or, where there are none, by opens. */
  readonly requestsBy: "answers" | "opens";
  /** Calls that do nothing to labels or descriptors, by name. */
  readonly harmless: ReadonlyMap<string, number>;
  readonly skips: readonly SkipGroup[];
}

interface Effect {
  readonly ns: number;
  readonly call?: StraceCall;
  readonly endOfPid?: number;
}

/** Imports a parsed trace. Never throws: what cannot be imported is among `skips`. */
export function importCalls(text: StraceText): ImportedTrace {
  const importer = new Importer(text);
  const pauses = idleBefore(text.calls);
  for (const effect of effects(text)) {
    if (effect.endOfPid !== undefined) {
      importer.exit(effect.endOfPid, false);
      continue;
    }
    const call = effect.call;
    if (call === undefined) continue;
    importer.pauseNs += pauses.get(call) ?? 0;
    const process = importer.processOf(call.pid);
    if (process.exited) {
      importer.skip("call of a process that has exited", call.line);
      continue;
    }
    const handler: CallHandler | undefined = callHandlers.get(call.name);
    if (handler === undefined) {
      if (harmlessCalls.has(call.name))
        importer.harmless.set(call.name, (importer.harmless.get(call.name) ?? 0) + 1);
      else importer.skip(`call that is not known: ${call.name}`, call.line);
      continue;
    }
    handler(importer, process, call);
  }
  return finish(importer);
}

/** For each call that ends an idle time of all processes together: how long it was, in ns. */
function idleBefore(calls: readonly StraceCall[]): Map<StraceCall, number> {
  const pauses = new Map<StraceCall, number>();
  let busyUntil = Number.POSITIVE_INFINITY;
  for (const call of calls.toSorted((x, y) => x.startNs - y.startNs || x.line - y.line)) {
    if (call.startNs > busyUntil) pauses.set(call, call.startNs - busyUntil);
    busyUntil = busyUntil === Number.POSITIVE_INFINITY ? call.endNs : Math.max(busyUntil, call.endNs);
  }
  return pauses;
}

/**
 * All calls in the order in which they take effect. A call that gives a descriptor away or ends something acts when it
 * starts, one that gets a descriptor when it returns: so a child comes after its fork, a received file after it was sent,
 * and a number is free before another thread gets it, although strace's lines overlap.
 */
function effects(text: StraceText): Effect[] {
  const latest = new Map<number, number>();
  const list: Effect[] = [];
  for (const call of text.calls) {
    // Times are rounded to us: keep the order of each thread's own calls.
    const own = effectAtStart(call.name) ? call.startNs : call.endNs;
    const ns = Math.max(own, latest.get(call.pid) ?? own);
    latest.set(call.pid, ns);
    list.push({ ns, call });
  }
  for (const end of text.ends)
    list.push({ ns: Math.max(end.ns, latest.get(end.pid) ?? end.ns), endOfPid: end.pid });
  return list.sort((x, y) => x.ns - y.ns);
}

function finish(importer: Importer): ImportedTrace {
  let unreceived = 0;
  const kept: MutableRecord[] = [];
  const channelOf = new Map<MutableRecord, number>();
  const busy: boolean[] = [];
  for (const record of importer.records) {
    if (record.event === Event.passFile) {
      if (record.received !== true) {
        unreceived++;
        continue;
      }
      let channel = busy.indexOf(false);
      if (channel < 0) channel = busy.length;
      busy[channel] = true;
      channelOf.set(record, channel);
      record.b = channel;
    } else if (record.event === Event.receiveFile && record.from !== undefined) {
      const pass = importer.records[record.from];
      const channel = pass === undefined ? undefined : channelOf.get(pass);
      if (channel !== undefined) {
        record.b = channel;
        busy[channel] = false;
      }
    }
    kept.push(record);
  }
  if (unreceived > 0) {
    importer.skip(
      "descriptors sent in a message that nobody received before the trace ends; not passed",
      importer.text.lines,
    );
  }
  const answers = kept.some((record) => record.event === Event.request);
  const records: ImportedRecord[] = [];
  for (const { process, event, a, b, closes } of kept) {
    records.push(closes === undefined ? { process, event, a, b } : { process, event, a, b, closes });
    if (!answers && event === Event.open) records.push({ process, event: Event.request, a: 0, b: 0 });
  }
  const openAtCut = new Map<number, readonly number[]>();
  for (const process of importer.processes) {
    const open = Array.from(process.descriptors.keys()).sort((x, y) => x - y);
    if (open.length > 0) openAtCut.set(process.index, open);
  }
  return {
    records,
    processes: importer.processes.length,
    programs: Array.from(importer.programs.keys()),
    channels: busy.length,
    opens: importer.opens,
    failedOpens: importer.failedOpens,
    pseudoFiles: importer.pseudoFiles,
    openAtCut,
    requestsBy: answers ? "answers" : "opens",
    harmless: importer.harmless,
    skips: importer.text.skips.groups(),
  };
}
