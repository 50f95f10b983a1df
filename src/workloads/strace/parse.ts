/**
 * Reads the text that `strace -f -ttt -T` writes into calls with their times. Knows nothing of what the calls mean.
 *
 *     11252 1795173781.470771 openat(AT_FDCWD, "/etc/ld.so.cache", O_RDONLY|O_CLOEXEC) = 3 <0.000010>
 *     11252 1795173781.480680 fcntl(8, F_SETOWN, 11252 <unfinished ...>
 *     11252 1795173781.480711 <... fcntl resumed>) = 0 <0.000023>
 *     11252 1795173781.490000 --- SIGCHLD {si_signo=SIGCHLD, ...} ---
 *     11252 1795173781.500000 +++ exited with 0 +++
 */
import { RefplayError } from "../../errors.ts";
import { SkipLog } from "./skips.ts";

/** One finished call. Times are ns since the first line of the trace. */
export interface StraceCall {
  readonly pid: number;
  readonly name: string;
  /** Text between the parentheses. */
  readonly args: string;
  /** The result where it is a number; `undefined` for `?` and addresses. */
  readonly result: number | undefined;
  /** `ENOENT` and the like, for a call that failed. */
  readonly error: string | undefined;
  /** Text behind the result, for example `/* 57 in strace's PID NS *\/`. */
  readonly remark: string;
  readonly startNs: number;
  readonly endNs: number;
  /** Lines, from 1, on which the call starts and on which it ends. */
  readonly line: number;
  readonly endLine: number;
}

/** A process or thread is gone: `+++ exited with 0 +++` or `+++ killed by SIGKILL +++`. */
interface StraceEnd {
  readonly pid: number;
  readonly ns: number;
  readonly line: number;
}

export interface StraceText {
  readonly calls: readonly StraceCall[];
  readonly ends: readonly StraceEnd[];
  readonly skips: SkipLog;
  readonly lines: number;
}

