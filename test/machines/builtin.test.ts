/** The shipped machines are right, say where every number comes from, and mean what is published about them. */
import { describe, expect, it } from "vitest";
import {
  capacity,
  coreOf,
  distanceBetween,
  l3DomainsInUse,
  scalingBasis,
  scalingPercent,
  socketOf,
} from "../../src/engines/sim/topology.ts";
import { Distance } from "../../src/engines/sim/types.ts";
import { builtinMachine, machineNames } from "../../src/machines/builtin.ts";
import { compileMachine } from "../../src/machines/compile.ts";
import { checkDescription } from "../../src/machines/resolve.ts";
import type { MachineDescription } from "../../src/machines/schema.ts";

const described = (name: string) => builtinMachine(name) as MachineDescription;
const compiled = (name: string) => compileMachine(described(name));

/** Fields with a value of the machine's own: `lineBytes`, `latencyNs.l3`. */
function numbers(description: MachineDescription): string[] {
  const { name, title, summary, standIn, sources, ...rest } = description;
  return Object.entries(rest).flatMap(([field, value]) =>
    typeof value === "object" && !Array.isArray(value)
      ? Object.keys(value).map((inner) => `${field}.${inner}`)
      : [field],
  );
}

describe("the shipped machines", () => {
  it("are those of the design, the hypothetical one and the stand-ins", () => {
    expect(machineNames).toEqual([
      "epyc-9654",
      "epyc-9654-2s",
      "beyond-2s",
      "epyc-7773x",
      "epyc-7742-2s",
      "xeon-8176-8s",
      "xeon-8375c-2s",
      "graviton3",
      "ryzen-7950x",
      "skylake-2s",
      "vm-24",
    ]);
  });

  it.each(machineNames)("%s is right under its own name", (name) => {
    expect(checkDescription(described(name), name).name).toBe(name);
  });

  it.each(machineNames)("%s says where every number comes from, once", (name) => {
    const description = described(name);
    const sourced = description.sources.flatMap(({ what }) => what);
    const covers = (field: string) =>
      sourced.filter((source) => source === field || field.startsWith(`${source}.`)).length;
    expect(numbers(description).filter((field) => covers(field) !== 1)).toEqual([]);
  });

  it.each(machineNames)("%s has a title and a summary", (name) => {
    const { title, summary } = described(name);
    expect(title).not.toBe("");
    expect(summary).not.toBe("");
  });

  it("say which of them stand in for others", () => {
    const standIns = machineNames.filter((name) => described(name).standIn !== undefined);
    expect(standIns).toEqual(["beyond-2s", "skylake-2s", "vm-24"]);
  });

  it("have the published number of CPUs", () => {
    expect(machineNames.map((name) => [name, capacity(compiled(name))])).toEqual([
      ["epyc-9654", 192],
      ["epyc-9654-2s", 384],
      ["beyond-2s", 1024],
      ["epyc-7773x", 128],
      ["epyc-7742-2s", 256],
      ["xeon-8176-8s", 448],
      ["xeon-8375c-2s", 128],
      ["graviton3", 64],
      ["ryzen-7950x", 32],
      ["skylake-2s", 104],
      ["vm-24", 24],
    ]);
  });
});

describe("epyc-9654", () => {
  const machine = compiled("epyc-9654");

  it("has the design's numbers", () => {
    expect(machine).toMatchObject({ hitNs: 1, privateAtomicNs: 2, atomicNs: 5 });
    expect(machine.idleNs).toMatchObject({ smt: 6, l3: 25, socket: 110 });
    expect(machine.handOffNs).toEqual(machine.idleNs);
    expect(compiled("epyc-9654-2s").idleNs.cross).toBe(200);
  });

  it("scales at the published points as the run with AppArmor off", () => {
    const cpus = [16, 32, 48, 96, 192];
    expect(cpus.map((count) => l3DomainsInUse(machine, count))).toEqual([1, 2, 3, 6, 12]);
    expect(cpus.map((count) => scalingPercent(machine, count))).toEqual([100, 95, 94, 92, 85]);
    expect(cpus.map((count) => scalingBasis(machine, count))).toEqual(Array(5).fill("point"));
  });

  it("keeps the last percentage on the larger machine, as an assumption", () => {
    const beyond = compiled("beyond-2s");
    expect(scalingPercent(beyond, 1024)).toBe(85);
    expect(scalingBasis(beyond, 1024)).toBe("beyond");
    expect(socketOf(beyond, 511)).toBe(0);
    expect(socketOf(beyond, 512)).toBe(1);
  });
});

describe("xeon-8176-8s", () => {
  const machine = compiled("xeon-8176-8s");

  it("fills a socket's cores first and numbers siblings last", () => {
    expect(socketOf(machine, 27)).toBe(0);
    expect(socketOf(machine, 28)).toBe(1);
    expect(coreOf(machine, 224)).toBe(coreOf(machine, 0));
    expect(distanceBetween(machine, 0, 224)).toBe(Distance.smt);
    expect(distanceBetween(machine, 0, 27)).toBe(Distance.l3);
    expect(distanceBetween(machine, 0, 28)).toBe(Distance.cross);
  });

  it("hands contended lines on faster than idle ones move", () => {
    expect(machine.handOffNs.l3).toBeLessThan(machine.idleNs.l3);
    expect(machine.handOffNs.cross).toBeLessThan(machine.idleNs.cross);
    expect(machine.handOffNs.smt).toBe(7.2);
  });

  it("takes the hand-off across for the one within a socket, which it does not have", () => {
    expect(machine.handOffNs.socket).toBe(machine.handOffNs.cross);
  });
});

describe("a compiled machine", () => {
  it("never takes a distance that it does not have for its smallest", () => {
    const { idleNs } = compiled("graviton3");
    expect(idleNs).toEqual({ smt: 46, l3: 46, socket: 46, cross: 46 });
    expect(compiled("xeon-8176-8s").idleNs).toEqual({ smt: 7.2, l3: 47.5, socket: 256, cross: 256 });
    expect(compiled("epyc-9654").idleNs.cross).toBe(110);
  });

  it("counts a grace period in ns", () => {
    expect(compiled("epyc-9654").gracePeriodNs).toBe(7_500_000);
  });
});
