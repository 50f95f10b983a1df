import { describe, expect, test } from "vitest";
import { RefplayError } from "../../src/errors.ts";
import { parseStrace, splitArguments } from "../../src/workloads/strace/parse.ts";
import { formatSkip, linesPerGroup, SkipLog } from "../../src/workloads/strace/skips.ts";

const parse = (...lines: string[]) => parseStrace(`${lines.join("\n")}\n`, "test.strace");
const reasons = (...lines: string[]) =>
  parse(...lines)
    .skips.groups()
    .map(formatSkip);
const good = "1 1700000000.5 close(3) = 0 <0.000010>";

describe("a line of strace", () => {
  test("becomes a call with times in ns since the first line", () => {
    const { calls } = parse(
      "9 1700000000.000100 close(3)            = 0 <0.000010>",
      '9 1700000001.000200 openat(AT_FDCWD, "/x", O_RDONLY) = -1 ENOENT (No such file or directory) <0.000020>',
    );
    expect(calls[0]).toEqual({
      pid: 9,
      name: "close",
      args: "3",
      result: 0,
      error: undefined,
      remark: "",
      startNs: 100_000,
      endNs: 110_000,
      line: 1,
      endLine: 1,
    });
    expect(calls[1]).toMatchObject({
      name: "openat",
      result: -1,
      error: "ENOENT",
      startNs: 1_000_200_000,
      endNs: 1_000_220_000,
    });
  });

  test.each([
    ['1 1700000000.1 read(3, ") = 5 <0.1>", 10) = 7 <0.000010>', '3, ") = 5 <0.1>", 10', 7],
    ['1 1700000000.1 read(3, "a\\"b)", 10) = 5 <0.000010>', '3, "a\\"b)", 10', 5],
    [
      "1 1700000000.1 poll([{fd=3, events=POLLIN}], 1, -1) = 1 ([{fd=3, revents=POLLIN}]) <0.000010>",
      "[{fd=3, events=POLLIN}], 1, -1",
      1,
    ],
    ["1 1700000000.1 mmap(NULL, 8192) = 0x7f64a97c7000 <0.000010>", "NULL, 8192", undefined],
    ["1 1700000000.1 getpid() = 12", "", 12],
    ["[pid 12] 1700000000.1 getpid() = 12 <0.1>", "", 12],
    ["1700000000.123456 getpid() = 12 <0.1>", "", 12],
    ["1 1700000000.1 exit_group(0) = ?", "0", undefined],
    ["1 1700000000.1 dup(3</a>) = 4</a> <0.000010>", "3</a>", 4],
    ["1 1700000000.1 clone(flags=SIGCHLD) = 5 /* 77 in strace's PID NS */ <0.1>", "flags=SIGCHLD", 5],
    ["1 1700000000.1 close(3) = 0 <0.000010>\r", "3", 0],
  ])("is read: %s", (line, args, result) => {
    const { calls, skips } = parse(line);
    expect(calls[0]).toMatchObject({ args, result });
    expect(skips.groups()).toEqual([]);
  });

  test("that was split is joined with its other half, whatever other processes wrote between", () => {
    const { calls } = parse(
      "1 1700000000.000100 accept4(5,  <unfinished ...>",
      "2 1700000000.000150 accept4(5,  <unfinished ...>",
      "1 1700000000.000200 <... accept4 resumed>{sa_family=AF_INET}, [16], 0) = 7 <0.000099>",
      "2 1700000000.000300 <... accept4 resumed> NULL, NULL, 0) = 8 <0.000149>",
    );
    expect(
      calls.map(({ pid, result, startNs, endNs, line, endLine }) => [
        pid,
        result,
        startNs,
        endNs,
        line,
        endLine,
      ]),
    ).toEqual([
      [1, 7, 100_000, 200_000, 1, 3],
      [2, 8, 150_000, 300_000, 2, 4],
    ]);
    expect(calls[0]?.args).toBe("5,  {sa_family=AF_INET}, [16], 0");
  });

  test("about a signal or an exit is no call", () => {
    const { calls, ends } = parse(
      good,
      "1 1700000000.6 --- SIGCHLD {si_signo=SIGCHLD} ---",
      "1 1700000000.7 +++ exited with 0 +++",
    );
    expect(calls.length).toBe(1);
    expect(ends).toEqual([{ pid: 1, ns: 700_000_000, line: 3 }]);
  });
});

