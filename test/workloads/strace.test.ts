import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { Event } from "../../src/kernel/events.ts";
import { disassemble, formatSkip, hashScripts, importTrace, workloads } from "../../src/workloads/index.ts";
import { simulate } from "./simulate.ts";

const fixture = (name: string): string =>
  readFileSync(new URL(`../fixtures/${name}`, import.meta.url), "utf8");
const nginx = readFileSync(new URL("../../configs/traces/nginx-static.strace", import.meta.url), "utf8");

function replay(text: string, parameters: Record<string, unknown> = {}, cpus = 1, seed = "test") {
  const { build, parameters: schema } = workloads.strace;
  const readTrace = (path: string) => ({ text, file: path });
  return build(schema.parse({ trace: "test.strace", ...parameters }), { cpus, seed, readTrace });
}

/** The records of one CPU as text, without pauses. */
function records(text: string, parameters: Record<string, unknown> = {}): string[] {
  const workload = replay(text, { timeScale: 0, ...parameters });
  return disassemble(workload.scripts[0] ?? new Int32Array())
    .split("\n")
    .map((line) => line.replace(/^ *\d+: +/, ""))
    .filter((line) => !/^(think|end|repeat .* the next 1 records)/.test(line))
    .slice(1);
}

describe("the recorded nginx run", () => {
  const trace = importTrace(nginx, "nginx-static.strace");

  test("has 1,592 opens, of which 1,516 find their file and 76 do not", () => {
    expect(trace.opens).toBe(1516);
    expect(trace.failedOpens).toBe(76);
    expect(trace.records.filter((record) => record.event === Event.open).length).toBe(1516);
  });

  test("has a master and two workers that inherit its descriptors", () => {
    expect(trace.processes).toBe(3);
    expect(trace.programs).toEqual(["/usr/sbin/nginx"]);
    const forks = trace.records.filter((record) => record.event === Event.fork);
    expect(forks.map(({ process, a, b }) => [process, a, b])).toEqual([
      [0, 1, 0],
      [0, 2, 0],
    ]);
  });

  test("passes the second worker's channel to the first worker", () => {
    const passing = trace.records.filter(
      ({ event }) => event === Event.passFile || event === Event.receiveFile,
    );
    expect(passing).toEqual([
      { process: 0, event: Event.passFile, a: 8, b: 0 },
      { process: 1, event: Event.receiveFile, a: 6, b: 0 },
    ]);
    expect(trace.channels).toBe(1);
  });

  test("says what was skipped and where", () => {
    expect(trace.skips.map(formatSkip)).toEqual([
      "2 x call cut off by the end of the trace (lines 20998, 21000)",
      "1 x close of a descriptor that the trace does not open (line 66)",
    ]);
  });

  test("replays on three CPUs with every close after its open, and descriptors open at the cut", () => {
    const workload = replay(nginx, {}, 3);
    expect(workload.expected).toMatchObject({
      opens: 3 * 1516,
      failedOpens: 3 * 76,
      closes: 3 * 1524,
      requests: 3 * 1561,
      sends: 3 * 3049,
      permissions: 3 * 4740,
      accepts: 3 * 9,
      sockets: 3 * 13,
      forks: 6,
      execs: 3,
      dups: 3,
      passes: 3,
      receives: 3,
      exits: 0,
      openAtCut: 3 * 30,
    });
    expect(workload.population).toEqual({
      profiles: 0,
      tasks: 9,
      descriptorsPerTask: 16,
      threadsPerProcess: 1,
      channels: 3,
    });
    expect(simulate(workload)).toMatchObject({
      requests: 3 * 1561,
      opens: 3 * 1516,
      closes: 3 * 1524,
      openAtEnd: 3 * 30,
      inFlight: 0,
    });
  });

  test("can be replayed again and again, with everything closed between rounds", () => {
    const workload = replay(nginx, { rounds: 4, timeScale: 0 }, 2);
    // The master closes its 8 descriptors; the two workers exit and are forked again.
    const closes = 3 * (1524 + 8) + 1524;
    expect(workload.expected).toMatchObject({
      opens: 2 * 4 * 1516,
      closes: 2 * closes,
      exits: 2 * 3 * 2,
      openAtCut: 60,
      failedOpens: 2 * 4 * 76,
    });
    expect(simulate(workload)).toMatchObject({ opens: 2 * 4 * 1516, openAtEnd: 60 });
    expect(workload.scripts[0]?.byteLength).toBeLessThan(1_000_000);
  });

  test("keeps its pauses, cut to a limit and scaled", () => {
    const whole = replay(nginx, { maxPauseUs: 1_000_000 }).expected;
    const cut = replay(nginx).expected;
    const half = replay(nginx, { timeScale: 0.5 }).expected;
    expect(cut.thinks).toBe(whole.thinks);
    expect(cut.thinkNs).toBeLessThan(whole.thinkNs);
    expect(half.thinkNs / cut.thinkNs).toBeCloseTo(0.5, 3);
    expect(replay(nginx, { timeScale: 0 }).expected.thinkNs).toBe(0);
  });

  test("gives the same bytes for the same seed, and CPUs that start apart", () => {
    const first = replay(nginx, {}, 3, "nginx-2024");
    expect(hashScripts(first.scripts)).toBe("36ccd2b6c1aaaac7");
    expect(replay(nginx, {}, 3, "nginx-2024").scripts).toEqual(first.scripts);
    expect(hashScripts(replay(nginx, {}, 3, "other").scripts)).not.toBe(hashScripts(first.scripts));
    const starts = first.scripts.map((script) => script[5]);
    expect(new Set(starts).size).toBe(3);
  });

  test("starts CPUs apart by idle records when there are no pauses", () => {
    const idle = (seed: string) =>
      replay(nginx, { timeScale: 0 }, 4, seed).scripts.map((script) => script[5]);
    expect(new Set(idle("test")).size).toBeGreaterThan(2);
    expect(idle("test")).not.toEqual(idle("other"));
    expect(Math.max(...idle("test").map(Number))).toBeLessThan(64);
  });
});

