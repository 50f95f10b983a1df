import { describe, expect, it } from "vitest";
import { calibrate } from "../../src/calibrate/index.ts";
import { parseMachine } from "../../src/machines/resolve.ts";

const request = {
  name: "here",
  rounds: 3,
  date: "2024-05-06T07:08:09.000Z",
  versions: { node: "20.20.2", refplay: "0.1.0" },
  quick: { turnsPercent: 0.1 },
};

describe("calibrating this host", () => {
  it("gives finite positive figures and a file that the machine schema takes", async () => {
    const { measurements, plan, shape, fields, text } = await calibrate(request);
    const { hit, store, privateAtomic, fence, pairs, groups } = measurements;
    const figures = [
      ...[hit, store, privateAtomic, fence],
      ...pairs.flatMap(({ taken, takenAndRead }) => [taken, takenAndRead]),
      ...groups.flatMap(({ tight, spaced }) => [tight, spaced]),
    ];
    for (const { medianNs, minNs, maxNs, madNs } of figures) {
      expect(Number.isFinite(maxNs)).toBe(true);
      expect(minNs).toBeGreaterThan(0);
      expect(medianNs).toBeGreaterThanOrEqual(minNs);
      expect(maxNs).toBeGreaterThanOrEqual(medianNs);
      expect(madNs).toBeGreaterThanOrEqual(0);
    }
    expect([pairs.length, groups.length]).toEqual([plan.pairs.length, plan.groups.length]);
    const { machine, description } = parseMachine(text, "here.yaml");
    expect(description.topology.threads).toBe(shape.cpus.length);
    expect(machine.hitNs).toBe(fields.find(({ path }) => path === "costNs.hit")?.value);
    expect(fields.find(({ path }) => path === "latencyNs.memory")?.basis).toBe("assumed");
  });

  it("ends when it is aborted", async () => {
    const abort = new AbortController();
    const stop = (doing: string): void => {
      if (doing.startsWith("fences")) abort.abort(new Error("enough"));
    };
    await expect(calibrate({ ...request, signal: abort.signal, onProgress: stop })).rejects.toThrow();
  });
});
