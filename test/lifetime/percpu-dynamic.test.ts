/**
 * What is special to percpu-dynamic: who gets counters per CPU and when they are given back, what happens where there is no memory
 * for them, and all that the checker has to say with options that make every label hot that is used at all.
 */
import { describe, expect, it } from "vitest";
import { prepareCheck, runCheck } from "../../src/checks/index.ts";
import { createDirect, type Direct } from "../../src/engines/reference/index.ts";
import { Kind } from "../../src/kernel/core/kinds.ts";
import { Mark } from "../../src/kernel/core/marks.ts";
import { linkProgram } from "../../src/link/link.ts";
import { nodeHost, packageRoot } from "../../src/link/node-host.ts";
import { buildStepped, type SteppedProgram } from "../../src/link/stepped/index.ts";
import { builtin, stageBytes } from "../conformance/support.ts";
import { models, programNamed, told } from "./checks.ts";

const host = nodeHost(packageRoot);
const { path } = builtin("percpu-dynamic");
const module = `${packageRoot}/test/programs/label-stage.ts`;

/** A period is a second, and every get of an atomic counter a sample. */
const plain = { intervalMs: 1000, sampleEvery: 1, switchPerSecond: 10, coolPerSecond: 4 };

const linked = new Map<string, SteppedProgram>();

/** The label stage with the strategy, linked once for each setting. */
function stageWith(options: Readonly<Record<string, number>>, percpuBytes: number): SteppedProgram {
  const key = JSON.stringify([options, percpuBytes]);
  let program = linked.get(key);
  if (program === undefined) {
    const strategies = [{ instance: "strategy", path, options: { ...plain, ...options } }];
    program = buildStepped(
      linkProgram({ module, entries: "all", strategies, options: { percpuBytes } }, host),
    );
    linked.set(key, program);
  }
  return program;
}

/** A label stage on a few CPUs, and the periods of maintenance. */
class Stage {
  private readonly machine: Direct;
  private readonly marks: { event: number; argument: number }[] = [];

  constructor(options: Readonly<Record<string, number>> = {}, percpuBytes = 1024, cpus = 2) {
    this.machine = createDirect(stageWith(options, percpuBytes), {
      cpus,
      memoryWords: stageBytes(cpus) / 4,
      onMark: (mark) => this.marks.push(mark),
    });
    this.machine.call("boot");
    for (let cpu = 0; cpu < cpus; cpu++) this.on(cpu, "bootCpu");
  }

  on(cpu: number, entry: string, ...args: number[]): number {
    return this.machine.call(entry, [cpu, ...args], cpu);
  }

  /** A published label, its first reference in a holder. */
  label(holder: number, cpu = 0): number {
    const label = this.on(cpu, "make", holder);
    this.on(cpu, "publishLabel", label);
    return label;
  }

  /** A CPU takes and drops that many references to a label. */
  use(label: number, times: number, cpu = 1): void {
    for (let time = 0; time < times; time++) {
      this.on(cpu, "lookUp", 3, label);
      this.on(cpu, "drop", 3);
    }
  }

  /** A second passes: which labels got counters in it, and which lost theirs. */
  period(): { hot: number[]; cold: number[] } {
    const before = this.marks.length;
    this.on(0, "maintain");
    const of = (wanted: Mark) =>
      this.marks.slice(before).flatMap(({ event, argument }) => (event === wanted ? [argument] : []));
    return { hot: of(Mark.switchedToPercpu), cold: of(Mark.switchedToAtomic) };
  }

  get percpuBytes(): number {
    return this.machine.call("percpuBytesInUse");
  }

  get labels(): number {
    while (this.machine.gracePeriod(0) > 0);
    return this.machine.call("liveLabels");
  }

  marked(wanted: Mark): number {
    return this.marks.filter(({ event }) => event === wanted).length;
  }

  live(kind: Kind): number {
    return this.machine.call("live", [kind]);
  }
}

