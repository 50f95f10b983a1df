/**
 * What is special to percpu-managed: what a scan does to labels, how far it goes, and when there is nothing left to do. On the
 * label stage in direct mode, where a scan's grace period is over at once.
 */
import { describe, expect, it } from "vitest";
import { prepareCheck, runCheck } from "../../src/checks/index.ts";
import { createDirect, type Direct } from "../../src/engines/reference/index.ts";
import { bootArguments } from "../../src/kernel/boot-arguments.ts";
import { Mark } from "../../src/kernel/core/marks.ts";
import { RefMode } from "../../src/kernel/core/percpu-ref-layout.ts";
import { kernelProgram, linkProgram } from "../../src/link/link.ts";
import { nodeHost, packageRoot } from "../../src/link/node-host.ts";
import { buildStepped, type SteppedProgram } from "../../src/link/stepped/index.ts";
import { builtin, stageBytes } from "../conformance/support.ts";
import { type Line, scriptOf, smallPopulation } from "../kernel/support.ts";
import { programNamed, told } from "./checks.ts";

const host = nodeHost(packageRoot);
const { path } = builtin("percpu-managed");
const cpus = 2;

const built = new Map<string, SteppedProgram>();

/** The label stage with these options of the strategy, built once. */
function stageProgram(options: Readonly<Record<string, number>>): SteppedProgram {
  const key = JSON.stringify(options);
  const known = built.get(key);
  if (known !== undefined) return known;
  const module = host.resolve("refplay/source/test/programs/label-stage.ts", "") ?? "";
  const strategies = [{ instance: "strategy", path, options }];
  const program = buildStepped(linkProgram({ module, entries: "all", strategies, options: {} }, host));
  built.set(key, program);
  return program;
}

/** Holders 0 to 3 of CPU 0 keep labels; CPU 1 is the manager's. */
class Stage {
  private readonly machine: Direct;
  private readonly counts = new Map<number, number>();

  constructor(options: Readonly<Record<string, number>> = {}) {
    this.machine = createDirect(stageProgram(options), {
      cpus,
      memoryWords: stageBytes(cpus) / 4,
      onMark: ({ event }) => this.counts.set(event, (this.counts.get(event) ?? 0) + 1),
    });
    this.machine.call("boot");
    for (let cpu = 0; cpu < cpus; cpu++) this.machine.call("bootCpu", [cpu], cpu);
  }

  on(entry: string, ...args: number[]): number {
    return this.machine.call(entry, [0, ...args]);
  }

  /** A label in holder `holder`, not published. */
  made(holder: number): number {
    return this.on("make", holder);
  }

  published(holder: number): number {
    const label = this.made(holder);
    this.on("publishLabel", label);
    return label;
  }

  drop(holder: number): void {
    this.on("drop", holder);
  }

  /** What one scan says it did. */
  scan(): number {
    return this.machine.call("maintain", [1], 1);
  }

  /** Labels that a scan found in use, and what it released. */
  scanned(): { used: number; released: number } {
    const before = this.released;
    this.counts.set(Mark.switchedToPercpu, 0);
    this.scan();
    return { used: this.counts.get(Mark.switchedToPercpu) ?? 0, released: this.released - before };
  }

  countsPerCpu(label: number): boolean {
    return (this.machine.call("strategyCell", [label]) & RefMode.mask) === RefMode.percpu;
  }

  get released(): number {
    return this.counts.get(Mark.released) ?? 0;
  }

  /** Mode switches so far, both ways. */
  get switches(): number {
    return (this.counts.get(Mark.switchedToAtomic) ?? 0) + (this.counts.get(Mark.switchedToPercpu) ?? 0);
  }

  /** Labels that are left after a grace period. */
  get labels(): number {
    while (this.machine.gracePeriod() > 0);
    return this.machine.call("liveLabels");
  }
}

