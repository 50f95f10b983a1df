/** Variants in a config: they stand where strategies stand, for scenarios that have some. */
import { describe, expect, it } from "vitest";
import { realServices } from "../../src/cli/services.ts";
import { loadConfig } from "../../src/config/load.ts";
import { planCells } from "../../src/runner/cell-spec.ts";
import { session } from "../cli/support.ts";

const services = realServices();
const run = (config: string, ...flags: string[]) =>
  session({ "config.yaml": config }, services).run("run", "config.yaml", ...flags);

describe("variants", () => {
  it("are all of the scenario's unless the config names some", async () => {
    const { stdout } = await run("scenario: proc-walk\n", "--print-config");
    expect(stdout).toMatch(/^variants: \[\]$/m);
    expect(stdout).not.toMatch(/^strategies:/m);
    const context = { ...services, workingFolder: process.cwd() };
    const resolved = loadConfig("configs/proc-dedup.yaml", {}, context);
    expect(resolved.strategies.map(({ instance }) => instance)).toEqual([
      "copies",
      "symlink-task",
      "symlink-files",
      "symlink-tgid",
      "hard-link",
    ]);
    expect(planCells(resolved)[0]?.id).toBe("copies@1");
    expect(resolved.config.strategies).toEqual([]);
  });

  it("that a scenario does not have are refused with its own", async () => {
    const { status, stderr } = await run("scenario: proc-walk\nvariants: [rcu-walk, ref-wlk]\n");
    expect(status).toBe(2);
    expect(stderr).toContain("config.yaml:2:22");
    expect(stderr).toContain("`proc-walk` has no variant `ref-wlk`");
    expect(stderr).toContain("did you mean `ref-walk`?");
  });

  it("can be given as a flag, which is blamed for a wrong one", async () => {
    const { stdout } = await run("scenario: proc-walk\n", "--variant", "rcu-walk", "--print-config");
    expect(stdout).toMatch(/^variants: \[ rcu-walk \]$/m);
    const { status, stderr } = await run("scenario: proc-walk\n", "--variant", "rcu");
    expect([status, stderr]).toEqual([
      2,
      expect.stringContaining("--variant: `proc-walk` has no variant `rcu`"),
    ]);
  });

  it("and strategies exclude each other, in the config and as a flag", async () => {
    const both = await run("scenario: proc-walk\nstrategies: [kref]\n");
    expect([both.status, both.stderr]).toEqual([2, expect.stringContaining("takes no strategies")]);
    expect(both.stderr).toContain("ref-walk, rcu-walk");
    const flag = await run("scenario: proc-walk\n", "--strategy", "kref");
    expect([flag.status, flag.stderr]).toEqual([2, expect.stringContaining("--strategy")]);
    const none = await run("scenario: nginx\nvariants: [rcu-walk]\n");
    expect([none.status, none.stderr]).toEqual([2, expect.stringContaining("has no variants")]);
  });
});