/** `11252 1795173781.470771 rest`, with `[pid 11252]` or no process number at all (a trace without -f) as well. */
const lineStart = /^(?:\[pid\s+(\d+)\]\s+|(\d+)\s+)?(\d{6,})\.(\d{1,9})\s+(.*)$/;
/** The same line without a time: recorded without -ttt. */
const lineWithoutTime =
  /^(?:\[pid\s+\d+\]\s+|\d+\s+)?(?:\d\d:\d\d:\d\d(?:\.\d+)?\s+)?(?:\w+\(.*|<\.\.\. \w+ resumed>.*)$/;
const callStart = /^([a-z_][a-z0-9_]*)\(/;
const resumed = /^<\.\.\. ([a-z_][a-z0-9_]*) resumed>\s?(.*)$/;
const unfinishedMark = "<unfinished ...>";
const resultPart = /^\s*= (\?|0x[0-9a-f]+|-?\d+)(?:<[^>]*>)?\s*(.*?)\s*(?:<(\d+)\.(\d+)>)?$/;

interface Pending {
  readonly name: string;
  readonly text: string;
  readonly startNs: number;
  readonly line: number;
}

/**
 * Parses a trace. What cannot be read is skipped and noted; RefplayError `trace-empty`, `trace-binary`, `trace-format` where
 * nothing can be read at all. `file` names the trace in errors.
 */
export function parseStrace(text: string, file: string): StraceText {
  refuseForeignText(text, file);
  const calls: StraceCall[] = [];
  const ends: StraceEnd[] = [];
  const skips = new SkipLog();
  const pending = new Map<number, Pending>();
  const lines = text.split("\n");
  const complete = text.endsWith("\n");
  if (complete) lines.pop();
  let originSeconds: number | undefined;
  let withoutTime: number | undefined;

  for (const [index, raw] of lines.entries()) {
    const line = index + 1;
    const trimmed = raw.endsWith("\r") ? raw.slice(0, -1) : raw;
    if (trimmed.trim() === "" || /^strace: Process \d+ (?:attached|detached)/.test(trimmed)) continue;
    const cut = line === lines.length && !complete;
    const match = lineStart.exec(trimmed);
    if (match === null) {
      if (lineWithoutTime.test(trimmed)) withoutTime ??= line;
      skips.add(cut ? "line cut off at the end of the trace" : "not a line of strace -f -ttt -T", line);
      continue;
    }
    const pid = Number(match[1] ?? match[2] ?? 0);
    const seconds = Number(match[3]);
    originSeconds ??= seconds;
    const ns = (seconds - originSeconds) * 1e9 + Number((match[4] ?? "").padEnd(9, "0"));
    const rest = match[5] ?? "";

    if (rest.startsWith("+++")) {
      ends.push({ pid, ns, line });
      const open = pending.get(pid);
      // exit and exit_group never return; strace leaves them unfinished.
      if (open !== undefined && !open.name.startsWith("exit"))
        skips.add("call that never returned", open.line);
      pending.delete(pid);
      continue;
    }
    if (rest.startsWith("---")) continue;

    let name: string;
    let body: string;
    let startNs = ns;
    let startLine = line;
    const again = resumed.exec(rest);
    if (again !== null) {
      const open = pending.get(pid);
      if (open === undefined || open.name !== again[1]) {
        skips.add("end of a call whose beginning is not in the trace", line);
        continue;
      }
      name = open.name;
      body = open.text + (again[2] ?? "");
      startNs = open.startNs;
      startLine = open.line;
    } else {
      const start = callStart.exec(rest);
      if (start === null) {
        skips.add(cut ? "line cut off at the end of the trace" : "not a line of strace -f -ttt -T", line);
        continue;
      }
      name = start[1] ?? "";
      body = rest.slice(name.length + 1);
    }

    const stopped = body.trimEnd();
    if (stopped.endsWith(unfinishedMark)) {
      const soFar = stopped.slice(0, -unfinishedMark.length);
      pending.set(pid, { name, text: soFar, startNs, line: startLine });
      continue;
    }
    const call = finishCall(body, { pid, name, startNs, line: startLine, endLine: line }, ns);
    if (call === undefined) {
      // A cut last line may be the rest of a call that began earlier: that one is unfinished then.
      if (cut && again !== null) continue;
      skips.add(cut ? "line cut off at the end of the trace" : "call that cannot be read", line);
      if (again !== null) pending.delete(pid);
      continue;
    }
    if (again !== null) pending.delete(pid);
    calls.push(call);
  }

  for (const open of pending.values()) skips.add("call cut off by the end of the trace", open.line);
  if (calls.length === 0) throw noCalls(file, withoutTime);
  return { calls, ends, skips, lines: lines.length };
}

/** Splits `args) = result remark <duration>`; `undefined` if it is not whole. */
function finishCall(
  body: string,
  known: Pick<StraceCall, "pid" | "name" | "startNs" | "line" | "endLine">,
  lineNs: number,
): StraceCall | undefined {
  const close = closingParenthesis(body);
  if (close < 0) return undefined;
  const match = resultPart.exec(body.slice(close + 1));
  if (match === null) return undefined;
  const resultText = match[1] ?? "?";
  const remark = match[2] ?? "";
  const result = /^-?\d+$/.test(resultText) ? Number(resultText) : undefined;
  const duration =
    match[3] === undefined ? 0 : Number(match[3]) * 1e9 + Number((match[4] ?? "").slice(0, 9).padEnd(9, "0"));
  // The line of a split call is written when it returns, that of a whole call when it starts.
  const endNs = known.line === known.endLine ? known.startNs + duration : lineNs;
  const error = result === -1 ? (/^(E[A-Z0-9]+)/.exec(remark)?.[1] ?? "unknown") : undefined;
  return { ...known, args: body.slice(0, close), result, error, remark, endNs };
}

/** Index of the parenthesis that closes the argument list, outside strings and brackets; -1 if there is none. */
function closingParenthesis(body: string): number {
  let depth = 0;
  for (let at = 0; at < body.length; at++) {
    const char = body.charCodeAt(at);
    if (char === 0x22) {
      at = endOfString(body, at);
      if (at < 0) return -1;
    } else if (char === 0x28 || char === 0x5b || char === 0x7b) depth++;
    else if (char === 0x29 && depth === 0) return at;
    else if (char === 0x29 || char === 0x5d || char === 0x7d) depth--;
  }
  return -1;
}

/** Index of the quote that ends the string starting at `start`; -1 if it does not end. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === 0x5c) at++;
    else if (char === 0x22) return at;
  }
  return -1;
}

/** Splits an argument list at the commas outside strings and brackets; arguments are trimmed. */
export function splitArguments(args: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < args.length; at++) {
    const char = args.charCodeAt(at);
    if (char === 0x22) {
      const end = endOfString(args, at);
      at = end < 0 ? args.length : end;
    } else if (char === 0x28 || char === 0x5b || char === 0x7b) depth++;
    else if (char === 0x29 || char === 0x5d || char === 0x7d) depth--;
    else if (char === 0x2c && depth === 0) {
      parts.push(args.slice(start, at).trim());
      start = at + 1;
    }
  }
  const last = args.slice(start).trim();
  if (last !== "" || parts.length > 0) parts.push(last);
  return parts;
}

const recordHint = "record one with: strace -f -ttt -T -o trace.txt COMMAND";

function refuseForeignText(text: string, file: string): void {
  if (text.trim() === "") {
    throw new RefplayError("trace-empty", "the trace is empty", { hint: recordHint, location: { file } });
  }
  // strace escapes everything that is not printable: a control character means another kind of file.
  const beginning = text.slice(0, 65_536);
  for (let at = 0, line = 1; at < beginning.length; at++) {
    const char = beginning.charCodeAt(at);
    if (char === 0x0a) line++;
    else if ((char < 0x20 && char !== 0x09 && char !== 0x0d) || char === 0xfffd) {
      throw new RefplayError("trace-binary", "this is a binary file, not the text that strace writes", {
        hint: recordHint,
        location: { file, line },
      });
    }
  }
}

function noCalls(file: string, withoutTime: number | undefined): RefplayError {
  if (withoutTime !== undefined) {
    return new RefplayError("trace-format", "the calls of this trace have no time stamps", {
      hint: `strace needs -ttt (and -T for the length of calls); ${recordHint}`,
      location: { file, line: withoutTime },
    });
  }
  return new RefplayError("trace-format", "no finished system call found: this is not a trace of strace", {
    hint: recordHint,
    location: { file, line: 1 },
  });
}
