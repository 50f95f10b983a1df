/** What commands print where nobody watches: results within 80 columns on stdout, no colour codes, and nothing on stderr. */
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { terminalReport } from "../../src/report/terminal.ts";
import { readResults } from "../../src/results/store.ts";
import { keptTerminal, madeUpCell, session } from "./support.ts";

const files = {
  "strategies/broken/from-zero.ts": "",
  "small.yaml": "cpus: [1, 2]\nstrategies: [none, kref]\n",
  "sim.yaml": "engine: sim\nmachine: epyc-9654\ncpus: [16, 48, 96, 192]\nstrategies: [none, kref]\n",
  "t.strace":
    '7 1000000.000001 openat(AT_FDCWD, "/etc/a", O_RDONLY) = 3 <0.000001>\n7 1000000.000020 close(3) = 0 <0.000001>\n',
};

/** In the order in which a newcomer might type them: later ones read what those before wrote. */
const commands = [
  ["--help"],
  ...["run", "check", "compare", "bench", "calibrate", "memory", "maps", "fidelity", "list", "new"].map(
    (name) => [name, "--help"],
  ),
  ["import", "--help"],
  ["report", "--help"],
  ...["strategies", "workloads", "scenarios", "machines", "programs"].map((topic) => ["list", topic]),
  ["run"],
  ["run", "small.yaml"],
  ["run", "small.yaml", "--print-config"],
  ["run", "sim.yaml"],
  ["report", "results/small/run-1.json"],
  ["report", "results/sim/run-1.json"],
  ["compare", "none", "kref", "--in", "results/small"],
  ["compare", "none", "kref", "--in", "results/sim", "--all"],
  ["check"],
  ["check", "--list"],
  ["bench", "--list"],
  ["import", "t.strace"],
  ["import", "t.strace", "--out", "replay.yaml"],
] as const;

const simulated = {
  efficiencyPct: 80,
  timeSplitPct: { think: 60, slowdown: 9, own: 1, lines: 20, locks: 0, gracePeriods: 0, spin: 0, rest: 10 },
};
const runCell: Parameters<typeof session>[1] = {
  runCell: async (spec) => madeUpCell(spec, spec.engine === "sim" ? simulated : {}),
};

describe("where stderr is no terminal", () => {
  it("every command prints to stdout alone, without colour codes, within 80 columns", async () => {
    const { run } = session({ ...files, "configs/mine.ts": "" }, runCell);
    for (const command of commands) {
      const { status, stdout, stderr } = await run(...command);
      expect([command, status, stderr]).toEqual([command, 0, ""]);
      expect(stdout).not.toBe("");
      expect(stdout).not.toContain("\x1b");
      expect([command, stdout.split("\n").filter((line) => line.length > 80)]).toEqual([command, []]);
    }
  });

  it("tables are the same as on a terminal without colours", async () => {
    const watched = session(files, runCell, { terminal: keptTerminal().stream });
    const piped = session(files, runCell);
    const [one, other] = [await watched.run("run", "sim.yaml"), await piped.run("run", "sim.yaml")];
    expect(one.stdout).toBe(other.stdout);
  });
});

describe("on a terminal", () => {
  it("progress and hints are gone when results come, and --quiet shows none", async () => {
    const kept = keptTerminal();
    const { run } = session({ ...files, "configs/mine.ts": "" }, runCell, { terminal: kept.stream });
    const { stderr } = await run("run");
    expect(stderr).toMatch(/^No config is named/);
    expect(kept.text()).toMatch(/0\/2 cells \| kref@4/);
    // The line is cleared last.
    expect(kept.text().endsWith("\x1b[1G\x1b[2K")).toBe(true);
    const before = kept.text();
    expect((await run("run", "--quiet", "--fresh")).stderr).toBe("");
    expect(kept.text()).toBe(before);
  });

  it("colours change no column", async () => {
    const { run, folder } = session(files, runCell);
    await run("run", "sim.yaml");
    const results = readResults(join(folder, "results/sim/run-1.json"), "run-1.json");
    const bare = (color: boolean): string => stripVTControlCharacters(terminalReport(results, { color }));
    expect(bare(true)).toBe(bare(false));
    expect(terminalReport(results, { color: true })).toContain("\x1b[2m");
  });
});
