/** Who waits or works on in the kernel lets grace periods of the compiled build go on, and who drains leaves nothing. */
import { describe, expect, it } from "vitest";
import { Audit } from "../../src/kernel/audit.ts";
import { explain } from "../conformance/schedules.ts";
import { CompiledRcuMachine } from "./compiled-rcu.ts";
import type { Line } from "./support.ts";

const seeds = Array.from({ length: 10 }, (_, index) => `seed ${index}`);

/** Queues more callbacks than a backlog of 1 allows, so that the CPU waits for a grace period when it thinks. */
const needsGracePeriod: readonly Line[] = [
  ["repeat", 3, 1],
  ["exec", 1],
  ["think", 1],
];

/** Runs scripts from boot to dismantle under every seed: they end, without a mistake of their own, and nothing is left. */
function expectGood(scripts: readonly (readonly Line[])[]): void {
  for (const seed of seeds) {
    const machine = new CompiledRcuMachine("kref", seed, scripts, 1);
    machine.each("run", 0);
    const scriptErrors = machine.audit(Audit.allScriptErrors);
    machine.each("teardown");
    machine.each("drain");
    machine.one("dismantle");
    machine.one("drain", 0);
    expect(explain(machine.finish()), seed).toBe("");
    expect(scriptErrors, seed).toBe(0);
  }
}

describe("a grace period ends", () => {
  it("while another CPU waits for a file, which it gets only afterwards", () => {
    expectGood([
      [["switchTask", 0], ["post"], ["receiveFile", 1, 0]],
      [["switchTask", 1], ["waitFor", 0, 1], ...needsGracePeriod, ["open", 1], ["passFile", 1, 0]],
    ]);
  });

  it("while another CPU waits for room in a channel, which there is only afterwards", () => {
    expectGood([
      [["switchTask", 0], ["open", 1], ["repeat", 16, 1], ["passFile", 1, 0], ["post"], ["passFile", 1, 0]],
      [["switchTask", 1], ["waitFor", 0, 1], ...needsGracePeriod, ["receiveFile", 1, 0]],
    ]);
  });

  it("while another CPU waits for progress, which is made only afterwards", () => {
    expectGood([
      [["switchTask", 0], ["post"], ["waitFor", 1, 1]],
      [["switchTask", 1], ["waitFor", 0, 1], ...needsGracePeriod, ["post"]],
    ]);
  });

  it("while another CPU executes a long script without a pause", () => {
    // CPU 0 takes task 1 over as its last record: a script error unless CPU 1 has left it, which it does after its grace period.
    expectGood([
      [["switchTask", 0], ["post"], ["repeat", 2000, 1], ["request"], ["switchTask", 1]],
      [["switchTask", 1], ["waitFor", 0, 1], ...needsGracePeriod, ["switchTask", 2]],
    ]);
  });
});

describe("callbacks", () => {
  it("run between batches of records, so that few wait however long the script is", () => {
    const machine = new CompiledRcuMachine("kref", "alone", [
      [
        ["switchTask", 0],
        ["repeat", 500, 1],
        ["exec", 1],
      ],
    ]);
    machine.one("run", 0, 0);
    // A batch is 16 records; one batch of callbacks waits for its grace period while the next gathers.
    expect(machine.audit(Audit.peakCallbackBacklog)).toBeLessThanOrEqual(3 * 16);
    expect(machine.audit(Audit.creds)).toBeLessThanOrEqual(4 + 3 * 16);
  });

  it("that queue callbacks themselves are all gone after one drain", () => {
    // The cred's callback releases profile 1's label, whose callback drops its proxy and so releases unconfined's label,
    // which the proxy kept.
    const machine = new CompiledRcuMachine("kref", "alone", [
      [
        ["switchTask", 0],
        ["exec", 1],
        ["removeProfile", 1],
      ],
    ]);
    machine.one("run", 0, 0);
    machine.one("dismantle");
    expect(machine.audit(Audit.labels)).toBeGreaterThan(0);
    machine.one("drain", 0);
    expect(machine.audit(Audit.objects)).toBe(0);
    expect(explain(machine.finish())).toBe("");
  });
});