describe("processes and threads", () => {
  const text = fixture("strace/threads.strace");

  test("share a descriptor table where they were cloned so, and copy it where not", () => {
    expect(records(text)).toEqual([
      "exec profile 0",
      "open -> fd 3",
      "request",
      "open -> fd 4",
      "request",
      "open -> fd 5",
      "request",
      "close fd 3",
      "open -> fd 3",
      "request",
      "permission fd 3 read",
      "dup fd 3 -> fd 6",
      "dup fd 6 -> fd 10",
      "fork task 1 own cred",
      "switchTask task 1",
      // exec closes what was opened with O_CLOEXEC: the pipe and the F_DUPFD_CLOEXEC copy.
      "close fd 4",
      "close fd 5",
      "close fd 10",
      "exec profile 0",
      "permission fd 6 write",
      "exit",
      "switchTask task 0",
      "close fd 4",
      "close fd 5",
      "close fd 6",
      "close fd 10",
      "exit",
    ]);
  });

  test("run under a profile per program where profiles are asked for", () => {
    const execs = records(text, { profiles: 5 }).filter((line) => line.startsWith("exec"));
    expect(execs).toEqual(["exec profile 1", "exec profile 2"]);
  });

  test("exit between rounds and are forked again, but for the first one, which nobody forks", () => {
    const workload = replay(text, { rounds: 3 }, 2);
    expect(workload.expected.exits).toBe(2 * (3 + 1));
    expect(simulate(workload)).toMatchObject({ opens: 24, openAtEnd: 0 });
  });

  test("open nothing in common between CPUs", () => {
    const tasks = replay(text, {}, 2).scripts.map((script) => script[1]);
    expect(tasks).toEqual([0, 2]);
  });
});

describe("a trace of processes that ran before", () => {
  const text = fixture("strace/attached.strace");

  test("is imported as far as descriptors are known, with the rest named by line", () => {
    expect(records(text)).toEqual([
      "socket -> fd 9",
      "permission fd 9 read",
      "send fd 9",
      "request",
      "close fd 9",
      "open -> fd 4",
      "permission fd 4 read",
      "close fd 4",
      "open -> fd 4",
    ]);
    expect(importTrace(text, "t").skips.map(formatSkip).sort()).toEqual([
      "1 x accept4 on a socket from before the trace; imported as a new socket (line 1)",
      "1 x call that is not known: frobnicate (line 6)",
      "1 x close of a descriptor that the trace does not open (line 7)",
      "1 x descriptor given out again without a close in the trace; closed before (line 12)",
      "1 x end of a call whose beginning is not in the trace (line 8)",
      "1 x line cut off at the end of the trace (line 13)",
      "1 x not a line of strace -f -ttt -T (line 9)",
      "1 x write on a descriptor that the trace does not open (line 4)",
    ]);
  });
});