describe("a line that cannot be used is named with its number", () => {
  test.each([
    [["nonsense"], "1 x not a line of strace -f -ttt -T (line 2)"],
    [["1 1700000000.6 close(3"], "1 x call that cannot be read (line 2)"],
    [
      ["1 1700000000.6 <... read resumed>) = 1 <0.1>"],
      "1 x end of a call whose beginning is not in the trace (line 2)",
    ],
    [["1 1700000000.6 read(3,  <unfinished ...>"], "1 x call cut off by the end of the trace (line 2)"],
    [
      ["1 1700000000.6 read(3,  <unfinished ...>", "1 1700000000.7 +++ killed by SIGKILL +++"],
      "1 x call that never returned (line 2)",
    ],
  ])("%j", (lines, reason) => {
    expect(reasons(good, ...lines)).toEqual([reason]);
  });

  test("a trace cut off in the middle of its last line says so", () => {
    const { skips } = parseStrace(`${good}\n1 1700000000.6 openat(AT_FDCWD, "/srv/ww`, "t");
    expect(skips.groups().map(formatSkip)).toEqual(["1 x line cut off at the end of the trace (line 2)"]);
  });

  test("a trace cut off in the second half of a call names the line on which the call began", () => {
    const { skips } = parseStrace(
      `${good}\n1 1700000000.6 read(3,  <unfinished ...>\n1 1700000000.7 <... read resumed>"ab`,
      "t",
    );
    expect(skips.groups().map(formatSkip)).toEqual(["1 x call cut off by the end of the trace (line 2)"]);
  });

  test("many of a kind are one group with the first lines", () => {
    const log = new SkipLog();
    for (let line = 1; line <= 100; line++) log.add("same", line);
    for (let line = 1; line <= 100; line++) log.add(`reason ${line}`, line);
    expect(log.groups()[0]).toEqual({ reason: "same", count: 100, lines: [1, 2, 3, 4, 5] });
    expect(log.groups()[0]?.lines.length).toBe(linesPerGroup);
    expect(log.groups().length).toBe(41);
    expect(log.groups().reduce((sum, group) => sum + group.count, 0)).toBe(200);
  });
});

describe("a file that is no trace is refused", () => {
  const refuse = (text: string): RefplayError => {
    try {
      parseStrace(text, "bad.strace");
    } catch (error) {
      if (error instanceof RefplayError) return error;
    }
    throw new Error("not refused");
  };

  test.each([
    ["empty", "", "trace-empty", { file: "bad.strace" }],
    ["blank", " \n\n", "trace-empty", { file: "bad.strace" }],
    ["binary", "line\n\x7fELF\x02\x01\x00\x00", "trace-binary", { file: "bad.strace", line: 2 }],
    ["not UTF-8", "ab\ufffd\ufffd", "trace-binary", { file: "bad.strace", line: 1 }],
    ["prose", "Dear reader,\nthis is a letter.\n", "trace-format", { file: "bad.strace", line: 1 }],
    [
      "cut in its first call",
      '1 1700000000.1 openat(AT_FDCWD, "/x',
      "trace-format",
      { file: "bad.strace", line: 1 },
    ],
    [
      "without time stamps",
      '\n1 openat(AT_FDCWD, "/x", O_RDONLY) = 3\n',
      "trace-format",
      { file: "bad.strace", line: 2 },
    ],
    [
      "with times of day",
      '1 12:00:01.5 openat(AT_FDCWD, "/x", O_RDONLY) = 3\n',
      "trace-format",
      { file: "bad.strace", line: 1 },
    ],
  ])("%s", (_, text, code, location) => {
    const error = refuse(text);
    expect(error.code).toBe(code);
    expect(error.location).toEqual(location);
    expect(error.hint).toContain("strace -f -ttt -T");
  });
});

test("arguments are split outside strings, lists and structures", () => {
  expect(splitArguments('3, "a, b\\", c", {x=[1, 2]}, f(1, 2)')).toEqual([
    "3",
    '"a, b\\", c"',
    "{x=[1, 2]}",
    "f(1, 2)",
  ]);
  expect(splitArguments("")).toEqual([]);
  expect(splitArguments('"never closed, ')).toEqual(['"never closed,']);
});
