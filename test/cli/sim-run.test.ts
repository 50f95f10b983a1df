/** `refplay run` on the simulator: what is kept, what makes two runs the same, and what is said of wrong fields. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { RefplayError } from "../../src/errors.ts";
import type { ResultsRecord } from "../../src/results/schema.ts";
import { madeUpCell, session } from "./support.ts";

const machine =
  "topology: { l3Domains: 2, cores: 8, threads: 16 }\nlatencyNs: { smt: 6, l3: 25, socket: 110 }\n";
const config =
  "engine: [sim, threads]\nmachine: ./m.yaml\ncpus: [2, 8]\nthreadsCpus: [2]\nstrategies: [none, kref]\n";

const files = { "both.yaml": config, "m.yaml": `name: mine\n${machine}` };

async function recordOf(run: Promise<{ stdout: string }>): Promise<ResultsRecord> {
  return JSON.parse((await run).stdout) as ResultsRecord;
}

describe("a run on both engines", () => {
  it("keeps the machine once, tells cells apart by their engine, and has efficiencies", async () => {
    const shell = session(files);
    const record = await recordOf(shell.run("run", "both.yaml", "--json"));
    expect(record).toMatchObject({
      engine: "sim, threads",
      machine: { name: "mine", holdNs: expect.any(Number) },
    });
    expect(shell.measured).toEqual([
      "none@2 sim",
      "kref@2 sim",
      "none@8 sim",
      "kref@8 sim",
      "none@2 threads",
      "kref@2 threads",
    ]);
    expect(record.cells.map(({ efficiencyPct }) => efficiencyPct?.toFixed(3))).toEqual([
      "100.000",
      "100.000",
      "100.000",
      "100.000",
      undefined,
      undefined,
    ]);
  });

  it("goes on behind the last finished cell when it was stopped", async () => {
    let stop = true;
    const shell = session(files, {
      runCell: async (spec, { signal }) => {
        if (spec.id === "none@8 sim" && stop) {
          shell.interrupt();
          await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
        }
        return madeUpCell(spec);
      },
    });
    const stopped = await shell.run("run", "both.yaml");
    expect(stopped.status).toBe(130);
    expect(stopped.stderr).toContain("2 of 6 cells are in");
    stop = false;
    const { cells, planned } = await recordOf(shell.run("run", "both.yaml", "--json"));
    expect(cells.map(({ id }) => id)).toEqual(planned);
    expect(shell.measured.filter((id) => id === "kref@2 sim")).toHaveLength(1);
  });

  it("starts anew where the machine's file has changed", async () => {
    const shell = session(files, {
      runCell: async (spec) => {
        if (spec.cpus === 8) throw new RefplayError("made-up", "no");
        return madeUpCell(spec);
      },
    });
    await shell.run("run", "both.yaml");
    writeFileSync(join(shell.folder, "m.yaml"), `name: mine\nholdNs: 7\n${machine}`);
    await shell.run("run", "both.yaml");
    expect(shell.measured.filter((id) => id === "kref@2 sim")).toHaveLength(2);
    await shell.run("run", "both.yaml");
    expect(shell.measured.filter((id) => id === "kref@2 sim")).toHaveLength(2);
  });

  it("refuses more CPUs than the machine has before anything is run", async () => {
    const shell = session(files);
    const { status, stderr } = await shell.run("run", "both.yaml", "--cpus", "2,17");
    expect(status).toBe(2);
    expect(stderr).toMatch(/--cpus: `cpus\[1\]` is 17; machine `mine` has 16 hardware threads/);
    expect(shell.measured).toEqual([]);
  });
});
