/** Creds that tasks count themselves: the numbers after each step, who lets a cred go, and random lives of tasks that share one. */
import { describe, expect, it, test } from "vitest";
import { Audit } from "../../src/kernel/audit.ts";
import { Kind } from "../../src/kernel/core/kinds.ts";
import { Random } from "../../src/workloads/random.ts";
import { kernel, type Line, OneCpu, runScripts, smallPopulation, strategies } from "./support.ts";

const inTasks = { creds: 1 };

/** The value of a field of an exported enum: an offset, or an address of a global. */
function field(struct: string, name: string): number {
  const { structs } = kernel("kref", { verify: 1, ...inTasks });
  const found = structs.find((entry) => entry.name === struct)?.fields.find((entry) => entry.name === name);
  if (found === undefined) throw new Error(`the kernel has no ${struct}.${name}`);
  return found.offset;
}

/** One CPU with a script, and a look at the numbers of a cred. */
class Looking extends OneCpu {
  constructor(lines: readonly Line[], threadsPerProcess = 1, options = inTasks) {
    super("kref", lines, options, { ...smallPopulation, threadsPerProcess });
  }

  task(index: number): number {
    return this.machine.read(this.machine.read(field("KernelGlobal", "tasks")) + 8 * index);
  }

  credOf(index: number): number {
    return this.machine.read(this.task(index) + field("Task", "cred"));
  }

  /** What the cred has: counts of files, tasks that bear it. */
  cred(address: number): { usage: number; users: number } {
    const at = (name: string) => this.machine.read(address + field("Cred", name));
    expect(at("lock")).toBe(0);
    return { usage: at("usage"), users: at("users") };
  }

  /** What the task counted of the cred that it bears. */
  counts(index: number): number {
    return this.machine.read(this.task(index) + field("Task", "credCounts"));
  }

  /** How many creds there are once all callbacks ran. */
  creds(): number {
    this.settle();
    return this.audit(Audit.creds);
  }

  /** Takes everything down and expects that nothing is left and nothing was found. */
  expectClean(): void {
    this.run();
    expect(this.audit(Audit.allScriptErrors)).toBe(0);
    this.end();
    expect(this.audit(Audit.objects)).toBe(0);
    expect(this.audit(Audit.allViolations)).toBe(0);
    expect(this.machine.violations()).toEqual([]);
    expect(this.machine.liveObjects()).toEqual([]);
  }
}