describe("a label with percpu-dynamic", () => {
  it("has no counters per CPU while it is not used much", () => {
    const stage = new Stage();
    const label = stage.label(0);
    stage.use(label, 10);
    expect(stage.period()).toEqual({ hot: [], cold: [] });
    expect(stage.percpuBytes).toBe(0);
    expect(stage.live(Kind.labelExtra)).toBe(0);
  });

  it("gets them with the gets of all CPUs together in one period", () => {
    const stage = new Stage();
    const label = stage.label(0);
    stage.use(label, 6, 0);
    stage.use(label, 5, 1);
    expect(stage.period()).toEqual({ hot: [label], cold: [] });
    expect(stage.percpuBytes).toBe(8);
  });

  it("does not get them for as many gets in two periods", () => {
    const stage = new Stage();
    const label = stage.label(0);
    stage.use(label, 6);
    stage.period();
    stage.use(label, 5);
    expect(stage.period().hot).toEqual([]);
  });

  it("keeps them while it is used, and gives the memory back in the first period with few gets", () => {
    const stage = new Stage();
    const label = stage.label(0);
    stage.use(label, 11);
    stage.period();
    for (const gets of [11, 4, 4]) {
      stage.use(label, gets);
      expect(stage.period()).toEqual({ hot: [], cold: [] });
    }
    stage.use(label, 3);
    expect(stage.period()).toEqual({ hot: [], cold: [label] });
    expect(stage.percpuBytes).toBe(0);
    expect(stage.live(Kind.labelExtra)).toBe(0);
  });

  it("counts what was taken in one mode and dropped in another, on whatever CPU", () => {
    const stage = new Stage();
    const label = stage.label(0);
    stage.use(label, 11);
    stage.on(1, "lookUp", 0, label);
    stage.period();
    stage.on(1, "lookUp", 1, label);
    stage.on(1, "drop", 0);
    stage.period();
    stage.period();
    expect(stage.percpuBytes).toBe(0);
    stage.on(0, "drop", 0);
    expect(stage.marked(Mark.released)).toBe(0);
    stage.on(1, "drop", 1);
    expect(stage.marked(Mark.released)).toBe(1);
  });

  it("loses them once it is retired, however often it is used, and goes with its last holder", () => {
    const stage = new Stage();
    const label = stage.label(0);
    stage.use(label, 11);
    stage.period();
    stage.use(label, 100);
    stage.on(0, "retireLabel", label);
    stage.on(0, "drop", 0);
    expect(stage.period().cold).toEqual([label]);
    expect(stage.marked(Mark.released)).toBe(1);
    expect(stage.labels).toBe(0);
  });

  it("goes when it gets cold although nobody retires it", () => {
    const stage = new Stage();
    const label = stage.label(0);
    stage.use(label, 11);
    stage.period();
    stage.on(0, "drop", 0);
    expect(stage.marked(Mark.released)).toBe(0);
    expect(stage.period().cold).toEqual([label]);
    expect(stage.labels).toBe(0);
  });

  it("is kept by a sample until the period ends, and no longer", () => {
    const stage = new Stage();
    const label = stage.label(0);
    stage.use(label, 1);
    stage.on(0, "drop", 0);
    expect(stage.marked(Mark.released)).toBe(0);
    stage.period();
    expect(stage.labels).toBe(0);
  });

  it("stays as it is where memory per CPU is used up, and asks again in the next period", () => {
    // Eight pairs of counters find room.
    const stage = new Stage({}, 64, 3);
    const places = [0, 1, 2].flatMap((cpu) => [0, 1, 2].map((holder) => ({ cpu, holder })));
    const labels = places.map(({ cpu, holder }) => ({ cpu, label: stage.label(holder, cpu) }));
    for (const { cpu, label } of labels) stage.use(label, 11, cpu);
    const { hot } = stage.period();
    expect(hot.length).toBe(8);
    expect(stage.percpuBytes).toBe(64);
    expect(stage.marked(Mark.percpuExhausted)).toBe(0);
    for (const { cpu, label } of labels.filter((made) => !hot.includes(made.label)))
      stage.use(label, 11, cpu);
    // The others get cold in this period, and make room.
    const next = stage.period();
    expect(next.cold.sort()).toEqual(hot.sort());
    expect(next.hot.length).toBe(1);
  });

  it("is one of the hottest, where only so many may have counters", () => {
    const stage = new Stage({ hottestLabels: 1 });
    const [first, second] = [stage.label(0), stage.label(1)];
    stage.use(first, 20);
    stage.use(second, 30);
    expect(stage.period()).toEqual({ hot: [second], cold: [] });
    stage.use(first, 40);
    stage.use(second, 30);
    expect(stage.period()).toEqual({ hot: [first], cold: [second] });
    stage.use(first, 20);
    stage.use(second, 20);
    expect(stage.period()).toEqual({ hot: [], cold: [] });
    expect(stage.percpuBytes).toBe(8);
  });
});

/** Every get of an atomic counter is a sample, and one is enough. */
const eager = { switchPerSecond: 0, coolPerSecond: 1, sampleEvery: 1, samples: 1 };

const programs: readonly (readonly [string, Readonly<Record<string, number>>])[] = [
  ["get-put", { users: 2 }],
  ["put-vs-look-up", { rounds: 1 }],
  ["replace-vs-look-up", {}],
  ["borrow-vs-remove", { rounds: 1 }],
  ["borrow-vs-drop", {}],
  ["borrow-vs-swap", {}],
  ["switch-vs-users", { rounds: 1 }],
  ["hand-over", {}],
];

describe.each(models)("percpu-dynamic whose labels are hot as soon as they are used, under %s", (model) => {
  it.each(programs)("passes %s with %o", { timeout: 120_000 }, async (name, bounds) => {
    const report = await runCheck(
      prepareCheck(programNamed(name), { path, options: eager }, { model, bounds }, host),
    );
    expect(told(report)).toBe("pass");
  });

  it("passes them with room for one hot label", async () => {
    const options = { ...eager, hottestLabels: 1 };
    const report = await runCheck(
      prepareCheck(programNamed("replace-vs-look-up"), { path, options }, { model }, host),
    );
    expect(told(report)).toBe("pass");
  });
});
