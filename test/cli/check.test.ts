import { describe, expect, it } from "vitest";
import { checkDocument } from "../../src/checks/report-json.ts";
import type { CheckServices } from "../../src/cli/check-services.ts";
import { RefplayError } from "../../src/errors.ts";
import { lookUpAfterLastPut } from "../checks/replays.ts";
import { lookUp, madeUpChecks, passed, ring, search } from "./check-support.ts";
import { type Session, session } from "./support.ts";

const broken = { "strategies/broken/from-zero.ts": "" };

/** A session whose checker is made up, and what it was asked to search. */
function checker(changes: Partial<CheckServices> = {}, files: Record<string, string> = {}) {
  const checks = madeUpChecks(changes);
  const shell = session({ ...broken, ...files }, { checks });
  const check = (...args: string[]) => shell.run("check", ...args);
  return { ...shell, check, searched: () => checks.searched.map(([what]) => what), checks };
}

function longest(text: string): number {
  return Math.max(...text.split("\n").map((line) => line.length));
}

describe("refplay check", () => {
  it("checks all built-in correct strategies in all programs under both models", async () => {
    const { check, searched } = checker();
    const { status, stdout, stderr } = await check();
    expect([status, stderr]).toEqual([0, ""]);
    expect(searched()).toEqual([
      "kref put-vs-look-up sc readers=2 rounds=2",
      "kref put-vs-look-up tso readers=2 rounds=2",
      "percpu-ref put-vs-look-up sc readers=2 rounds=2",
      "percpu-ref put-vs-look-up tso readers=2 rounds=2",
      "tuned put-vs-look-up sc readers=2 rounds=2",
      "tuned put-vs-look-up tso readers=2 rounds=2",
      " ring sc rounds=2",
      " ring tso rounds=2",
    ]);
    expect(`\n${stdout}`).toBe(`
kref
  program            verdict           states transitions depth    time
  put-vs-look-up sc  pass               1,234      56,789    21   12 ms
  put-vs-look-up tso pass               1,234      56,789    21   12 ms

none
  program            verdict           states transitions depth    time
  put-vs-look-up     skipped: the strategy never releases a label

percpu-ref
  program            verdict           states transitions depth    time
  put-vs-look-up sc  pass               1,234      56,789    21   12 ms
  put-vs-look-up tso pass               1,234      56,789    21   12 ms

tuned
  program            verdict           states transitions depth    time
  put-vs-look-up sc  pass               1,234      56,789    21   12 ms
  put-vs-look-up tso pass               1,234      56,789    21   12 ms

without a strategy
  program            verdict           states transitions depth    time
  ring           sc  pass               1,234      56,789    21   12 ms
  ring           tso pass               1,234      56,789    21   12 ms

No rule is broken in 8 of 8 checks
`);
  });

  it("shows the schedule that breaks a rule, what broke, what was expected and how to see it again", async () => {
    const { status, stdout } = await checker().check("from-zero", "--model", "tso", "--bound", "readers=1");
    expect(status).toBe(1);
    expect(`\n${stdout}`).toBe(`
from-zero (expected: premature-release in put-vs-look-up under tso)
  program            verdict           states transitions depth    time
  put-vs-look-up tso premature-release  1,234      56,789    21   12 ms

from-zero in put-vs-look-up, tso (readers=1, rounds=2)
The last put meets a look-up.

                      0 reader 1               1 closer
1 label.ts:30         rcuReadLock
2 kref.ts:40          load slot → label#1
3 kref.ts:41                                   store slot ← 0  buf: slot=0
4 kref.ts:41                                   flush slot ← 0
5 kref.ts:41                                   fetchAdd label#1.refs -1
                                                (1 → 0)  • released label#1
6 kref-get-from-z…:13 fetchAdd label#1.refs +1
                       (0 → 1)
✗ premature-release at step 6, by reader 1
  a reference was taken to label#1 after its release
  calls      reader (test/programs/check/label.ts:33) >
              tryGet (strategies/broken/kref-get-from-zero.ts:13)
  expected   premature-release in put-vs-look-up under tso
  see again
  refplay check from-zero --program put-vs-look-up --model tso \\
    --bound readers=1 \\
    --replay "0*2 1 1f 1 0"
`);
    expect(longest(stdout)).toBeLessThanOrEqual(80);
  });

  it("keeps figures below each other, within 80 columns, whatever the names of programs", async () => {
    const long = "open-close-vs-remove-under-task-creds";
    const { check } = checker({
      programs: [lookUp, ring, { ...lookUp, name: "open-vs-change-task-creds" }, { ...lookUp, name: long }],
    });
    const { stdout } = await check("from-zero", "kref");
    expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
    const rows = stdout.split("\n").filter((line) => / (pass|premature-release) +1,234 +56,789/.test(line));
    expect(rows).toHaveLength(12);
    expect(new Set(rows.map((line) => line.indexOf("56,789"))).size).toBe(1);
    expect(rows).toContainEqual(expect.stringMatching(/^ {2}open-vs-change-task-creds sc {2}pass /));
    // With a long verdict the name goes above.
    expect(stdout).toMatch(new RegExp(`\\n {2}${long}\\n {3,}tso premature-release  1,234 `));
  });

  const severalFindings = async (...args: string[]) => {
    const cut = { ...lookUpAfterLastPut(), steps: lookUpAfterLastPut().steps.slice(2) };
    const { check } = checker({
      run: async (one) => {
        const report = await search(one);
        if (one.model === "sc" || report.finding === null) return report;
        return { ...report, finding: { ...report.finding, replay: cut } };
      },
    });
    return (await check("from-zero", "kref", ...args)).stdout;
  };

  it("shows the shortest finding in full, a line with a command for each other, and the sum", async () => {
    const stdout = await severalFindings("--explorer", "dpor");
    expect(stdout.match(/✗/g)).toHaveLength(1);
    expect(stdout).toContain("✗ premature-release at step 4, by reader 1\n");
    expect(stdout.slice(stdout.indexOf("1 more"))).toBe(
      `1 more finding, in full with these commands or with --all-findings:
  premature-release  6 steps
    refplay check from-zero --program put-vs-look-up --model sc \\
      --explorer dpor

2 of 4 checks broke a rule; shortest: from-zero in put-vs-look-up (tso), 4 steps
`,
    );
  });

  it("shows all of them in full with --all-findings", async () => {
    const stdout = await severalFindings("--all-findings");
    expect(stdout.match(/✗/g)).toHaveLength(2);
    expect(stdout).not.toContain("more finding");
    expect(stdout).toMatch(/\n2 of 4 checks broke a rule; /);
  });

  it("shows what is broken before the first step again by the same check, without a schedule", async () => {
    const boot = { ...lookUpAfterLastPut(), steps: [] };
    const { check } = checker({
      run: async (one) => {
        const report = await search(one);
        const { finding } = report;
        return finding === null ? report : { ...report, finding: { ...finding, schedule: "", replay: boot } };
      },
    });
    const { stdout } = await check("from-zero", "--model", "sc", "--bound", "readers=1");
    expect(stdout).toMatch(/--model sc \\\n {4}--bound readers=1\n$/);
  });

  it("quotes the source line where it can be read", async () => {
    const text = `${"\n".repeat(12)}  fetchAdd(label + refs, 1);\n`;
    const { stdout } = await checker({}, { "strategies/broken/kref-get-from-zero.ts": text }).check(
      "from-zero",
    );
    expect(stdout).toContain("\n  kref-get-from-z…:13 | fetchAdd(label + refs, 1);\n");
  });

  it.each([
    "from-zero",
    "broken/from-zero",
    "strategies/broken/from-zero",
    "./strategies/broken/from-zero.ts",
  ])("finds a broken strategy as %s", async (given) => {
    const { check, searched } = checker();
    expect((await check(given, "--model", "sc")).status).toBe(1);
    expect(searched()).toEqual(["from-zero put-vs-look-up sc readers=2 rounds=2"]);
  });

  it("takes several strategies, programs and bounds, and gives each program its own", async () => {
    const { check, searched } = checker({}, { "mine.ts": "" });
    const programs = ["--program", "ring", "--program", "put-vs-look-up"];
    await check("kref", "./mine.ts", "kref", ...programs, "--bound", "readers=3,rounds=1", "--model", "sc");
    expect(searched()).toEqual([
      "kref put-vs-look-up sc readers=3 rounds=1",
      "mine put-vs-look-up sc readers=3 rounds=1",
      " ring sc rounds=1",
    ]);
  });

  it("checks a program's deliberate bug with --broken, with the bounds that it takes", async () => {
    const { check, checks } = checker();
    await check("--program", "ring", "--model", "tso", "--broken", "2");
    expect(checks.prepared).toEqual([{ model: "tso", bounds: { rounds: 3 }, options: { broken: 2 } }]);
  });

  it("checks under both models where --model names one after the other", async () => {
    const { check, searched } = checker();
    await check("kref", "--model", "tso", "--model", "sc");
    expect(searched()).toHaveLength(2);
  });

  it("leaves out programs without a strategy where strategies are named", async () => {
    const { check, searched } = checker();
    await check("kref", "--model", "sc");
    expect(searched()).toEqual(["kref put-vs-look-up sc readers=2 rounds=2"]);
  });

  it.each([
    ["2", 2 ** 31],
    ["1.5G", 1.5 * 2 ** 30],
    ["512M", 2 ** 29],
    ["4GiB", 2 ** 32],
  ])("takes %s as a memory ceiling", async (given, bytes) => {
    const { check, checks } = checker();
    await check("kref", "--memory", given, "--explorer", "dpor");
    expect(checks.searched[0]?.[1]).toMatchObject({ memoryBytes: bytes, explorer: "dpor" });
  });

  it("ends with 1 and says which limit was reached, never pass", async () => {
    const { check } = checker({ run: async (one) => passed(one, { complete: false, limit: "memory" }) });
    const { status, stdout } = await check("kref", "--model", "sc");
    expect(status).toBe(1);
    expect(`\n${stdout}`).toBe(`
kref
  program            verdict           states transitions depth    time
  put-vs-look-up sc  limit-exceeded     1,234      56,789    21   12 ms
                     (memory)

Limit of memory: try a larger --memory, smaller bounds, or --explorer dpor.
`);
  });

  it("tells what was found before a check that could not be made", async () => {
    const failing = checker({
      run: async (one) => {
        if (one.strategyName === "from-zero") return search(one);
        throw new RefplayError("check-boot", "boot: leak", { hint: "mend it" });
      },
    });
    const later = await failing.check("from-zero", "kref", "--model", "sc");
    expect(later.status).toBe(2);
    expect(later.stdout).toContain("✗ premature-release");
    expect(later.stderr).toBe("error: kref in put-vs-look-up (sc): boot: leak\n  mend it\n");
  });
});