describe("descriptors in messages", () => {
  const text = fixture("strace/messages.strace");

  test("are passed through a channel each, before they are received, whichever line came first", () => {
    expect(records(text).filter((line) => /File|switch/.test(line))).toEqual([
      "passFile fd 5 channel 0",
      "passFile fd 6 channel 1",
      "switchTask task 1",
      "receiveFile -> fd 7 channel 0",
      "receiveFile -> fd 8 channel 1",
      "switchTask task 0",
      "switchTask task 1",
    ]);
    expect(simulate(replay(text, { rounds: 5 }, 2))).toMatchObject({ inFlight: 0 });
  });

  test("that nobody receives are not passed, and it is said so", () => {
    expect(importTrace(text, "t").skips.map(formatSkip)).toEqual([
      "1 x descriptors sent in a message that nobody received before the trace ends; not passed (line 11)",
    ]);
  });
});

test("large descriptor numbers are made dense", () => {
  const workload = replay(
    '1 1700000000.1 dup2(3, 4) = 4 <0.1>\n1 1700000000.2 openat(AT_FDCWD, "/x", O_RDONLY) = 1000 <0.1>\n' +
      "1 1700000000.3 dup2(1000, 500000) = 500000 <0.1>\n1 1700000000.4 close(1000) = 0 <0.1>\n",
  );
  expect(workload.population.descriptorsPerTask).toBe(2);
  expect(simulate(workload)).toMatchObject({ opens: 1, closes: 1, openAtEnd: 1 });
});

test("a trace without any event is refused, and so is one with too many processes for its CPUs", () => {
  expect(() => replay("1 1700000000.1 getpid() = 1 <0.1>\n")).toThrow("no call of this trace");
  const lines = Array.from(
    { length: 1001 },
    (_, i) => `${i + 1} 1700000000.1 openat(AT_FDCWD, "/x", O_RDONLY) = 3 <0.1>`,
  );
  expect(() => replay(`${lines.join("\n")}\n`, {}, 1000)).toThrow("more than 1000000 tasks");
});

test("a failed call changes no descriptor, but its permission hook ran", () => {
  expect(
    records(
      [
        '1 1700000000.1 openat(AT_FDCWD, "/x", O_RDONLY) = 3 <0.01>',
        "1 1700000000.2 read(3, 0x7ffe, 10) = -1 EAGAIN (Resource temporarily unavailable) <0.01>",
        "1 1700000000.3 dup(3) = -1 EMFILE (Too many open files) <0.01>",
        "1 1700000000.4 socket(AF_INET, SOCK_STREAM, 0) = -1 EMFILE (Too many open files) <0.01>",
        "1 1700000000.5 close(9) = -1 EBADF (Bad file descriptor) <0.01>",
        '1 1700000000.6 execve("/nowhere", ["x"], 0x7ffe /* 1 var */) = -1 ENOENT (No such file) <0.01>',
        "",
      ].join("\n"),
    ),
  ).toEqual(["open -> fd 3", "request", "permission fd 3 read"]);
});

test("a trace cut off anywhere replays up to there", () => {
  const beginning = nginx.split("\n").slice(0, 300).join("\n");
  for (let at = 400; at < beginning.length; at += 397) {
    const workload = replay(beginning.slice(0, at), { rounds: 2, timeScale: at % 2 }, 2);
    expect(simulate(workload)).toMatchObject({
      opens: workload.expected.opens,
      openAtEnd: workload.expected.openAtCut,
      inFlight: 0,
    });
  }
});

test("a trace with lines missing anywhere replays what is left", () => {
  const lines = nginx.split("\n").slice(0, 700);
  for (let gap = 2; gap < 40; gap++) {
    const text = lines.filter((_, line) => line % gap !== 1).join("\n");
    const workload = replay(text, { rounds: 2 }, 1);
    expect(simulate(workload)).toMatchObject({ opens: workload.expected.opens, inFlight: 0 });
    expect(workload.notes.some((note) => note.startsWith("skipped: "))).toBe(true);
  }
});
