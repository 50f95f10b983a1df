/** The shipped configs of scenarios, through the command line with less to do: they run, resume to the byte, and report. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { realServices } from "../../src/cli/services.ts";
import { packageRoot } from "../../src/link/node-host.ts";
import type { ResultsRecord } from "../../src/results/schema.ts";
import { programScenarioNames, programScenarios } from "../../src/scenarios/index.ts";
import { session } from "../cli/support.ts";

const services = realServices();

/** What is changed in each: sizes only. */
const sizes = {
  "proc-walk": { cpus: [1, 4], workload: { requests: 200, pids: 32 } },
  "proc-dedup": { cpus: [2], workload: { threads: 8, files: 4, others: 2 } },
  "maps-read": { workload: { changes: 60 } },
  "maps-query": { workload: { batches: 4 }, repetitions: 1, warmupRuns: 0 },
} as const;

/** The shipped config with other sizes, under its own name. */
function smaller(name: keyof typeof sizes): Record<string, string> {
  const shipped = parse(readFileSync(join(packageRoot, "configs", `${name}.yaml`), "utf8"));
  const workload = { ...shipped.workload, ...sizes[name].workload };
  return { [`${name}.yaml`]: stringify({ ...shipped, ...sizes[name], workload }) };
}

const long = { timeout: 300_000 };

describe.each(programScenarioNames)("configs/%s.yaml", (name) => {
  it(
    "is of that scenario and runs all its variants without a fault, with figures in its report",
    long,
    async () => {
      const shell = session(smaller(name), services);
      const { status, stdout, stderr } = await shell.run("run", `${name}.yaml`);
      expect([status, stderr]).toEqual([0, ""]);
      expect(stdout).toContain(`${name}: ${name}, engine `);
      for (const variant of programScenarios[name].variants) expect(stdout).toContain(`\n${variant.name} `);
      const again = await shell.run("report", `results/${name}/run-1.json`);
      expect(stdout.startsWith(again.stdout)).toBe(true);
    },
  );
});

describe("a scenario's run that is stopped", () => {
  it("goes on behind its finished cells, and comes to the same bytes as one that was not", long, async () => {
    const whole = session(smaller("proc-walk"), services);
    const one = await whole.run("run", "proc-walk.yaml");
    const bytes = readFileSync(join(whole.folder, "results/proc-walk/run-1.json"), "utf8");
    expect((JSON.parse(bytes) as ResultsRecord).cells).toHaveLength(4);

    let begun = 0;
    const shell = session(smaller("proc-walk"), {
      ...services,
      runCell: (spec, control) => {
        begun++;
        // In the midst of the second cell.
        const progress: typeof control.progress = (state) => {
          control.progress(state);
          if (begun === 2 && state.doing === "simulating") shell.interrupt();
        };
        return services.runCell(spec, { ...control, progress });
      },
    });
    const stopped = await shell.run("run", "proc-walk.yaml");
    expect(stopped.status).toBe(130);
    expect(stopped.stderr).toContain("Stopped. 1 of 4 cells are in results/proc-walk/run-1.json");
    expect(stopped.stdout).toContain("Not finished: 1 of 4 cells.");

    begun = 10;
    const resumed = await shell.run("run", "proc-walk.yaml");
    expect(resumed.status).toBe(0);
    expect(shell.measured).toEqual(["ref-walk@1", "rcu-walk@1", "rcu-walk@1", "ref-walk@4", "rcu-walk@4"]);
    expect(readFileSync(join(shell.folder, "results/proc-walk/run-1.json"), "utf8")).toBe(bytes);
    expect(resumed.stdout).toBe(one.stdout);
  });

  it("stops on threads as well, with nothing of the cell that was under way", long, async () => {
    const shell = session(smaller("maps-query"), {
      ...services,
      runCell: (spec, control) => {
        if (spec.strategy.name === "text") return services.runCell(spec, control);
        const progress: typeof control.progress = (state) => {
          control.progress(state);
          if (state.doing.startsWith("run ")) shell.interrupt();
        };
        return services.runCell(spec, { ...control, progress });
      },
    });
    const stopped = await shell.run("run", "maps-query.yaml");
    expect(stopped.status).toBe(130);
    const kept = JSON.parse(readFileSync(join(shell.folder, "results/maps-query/run-1.json"), "utf8"));
    expect(kept.cells.map(({ id }: { id: string }) => id)).toEqual(["text@1"]);
  });
});

describe("refplay list scenarios", () => {
  it("shows the loads on labels and all scenarios with a program of their own", async () => {
    const { stdout } = await session({}, services).run("list", "scenarios");
    const names = stdout.split("\n").flatMap((line) => /^[a-z-]+(?= )/.exec(line)?.[0] ?? []);
    expect(names).toEqual(expect.arrayContaining(["nginx", "open-close", "churn", ...programScenarioNames]));
    const listed = await session({}, services).run("list", "scenarios", "--json");
    const entries = JSON.parse(listed.stdout) as { name: string; variants?: { name: string }[] }[];
    for (const name of programScenarioNames) {
      const entry = entries.find((one) => one.name === name);
      expect(entry?.variants?.map((variant) => variant.name)).toEqual(
        programScenarios[name].variants.map((variant) => variant.name),
      );
    }
  });
});