describe("Ctrl-C during a check", () => {
  it("prints what is finished, counts the running check as limit-exceeded, and ends with 130", async () => {
    const world: { shell?: Session } = {};
    const { check, ...shell } = checker({
      run: async (one, { signal }) => {
        if (one.model === "sc") return search(one);
        world.shell?.interrupt();
        return passed(one, signal?.aborted ? { complete: false, limit: "interrupted" } : {});
      },
    });
    world.shell = shell;
    const { status, stdout, stderr } = await check("from-zero", "kref");
    expect(status).toBe(130);
    expect(stdout).toMatch(/sc +premature-release/);
    expect(stdout).toMatch(/tso limit-exceeded .*\n +\(interrupted\)\n/);
    expect(stdout).toContain("✗ premature-release");
    expect(stdout).not.toContain("kref\n");
    expect(stderr).toBe("Stopped. 1 of 4 checks came to an end.\n");
  });
});

describe("refplay check --replay", () => {
  const one = ["from-zero", "--program", "put-vs-look-up", "--model", "tso", "--replay"];

  it("shows a schedule that breaks a rule, and ends with 1", async () => {
    const { status, stdout } = await checker().check(...one, "0*2 1 1f\n  1 0");
    expect(status).toBe(1);
    expect(stdout).toMatch(/^from-zero in put-vs-look-up, tso \(readers=2, rounds=2\)\n/);
    expect(stdout).toContain("6 kref-get-from-z…:13 fetchAdd");
    expect(stdout).toContain("✗ premature-release at step 6, by reader 1\n");
  });

  it("shows one that runs to the end, and ends with 0", async () => {
    const replay = () => ({ ...lookUpAfterLastPut(), breach: null, stuckAt: -1, unfinished: false });
    const { status, stdout } = await checker({ replay }).check(...one, "0*2");
    expect(status).toBe(0);
    expect(stdout).toMatch(/No rule is broken\.\n$/);
  });

  it("shows one that stops before every actor is done, and ends with 1", async () => {
    const { status, stdout } = await checker().check(...one, "0*2");
    expect(status).toBe(1);
    expect(stdout).toContain("2 kref.ts:40  load slot → 8192\n");
    expect(stdout).toMatch(/The schedule ends before every actor is done; no rule is broken\.\n$/);
  });

  it("refuses an empty schedule, given or in a file", async () => {
    const { check } = checker({}, { "empty.txt": " \n" });
    const nothing = await check(...one, "");
    expect([nothing.status, nothing.stdout]).toEqual([2, ""]);
    expect(nothing.stderr).toMatch(/^error: the schedule of --replay is empty\n {2}A schedule names steps/);
    expect((await check(...one, "empty.txt")).stderr).toMatch(
      /^error: the schedule file `empty\.txt` is empty\n/,
    );
  });

  it("takes the schedule from a file", async () => {
    const { check } = checker({}, { "schedule.txt": "0*2 1 1f 1 0\n" });
    expect((await check(...one, "schedule.txt")).status).toBe(1);
  });

  it("refuses what is no schedule, with the position, and what cannot happen, with the step", async () => {
    const { check } = checker();
    const wrong = await check(...one, "0*2 x 1");
    expect([wrong.status, wrong.stdout]).toEqual([2, ""]);
    expect(wrong.stderr).toMatch(/^error: character 5 of the schedule, 'x': /);
    const stuck = await check(...one, "0*9");
    expect(stuck.status).toBe(2);
    expect(stuck.stdout).toContain("Step 7 of the schedule cannot happen there.");
    expect(stuck.stderr).toMatch(
      /^error: step 7 of the schedule, '0', cannot happen there\n {2}The schedule is of another/,
    );
    expect((await check(...one, "gone.txt")).stderr).toMatch(/^error: there is no schedule file `gone\.txt`/);
  });

  it.each([
    ["two models", ["kref", "--program", "put-vs-look-up"]],
    ["two programs", ["--model", "sc", "--program", "ring", "--program", "put-vs-look-up", "kref"]],
    ["two strategies", ["kref", "tuned", "--program", "put-vs-look-up", "--model", "sc"]],
  ])("refuses %s", async (_, args) => {
    const { status, stderr } = await checker().check(...args, "--replay", "0");
    expect(status).toBe(2);
    expect(stderr).toMatch(/^error: --replay needs exactly one check/);
  });

  it("needs no strategy where the program has none", async () => {
    const { stderr } = await checker().check("--program", "ring", "--model", "sc", "--replay", "0");
    expect(stderr).toBe("");
  });
});