describe("a cred that tasks count themselves", () => {
  it("adds up at every step while its threads close each other's files and leave", () => {
    // Threads 0 and 1 share a cred, 2 and 3 another. After each line: the cred's numbers, and those of threads 0 and 1.
    const steps: readonly (readonly [
      line: Line,
      usage: number,
      users: number,
      own0: number,
      own1: number,
    ])[] = [
      [["switchTask", 0], 0, 2, 0, 0],
      [["open", 1], 0, 2, 1, 0],
      [["dup", 1, 2], 0, 2, 1, 0],
      [["close", 1], 0, 2, 1, 0],
      [["passFile", 2, 0], 0, 2, 1, 0],
      [["close", 2], 0, 2, 1, 0],
      [["open", 1], 0, 2, 2, 0],
      [["socket", 3], 0, 2, 3, 0],
      [["close", 3], 0, 2, 2, 0],
      [["passFile", 1, 1], 0, 2, 2, 0],
      [["close", 1], 0, 2, 2, 0],
      // The other thread closes what this one opened.
      [["switchTask", 1], 0, 2, 2, 0],
      [["receiveFile", 5, 0], 0, 2, 2, 0],
      [["close", 5], 0, 2, 2, -1],
      // So does a task that does not bear the cred.
      [["switchTask", 2], 0, 2, 2, -1],
      [["receiveFile", 5, 1], 0, 2, 2, -1],
      [["close", 5], -1, 2, 2, -1],
      // Thread 1 leaves and takes its number along.
      [["switchTask", 1], -1, 2, 2, -1],
      [["exec", 1], -2, 1, 2, 0],
      [["open", 1], -2, 1, 2, 1],
    ];
    const cpu = new Looking([...steps.map(([line]) => line), ["switchTask", 0], ["exit"]], 2);
    const shared = cpu.credOf(0);
    expect(cpu.credOf(1)).toBe(shared);
    const creds = cpu.creds();
    for (const [line, usage, users, own0, own1] of steps) {
      cpu.run(1);
      expect({ ...cpu.cred(shared), own0: cpu.counts(0), own1: cpu.counts(1) }, line.join(" ")).toEqual({
        usage,
        users,
        own0,
        own1,
      });
    }
    expect(cpu.creds()).toBe(creds + 1);
    cpu.run();
    expect(cpu.counts(0)).toBe(0);
    expect(cpu.creds()).toBe(creds);
    cpu.expectClean();
  });

  it("goes with its last file when no task bears it any more", () => {
    const cpu = new Looking([
      ["switchTask", 0],
      ["open", 1],
      ["open", 2],
      ["exec", 1],
      ["close", 1],
      ["close", 2],
    ]);
    const creds = cpu.creds();
    const first = cpu.credOf(0);
    cpu.run(4);
    expect(cpu.cred(first)).toEqual({ usage: 2, users: 0 });
    expect(cpu.counts(0)).toBe(0);
    cpu.run(1);
    expect(cpu.cred(first)).toEqual({ usage: 1, users: 0 });
    expect(cpu.creds()).toBe(creds + 1);
    cpu.run();
    expect(cpu.creds()).toBe(creds);
    cpu.expectClean();
  });

  it("is left when its label is found to be stale, and files that were open before are closed from outside", () => {
    const cpu = new Looking([
      ["switchTask", 0],
      ["exec", 1],
      ["open", 1],
      ["removeProfile", 1],
      ["open", 2],
      ["close", 2],
      ["close", 1],
    ]);
    const creds = cpu.creds();
    cpu.run(4);
    const stale = cpu.credOf(0);
    expect(cpu.cred(stale)).toEqual({ usage: 0, users: 1 });
    expect(cpu.counts(0)).toBe(1);
    cpu.run(1);
    expect(cpu.credOf(0)).not.toBe(stale);
    expect(cpu.cred(stale)).toEqual({ usage: 1, users: 0 });
    expect(cpu.counts(0)).toBe(1);
    cpu.run();
    expect(cpu.counts(0)).toBe(0);
    expect(cpu.creds()).toBe(creds);
    cpu.expectClean();
  });

  it("has one user more for a thread that is forked, also over a live one, and none for a process", () => {
    const cpu = new Looking([
      ["switchTask", 0],
      ["open", 1],
      ["fork", 1, 1],
      ["fork", 1, 1],
      ["fork", 2, 0],
      ["switchTask", 1],
      ["close", 1],
      ["exit"],
    ]);
    const cred = cpu.credOf(0);
    cpu.run(3);
    expect(cpu.cred(cred)).toEqual({ usage: 0, users: 2 });
    cpu.run(1);
    expect(cpu.cred(cred)).toEqual({ usage: 0, users: 2 });
    cpu.run(1);
    expect(cpu.cred(cred)).toEqual({ usage: 0, users: 2 });
    expect(cpu.cred(cpu.credOf(2))).toEqual({ usage: 0, users: 1 });
    cpu.run();
    expect(cpu.cred(cred)).toEqual({ usage: 0, users: 1 });
    cpu.expectClean();
  });

  it("is not kept where the profile to change to does not exist", () => {
    const cpu = new Looking([
      ["switchTask", 0],
      ["open", 1],
      ["exec", 9],
    ]);
    const creds = cpu.creds();
    cpu.run();
    expect(cpu.audit(Audit.allScriptErrors)).toBe(1);
    expect(cpu.creds()).toBe(creds);
    expect(cpu.cred(cpu.credOf(0))).toEqual({ usage: 0, users: 1 });
    expect(cpu.counts(0)).toBe(1);
  });

  it("goes with a message that nobody received", () => {
    const cpu = new Looking([["switchTask", 0], ["open", 3], ["passFile", 3, 0], ["exit"]]);
    const cred = cpu.credOf(0);
    cpu.run();
    expect(cpu.cred(cred)).toEqual({ usage: 1, users: 0 });
    cpu.expectClean();
  });

  it("is shared by as many tasks at boot as a process has threads", () => {
    const cpu = new Looking([], 3);
    expect(cpu.cred(cpu.credOf(0))).toEqual({ usage: 0, users: 3 });
    expect(cpu.cred(cpu.credOf(3))).toEqual({ usage: 0, users: 1 });
    cpu.expectClean();
  });
});

