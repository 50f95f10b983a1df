import { describe, expect, it } from "vitest";
import { Event } from "../../src/kernel/events.ts";
import { findWorkload } from "../../src/workloads/index.ts";
import { ScriptBuilder } from "../../src/workloads/script.ts";
import { warmRecords } from "../../src/workloads/warm-up.ts";

describe("warming up", () => {
  it("ends behind a CPU's third request, repeated ones included", () => {
    const script = new ScriptBuilder();
    script.add(Event.switchTask, 0);
    script.repeat(10, () => {
      script.add(Event.open, 0);
      script.add(Event.close, 0);
      script.add(Event.request);
    });
    // switchTask, repeat, and three times the three records of the block.
    expect(warmRecords([script.finish()])).toEqual([11]);
  });

  it("counts from behind the set-up, which CPU 0 has executed already", () => {
    const made = (): Int32Array => {
      const script = new ScriptBuilder();
      for (let i = 0; i < 4; i++) {
        script.add(Event.switchTask, 0);
        script.add(Event.request);
      }
      return script.finish();
    };
    expect(warmRecords([made(), made()], 4)).toEqual([4, 6]);
  });

  it("stops before anything that waits for another CPU", () => {
    const script = new ScriptBuilder();
    script.add(Event.switchTask, 0);
    script.add(Event.waitFor, 1, 1);
    script.add(Event.request);
    expect(warmRecords([script.finish()])).toEqual([1]);
  });

  it("takes an nginx worker through its start and three requests", () => {
    const nginx = findWorkload("nginx");
    const parameters = nginx?.parameters.parse({ requests: 40, thinkUs: 0 });
    const { scripts } = nginx?.build(parameters, { cpus: 2, seed: "warm" }) ?? { scripts: [] };
    for (const records of warmRecords(scripts)) {
      expect(records).toBeGreaterThan(20);
      expect(records).toBeLessThan(60);
    }
  });
});
