/**
 * What is special to cred-local: which references cost an atomic operation, what a task keeps that stays a user of a label it has
 * left, and all programs about tasks once more with options that bring the rare paths about.
 */
import { describe, expect, it } from "vitest";
import { prepareCheck, runCheck } from "../../src/checks/index.ts";
import { createDirect, type Direct } from "../../src/engines/reference/index.ts";
import { Audit } from "../../src/kernel/audit.ts";
import { bootArguments } from "../../src/kernel/boot-arguments.ts";
import { Mark } from "../../src/kernel/core/marks.ts";
import { kernelProgram, linkProgram } from "../../src/link/link.ts";
import { nodeHost, packageRoot } from "../../src/link/node-host.ts";
import { buildStepped } from "../../src/link/stepped/index.ts";
import { builtin } from "../conformance/support.ts";
import { type Line, scriptOf, smallPopulation } from "../kernel/support.ts";
import { models, programNamed, told } from "./checks.ts";

const host = nodeHost(packageRoot);
const { path } = builtin("cred-local");

/** One CPU of a kernel with cred-local, which runs a few lines at a time. */
class Cpu {
  private readonly machine: Direct;
  private readonly counts = new Map<number, number>();

  constructor(options: Readonly<Record<string, number>>, lines: readonly Line[]) {
    const spec = kernelProgram({ path, options }, { verify: 1, quarantine: 8, percpuBytes: 1024 }, host);
    this.machine = createDirect(buildStepped(linkProgram(spec, host)), {
      scripts: [scriptOf(lines)],
      memoryWords: 1 << 18,
      onMark: ({ event }) => this.counts.set(event, (this.counts.get(event) ?? 0) + 1),
    });
    this.machine.call("boot", bootArguments(smallPopulation));
    this.machine.call("bootCpu", [0]);
  }

  /** Executes the next `lines`; how many references were counted in tasks and in labels. */
  run(lines: number): { own: number; shared: number } {
    this.counts.clear();
    this.machine.call("run", [0, lines]);
    const marks = (event: Mark) => this.counts.get(event) ?? 0;
    return { own: marks(Mark.ownCount), shared: marks(Mark.sharedCount) };
  }

  get labels(): number {
    while (this.machine.gracePeriod(0) > 0);
    return this.machine.call("audit", [Audit.labels]);
  }

  /** Nothing may be left when all is taken down. */
  end(): void {
    this.machine.call("teardown", [0]);
    this.machine.call("dismantle");
    expect(this.labels).toBe(0);
    const found = [Audit.objects, Audit.allViolations, Audit.allWarnings, Audit.allScriptErrors];
    expect(found.map((counter) => this.machine.call("audit", [counter]))).toEqual([0, 0, 0, 0]);
  }
}

const openClose: readonly Line[] = [
  ["open", 0],
  ["close", 0],
];

describe("a task with cred-local", () => {
  it("pays for its first file, and then for none of its own label", () => {
    const cpu = new Cpu({}, [["switchTask", 0], ...openClose, ...openClose, ...openClose]);
    cpu.run(1);
    expect(cpu.run(2)).toEqual({ own: 1, shared: 1 });
    expect(cpu.run(4)).toEqual({ own: 4, shared: 0 });
    cpu.end();
  });

  it("pays for closing what was opened under another label", () => {
    const lines: Line[] = [
      ["switchTask", 0],
      ["open", 0],
      ["exec", 1],
      ["open", 1],
      ["close", 0],
    ];
    const cpu = new Cpu({}, lines);
    cpu.run(4);
    expect(cpu.run(1)).toEqual({ own: 0, shared: 1 });
    cpu.end();
  });

  it("goes on for nothing when it comes back to its CPU", () => {
    const lines: Line[] = [
      ["switchTask", 0],
      ...openClose,
      ["switchTask", 1],
      ["switchTask", 0],
      ...openClose,
    ];
    for (const [foldAtSwitch, shared] of [
      [0, 0],
      [1, 2],
    ]) {
      const cpu = new Cpu({ foldAtSwitch: foldAtSwitch ?? 0 }, lines);
      cpu.run(3);
      expect(cpu.run(4)).toEqual({ own: 2 - (foldAtSwitch ?? 0), shared });
      cpu.end();
    }
  });

  it("brings its number in before it reaches the bias, whichever way it goes", () => {
    const files = Array.from({ length: 8 }, (_, fd) => fd);
    const lines: Line[] = [
      ["switchTask", 0],
      ...files.map((fd): Line => ["open", fd]),
      ...files.map((fd): Line => ["close", fd]),
    ];
    const cpu = new Cpu({ bias: 2 }, lines);
    cpu.run(1);
    // The first makes the label its home; every second one after it is too many.
    expect(cpu.run(8)).toEqual({ own: 7, shared: 1 + 3 });
    // 1 is left from before, so the third close is the first that is too many.
    expect(cpu.run(8)).toEqual({ own: 8, shared: 3 });
    cpu.end();
  });
});