test("an open and a close take two atomic operations less, whoever shares the cred", () => {
  const pairs = 4;
  const scripts = [0, 1, 2].map((task): readonly Line[] => [
    ["switchTask", task],
    ["repeat", pairs, 2],
    ["open", 1],
    ["close", 1],
  ]);
  const population = { ...smallPopulation, threadsPerProcess: 3 };
  const rmws = [0, 1].map(
    (creds) => runScripts(kernel("kref", { creds }), "a", scripts, population).scriptRmws,
  );
  expect((rmws[0] ?? 0) - (rmws[1] ?? 0)).toBe(2 * pairs * scripts.length);
});

const cpus = 3;
const tasksOfCpu = 3;
/** The first half of each script opens, forks and sends, the second receives and closes: so nobody waits for ever. */
const sends = 4;

/** What one CPU does with tasks of its own, most of which share a cred with all others at the beginning. */
function life(random: Random, cpu: number): Line[] {
  const lines: Line[] = [["switchTask", cpu * tasksOfCpu]];
  const own = () => cpu * tasksOfCpu + random.below(tasksOfCpu);
  const step = (): Line => {
    switch (random.below(10)) {
      case 0:
        return ["switchTask", own()];
      case 1:
        return ["fork", own(), random.below(2)];
      case 2:
        return ["exec", random.below(4)];
      case 3:
        return ["removeProfile", 1 + random.below(3)];
      case 4:
        return ["dup", random.below(4), random.below(4)];
      case 5:
      case 6:
        return ["close", random.below(4)];
      default:
        return ["open", random.below(4)];
    }
  };
  for (let sent = 0; sent < sends; sent++)
    lines.push(step(), step(), step(), ["open", 5], ["passFile", 5, cpu], ["close", 5]);
  if (random.below(2) === 0) lines.push(["exit"], ["switchTask", own()]);
  for (let got = 0; got < sends; got++)
    lines.push(step(), step(), ["receiveFile", 6, (cpu + 1) % cpus], ["close", 6]);
  return lines;
}

describe.each(strategies)("with %s", (strategy) => {
  test.each([66, 611])("random lives under random schedules leave nothing, hooks %i", (hooks) => {
    for (let seed = 0; seed < 24; seed++) {
      const random = new Random(`creds ${seed}`);
      const scripts = Array.from({ length: cpus }, (_, cpu) => life(random, cpu));
      const population = {
        ...smallPopulation,
        tasks: cpus * tasksOfCpu,
        threadsPerProcess: [1, 2, cpus * tasksOfCpu][seed % 3] ?? 1,
        channels: cpus,
      };
      const outcome = runScripts(
        kernel(strategy, { verify: 1, hooks, ...inTasks }),
        `schedule ${seed}`,
        scripts,
        population,
      );
      const where = `seed ${seed}`;
      // Without counting, a label lives for ever, and with it all that it keeps.
      const forEver =
        strategy === "none" ? [Kind.label, Kind.profile, Kind.proxy, Kind.namespace, Kind.rawdata] : [];
      const found = outcome.result.violations.filter(
        ({ verdict, detail }) =>
          verdict !== "leak" || !forEver.some((kind) => detail.includes(`object of kind ${kind} `)),
      );
      expect(found, where).toEqual([]);
      expect(outcome.left(Audit.allViolations), where).toBe(0);
      expect(outcome.left(Audit.allWarnings), where).toBe(0);
      for (const counter of [Audit.creds, Audit.files, Audit.tasks, Audit.sockets])
        expect(outcome.left(counter), where).toBe(0);
    }
  });
});