describe("refplay check --json", () => {
  it("prints one document that fits its schema, with the steps of the schedule", async () => {
    const { status, stdout } = await checker().check("none", "from-zero", "kref", "--model", "tso", "--json");
    expect(status).toBe(1);
    const document = checkDocument.parse(JSON.parse(stdout));
    expect(document).toMatchObject({ version: 1, refplay: "0.1.0", interrupted: false });
    expect(document.reports).toMatchObject([
      { kind: "skipped", strategy: "none", reason: "the strategy never releases a label" },
      {
        kind: "checked",
        strategy: "from-zero",
        program: "put-vs-look-up",
        model: "tso",
        verdict: "premature-release",
        expected: { verdict: "premature-release" },
        finding: {
          actors: ["reader 1", "closer"],
          schedule: "0*2 1 1f 1 0",
          breach: { actor: 0, op: "fetchAdd", symbol: "label#1.refs" },
        },
      },
      { strategy: "kref", verdict: "pass", complete: true, states: 1234, depth: 21, finding: null },
    ]);
    const found = document.reports[1];
    expect(found?.kind === "checked" && found.finding?.steps[4]).toMatchObject({
      actor: 1,
      kind: "step",
      op: "fetchAdd",
      before: 1,
      after: 0,
      marks: [{ event: "released", symbol: "label#1.refs" }],
    });
  });

  it("prints a replay in the same document", async () => {
    const { stdout } = await checker().check("kref", "--model", "sc", "--replay", "0*2", "--json");
    const { reports } = checkDocument.parse(JSON.parse(stdout));
    expect(reports).toMatchObject([
      { kind: "replayed", replay: { schedule: "0*2", breach: null, unfinished: true } },
    ]);
  });
});