describe("a managed label", () => {
  it("counts with one counter until it is published, and per CPU then", () => {
    const stage = new Stage();
    const label = stage.made(0);
    expect(stage.countsPerCpu(label)).toBe(false);
    stage.on("publishLabel", label);
    expect(stage.countsPerCpu(label)).toBe(true);
  });

  it("goes with its last put if it was never published, without a scan", () => {
    const stage = new Stage();
    stage.made(0);
    stage.drop(0);
    expect(stage.released).toBe(1);
    expect(stage.scan()).toBe(0);
    expect(stage.labels).toBe(0);
  });

  it("outlives its last put until a scan", () => {
    const stage = new Stage();
    stage.published(0);
    stage.drop(0);
    expect(stage.labels).toBe(1);
    expect(stage.scan()).toBe(1);
    expect(stage.labels).toBe(0);
  });

  it("counts per CPU again after a scan that found it in use", () => {
    const stage = new Stage();
    const label = stage.published(0);
    expect(stage.scanned()).toEqual({ used: 1, released: 0 });
    expect(stage.countsPerCpu(label)).toBe(true);
    expect(stage.labels).toBe(1);
  });

  it("can be had by a look-up after its last put, and is used again then", () => {
    const stage = new Stage();
    const label = stage.published(0);
    stage.drop(0);
    expect(stage.on("lookUp", 1, label)).toBe(1);
    expect(stage.scanned()).toEqual({ used: 1, released: 0 });
  });

  it("can not be had any more once a scan has released it", () => {
    const stage = new Stage();
    const label = stage.published(0);
    stage.drop(0);
    stage.scan();
    expect(stage.on("rawTryGet", 1, label)).toBe(0);
  });

  it("changes no mode when it is retired: who still has it goes on at full speed", () => {
    const stage = new Stage();
    const label = stage.published(0);
    const before = stage.switches;
    stage.on("retireLabel", label);
    expect(stage.countsPerCpu(label)).toBe(true);
    expect(stage.switches).toBe(before);
  });
});

describe("a compound label", () => {
  it("counts per CPU, too, although nobody will retire it", () => {
    const lines: Line[] = [
      ["switchTask", 0],
      ["exec", 1],
      ["stackProfile", 2],
    ];
    let switched = 0;
    const spec = kernelProgram({ path }, { verify: 1, quarantine: 8, percpuBytes: 1024 }, host);
    const machine = createDirect(buildStepped(linkProgram(spec, host)), {
      scripts: [scriptOf(lines)],
      memoryWords: 1 << 18,
      onMark: ({ event }) => {
        if (event === Mark.switchedToPercpu) switched++;
      },
    });
    machine.call("boot", bootArguments(smallPopulation));
    machine.call("bootCpu", [0]);
    machine.call("run", [0, 2]);
    const before = switched;
    machine.call("run", [0, 1]);
    expect(switched - before).toBe(1);
  });
});

describe("a scan", () => {
  /** Labels in holders 0 to 3. */
  function withFour(options: Readonly<Record<string, number>>): Stage {
    const stage = new Stage(options);
    for (let holder = 0; holder < 4; holder++) stage.published(holder);
    return stage;
  }

  it("stops after maxScanCount labels in use, and the next one goes on behind them", () => {
    const stage = withFour({ maxScanCount: 3 });
    expect(stage.scanned().used).toBe(3);
    expect(stage.scanned().used).toBe(1);
    expect(stage.scanned().used).toBe(3);
  });

  it("does not count the labels that it releases", () => {
    const stage = withFour({ maxScanCount: 1 });
    // The newest come first.
    for (const holder of [1, 2, 3]) stage.drop(holder);
    expect(stage.scanned()).toEqual({ used: 1, released: 3 });
  });

  it("leaves labels that are published during a pass to the next pass", () => {
    const stage = withFour({ maxScanCount: 2 });
    stage.scan();
    stage.drop(3);
    const fresh = stage.on("make", 3);
    stage.on("publishLabel", fresh);
    stage.drop(3);
    expect(stage.scanned()).toEqual({ used: 2, released: 0 });
    // Both, and the two behind them.
    expect(stage.scanned()).toEqual({ used: 2, released: 2 });
  });

  it("says 0 where a whole pass found every label in use", () => {
    const stage = withFour({ maxScanCount: 4 });
    expect(stage.scan()).toBe(0);
  });

  it("says 0 where it stopped on the way, if all labels look used", () => {
    expect(withFour({ maxScanCount: 1 }).scan()).toBe(0);
  });

  it("does not say 0 while a label is unused that it went past before", () => {
    const stage = withFour({ maxScanCount: 1 });
    stage.scan();
    stage.drop(3);
    const told: number[] = [];
    while (stage.released === 0) told.push(stage.scan());
    expect(told).toEqual([1, 1, 1, 1]);
    expect(stage.labels).toBe(3);
  });

  it("takes labels out from everywhere in the list, and ends with none", () => {
    for (const order of [
      [0, 1, 2, 3],
      [3, 2, 1, 0],
      [2, 0, 3, 1],
    ]) {
      const stage = withFour({});
      order.forEach((holder, gone) => {
        stage.drop(holder);
        expect(stage.scanned()).toEqual({ used: 3 - gone, released: 1 });
      });
      expect(stage.labels).toBe(0);
    }
  });
});

describe("with one label for each scan", () => {
  it.each(["managed-scan", "borrow-vs-swap"])("passes %s in every order", async (name) => {
    const bounds = name === "managed-scan" ? { rounds: 1 } : {};
    const choice = { path, options: { maxScanCount: 1 } };
    const report = await runCheck(prepareCheck(programNamed(name), choice, { model: "sc", bounds }, host));
    expect(told(report)).toBe("pass");
  });
});
