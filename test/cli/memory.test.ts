import { describe, expect, it } from "vitest";
import { realServices } from "../../src/cli/services.ts";
import { session } from "./support.ts";

describe("refplay memory", () => {
  const small = ["memory", "--strategy", "kref", "--cpus", "2", "--labels", "20", "--hot", "5"];

  it("prints a row for each strategy, or one JSON document", async () => {
    const services = realServices();
    const table = await session({}, services).run(...small);
    expect(table).toMatchObject({ status: 0, stderr: "" });
    expect(table.stdout).toMatch(/^20 labels, 1 of them hot, 2 CPUs\n/);
    const { stdout } = await session({}, services).run(...small, "--json");
    const { strategies, ...plan } = JSON.parse(stdout);
    expect(plan).toEqual({ cpus: 2, labels: 20, hotLabels: 1 });
    expect(strategies).toMatchObject([{ name: "kref", timesKref: 1, hot: { labels: 23, perCpu: 0 } }]);
  });

  it("refuses numbers out of range", async () => {
    const { status, stderr } = await session({}, realServices()).run("memory", "--cpus", "1000");
    expect(status).toBe(2);
    expect(stderr).toContain("--cpus takes 1 to 512, not 1000");
  });
});
