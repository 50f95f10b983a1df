/** open-close with think times that are drawn. */
import { describe, expect, it } from "vitest";
import { Event } from "../../src/kernel/events.ts";
import { workloads } from "../../src/workloads/index.ts";
import { countEvents } from "../../src/workloads/workload.ts";

const built = (parameters: object, seed = "open") => {
  const { build, parameters: schema } = workloads["open-close"];
  return build(schema.parse({ requests: 1234, thinkUs: 3, ...parameters }), { cpus: 4, seed });
};

describe("open-close", () => {
  it("has the same requests whether think times are constant or drawn", () => {
    const constant = built({});
    const drawn = built({ thinkDistribution: "exponential" });
    for (const { expected } of [constant, drawn])
      expect(expected).toMatchObject({ requests: 1234, opens: 1234, closes: 1234, thinks: 1234 });
    expect(constant.expected.thinkNs).toBe(1234 * 3000);
    expect(drawn.expected.thinkNs).not.toBe(1234 * 3000);
    expect(drawn.expected.thinkNs / (1234 * 3000)).toBeCloseTo(1, 0);
  });

  it("draws them by seed and CPU", () => {
    const script = (seed: string, cpu: number) =>
      built({ thinkDistribution: "exponential" }, seed).scripts[cpu];
    expect(script("a", 0)).toEqual(script("a", 0));
    expect(script("a", 0)).not.toEqual(script("b", 0));
    expect(script("a", 0)).not.toEqual(script("a", 1));
    expect(built({}, "a").scripts).toEqual(built({}, "b").scripts);
  });

  it("writes no think record where there is no time to think", () => {
    const { scripts } = built({ thinkUs: 0, thinkDistribution: "exponential" });
    expect(countEvents(scripts[0] ?? new Int32Array()).byEvent[Event.think]).toBe(0);
  });
});
