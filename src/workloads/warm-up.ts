/**
 * How far a script is executed before a simulation's clock starts: a real server's caches of free objects are full when it is
 * measured. Without it 192 CPUs begin by fighting for the heap's lock, which costs four points of efficiency that
 * no strategy is to blame for.
 */
import { Event, repeatDepth } from "../kernel/events.ts";
import { recordCells } from "./script.ts";

/** Requests of each CPU that warm it up, and most records. */
const warmRequests = 3;
const mostRecords = 256;

/** Events that may wait for another CPU, which has not begun yet, or that are no part of serving. */
const ends: ReadonlySet<number> = new Set([
  Event.end,
  Event.waitFor,
  Event.post,
  Event.passFile,
  Event.receiveFile,
  Event.stall,
]);

/** By CPU: records to execute behind the set-up, up to the end of a request; no more than the start where requests come later than that. */
export function warmRecords(scripts: readonly Int32Array[], setupRecords = 0): number[] {
  return scripts.map((script, cpu) => warmOf(script, cpu === 0 ? setupRecords : 0));
}

function warmOf(script: Int32Array, first: number): number {
  const loops: { start: number; end: number; left: number }[] = [];
  let at = first;
  let executed = 0;
  let requests = 0;
  while (executed < mostRecords) {
    const event = script[at * recordCells] ?? Event.end;
    if (ends.has(event)) break;
    executed++;
    at++;
    if (event === Event.request && ++requests === warmRequests) break;
    if (event === Event.repeat) {
      const rounds = script[(at - 1) * recordCells + 1] ?? 0;
      const body = script[(at - 1) * recordCells + 2] ?? 0;
      if (rounds > 0 && loops.length < repeatDepth) loops.push({ start: at, end: at + body, left: rounds });
    }
    for (let loop = loops.at(-1); loop !== undefined && loop.end === at; loop = loops.at(-1)) {
      loop.left--;
      if (loop.left > 0) at = loop.start;
      else loops.pop();
      if (loop.left > 0) break;
    }
  }
  return executed;
}