describe("refplay check --list", () => {
  it("names programs with kind, strategies and bounds", async () => {
    const { status, stdout } = await checker().check("--list");
    expect(status).toBe(0);
    expect(`\n${stdout}`).toBe(`
put-vs-look-up  The last put meets a look-up.
  kind        bare
  strategies  kref, percpu-ref, tuned
  readers     tasks that look up (1 to 6; default 2)
  rounds      look-ups of each (1 to 3; default 2)

ring  A ring without any strategy.
  kind        bare
  strategies  needs none
  rounds      1 to 9; default 2
  --broken 2  without a fence (expected: use-after-free under tso)
`);
  });

  it("lists what is named, and what named strategies are checked in", async () => {
    const names = async (...args: string[]) =>
      (await checker().check("--list", ...args)).stdout.match(/^\S+/gm);
    expect(await names("--program", "ring")).toEqual(["ring"]);
    expect(await names("kref")).toEqual(["put-vs-look-up"]);
    expect((await checker().check("--list", "none")).stdout).toBe("No program fits.\n");
  });

  it("prints JSON", async () => {
    const { stdout } = await checker().check("--list", "--json");
    expect((await checker().run("list", "programs", "--json")).stdout).toBe(stdout);
    expect(JSON.parse(stdout)).toMatchObject([
      { name: "put-vs-look-up", kind: "bare", strategies: ["kref", "percpu-ref", "tuned"] },
      { name: "ring", strategies: null, bounds: { rounds: { default: 2 } } },
    ]);
  });
});