describe("a CPU whose task was taken down with everything else", () => {
  it("does not count in it any more: a cred's callback may still put a label there", () => {
    const spec = kernelProgram({ path }, { verify: 1, quarantine: 8, percpuBytes: 1024 }, host);
    const scripts = [
      [["switchTask", 0]],
      [
        ["switchTask", 1],
        ["exec", 1],
        ["open", 0],
        ["fork", 2, 0],
      ],
    ] satisfies Line[][];
    const machine = createDirect(buildStepped(linkProgram(spec, host)), {
      cpus: 2,
      scripts: scripts.map(scriptOf),
      memoryWords: 1 << 19,
    });
    machine.call("boot", bootArguments(smallPopulation));
    for (const cpu of [0, 1]) machine.call("bootCpu", [cpu], cpu);
    for (const cpu of [0, 1]) machine.call("run", [cpu, 0], cpu);
    machine.call("dismantle");
    while (machine.gracePeriod(1) > 0);
    expect(machine.call("audit", [Audit.objects])).toBe(0);
    expect(machine.call("audit", [Audit.allViolations])).toBe(0);
  });
});

describe("a label that its user has left", () => {
  /** Task 0 opens under profile 1, changes to profile 2, and removes profile 1. */
  const left: readonly Line[] = [
    ["switchTask", 0],
    ["exec", 1],
    ...openClose,
    ["exec", 2],
    ["removeProfile", 1],
  ];

  it("goes with its last holder, although the task opens nothing any more", () => {
    const cpu = new Cpu({}, left);
    cpu.run(6);
    expect(cpu.labels).toBe(3);
    cpu.end();
  });

  const ends: readonly (readonly [string, Line])[] = [
    ["its next system call", ["secid"]],
    ["a file under the new label", ["open", 0]],
    ["the switch to another task", ["switchTask", 1]],
    ["its exit", ["exit"]],
  ];
  it.each(ends)("is kept with stayHome until %s", (_end, line) => {
    const cpu = new Cpu({ stayHome: 1 }, [...left, line]);
    cpu.run(6);
    expect(cpu.labels).toBe(4);
    cpu.run(1);
    expect(cpu.labels).toBe(3);
    cpu.end();
  });

  it("is closed under for nothing with stayHome", () => {
    const lines: Line[] = [
      ["switchTask", 0],
      ["exec", 1],
      ["open", 0],
      ["exec", 2],
      ["close", 0],
    ];
    const cpu = new Cpu({ stayHome: 1 }, lines);
    cpu.run(4);
    expect(cpu.run(1)).toEqual({ own: 1, shared: 0 });
    cpu.end();
  });
});

const settings: readonly Readonly<Record<string, number>>[] = [
  { bias: 2 },
  { bias: 2, stayHome: 1 },
  { bias: 2, foldAtSwitch: 1 },
];
const sizes: readonly (readonly [string, Readonly<Record<string, number>>])[] = [
  ["close-by-others", { closers: 3 }],
  ["close-by-others", { closers: 1, siblings: 1, files: 2 }],
  ["task-moves", { closers: 1, opens: 1 }],
  ["task-moves", { closers: 1, opens: 0 }],
  ["open-vs-change-profile", {}],
  ["fork-exit", {}],
];

describe.each(settings)("cred-local with %o", (options) => {
  describe.each(models)("under %s", (model) => {
    it.each(sizes)("passes %s with %o", async (name, bounds) => {
      const report = await runCheck(
        prepareCheck(programNamed(name), { path, options }, { model, bounds }, host),
      );
      expect(told(report)).toBe("pass");
    });
  });
});
