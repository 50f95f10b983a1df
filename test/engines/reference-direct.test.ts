import { describe, expect, it } from "vitest";
import { createDirect } from "../../src/engines/reference/index.ts";
import { Boot } from "../../src/machine/memory-map.ts";
import { Box, Cell, kinds, program } from "./reference-programs.ts";

function direct() {
  return createDirect(program(), { kinds, cpus: 2 });
}

describe("direct mode", () => {
  it("calls an entry, does every operation at once and returns the value", () => {
    const machine = direct();
    expect(machine.call("bump", [5])).toBe(5);
    expect(machine.read(Cell.counter)).toBe(5);
    machine.write(Cell.counter, 40);
    expect(machine.call("bump", [2], 1)).toBe(42);
  });

  it("writes the boot block", () => {
    const machine = direct();
    expect(machine.read(Boot.cpus)).toBe(2);
    expect(machine.read(Boot.heapEnd)).toBe(65_536 * 4);
  });

  it("keeps callbacks until a grace period is asked for", () => {
    const machine = direct();
    machine.call("create");
    machine.call("remove", [2]);
    expect(machine.pendingCallbacks).toBe(1);
    expect(machine.liveObjects()).toMatchObject([{ address: Box.address, bytes: Box.bytes }]);
    expect(machine.gracePeriod()).toBe(1);
    expect(machine.liveObjects()).toEqual([]);
    expect(machine.read(Cell.freedCount)).toBe(1);
    expect(machine.gracePeriod()).toBe(0);
  });

  it("throws at the first broken rule and keeps it", () => {
    const machine = direct();
    machine.call("create");
    machine.call("destroy");
    expect(() => machine.call("touch", [Box.address])).toThrow(
      /^touch: use-after-free: load touches a freed object, freed by destroy test\.ts:\d+:1 \(touch test\.ts:\d+:1\)$/,
    );
    expect(machine.violations()).toMatchObject([{ verdict: "use-after-free", symbol: "Box#1.owner" }]);
    // The machine can be used again.
    expect(machine.call("bump", [1])).toBe(1);
  });

  it("says where it would wait for ever", () => {
    expect(() => direct().call("waitReady")).toThrow(
      /deadlock: awaitNotEqual would wait for ever.*\(waitReady test/,
    );
    expect(direct().call("waitForTick", [0])).toBe(0);
  });

  it("gives up on a call that does not end", () => {
    const machine = createDirect(program(), { stepLimit: 50 });
    expect(() => machine.call("bump", [1000])).toThrow("limit-exceeded: did not end within 50 operations");
  });
});