describe("refplay check refuses", () => {
  it.each([
    [["kerf"], /^error: unknown strategy `kerf`; did you mean `kref`\?\n {2}Built in: kref, none, /],
    [["from-zeor"], /unknown strategy `from-zeor`; did you mean `from-zero`\?/],
    [["./gone.ts"], /^error: strategy `\.\/gone\.ts`: there is no such file\n/],
    [["strategies/"], /^error: strategy `strategies\/`: that is not a file\n/],
    [["--program", "rnig"], /^error: unknown program `rnig`; did you mean `ring`\?\n/],
    [["--model", "arm"], /^error: unknown model `arm`\n {2}There is: sc, tso, both\.\n/],
    [["--explorer", "state"], /^error: unknown explorer `state`; did you mean `states`\?\n/],
    [["--bound", "reader=2"], /^error: no chosen program has a bound `reader`; did you mean `readers`\?\n/],
    [["--program", "ring", "--bound", "readers=2"], /^error: program `ring` has no bound `readers`/],
    [
      ["--bound", "readers=7"],
      /^error: bound `readers` of `put-vs-look-up` is 7\n {2}a whole number from 1 to 6: /,
    ],
    [["--bound", "readers"], /^error: `readers` is no bound\n/],
    [["--bound", "readers=-1"], /^error: `readers=-1` is no bound\n/],
    [
      ["--program", "ring", "--broken", "1"],
      /^error: program `ring` has no deliberate bug 1\n {2}There is: 2 without a fence\.\n/,
    ],
    [
      ["kref", "./strategies/none.ts", "--program", "ring"],
      /^error: program `ring` takes no strategy, so `kref`, `\.\/strategies\/none\.ts` would not be checked\n {2}Leave/,
    ],
    [["--bound", "readers=2,readers=3"], /^error: bound `readers` is given twice: readers=2 and readers=3\n/],
    [
      ["--explorer", "dpor", "--explorer", "states"],
      /'--explorer <name>'.* It was given before, as `dpor`\./,
    ],
    [
      ["--memory", "9999G"],
      /^error: --memory 9999G is more than the memory of this machine\n {2}It has 8192M/,
    ],
    [
      ["--list", "--model", "sc"],
      /^error: --list does not go with --model: it checks nothing\n {2}Leave --model/,
    ],
    [
      ["kref", "--replay", "0", "--explorer", "dpor", "--memory", "2G"],
      /^error: --replay does not go with --explorer, --memory: it searches nothing\n/,
    ],
    [["README.md"], /^error: strategy `README\.md`: a strategy is a \.ts file, not \.md\n/],
    [["--broken", "2"], /^error: --broken needs a program: .*\n {2}Name one .* Those with a bug 2: ring\.\n/],
    [
      ["--program", "ring", "--model", "sc", "--replay", "0*999999999"],
      /^error: character 1 of the schedule, '0\*999999999': the count is too large: /,
    ],
    [["--memory", "lots"], /^error: `lots` is no memory size\n {2}Give GiB or a unit, at least 1M/],
    [["--memory", "0"], /^error: `0` is no memory size\n/],
    [
      ["none"],
      /^error: nothing to check: `put-vs-look-up` is skipped: the strategy never releases a label\n/,
    ],
    [["--modle", "sc"], /unknown option '--modle'\n\(Did you mean --model\?\)/],
  ] as const)("%j", async (args, message) => {
    const { status, stdout, stderr } = await checker().check(...args);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(message);
  });
});
