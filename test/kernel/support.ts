/** A kernel with a strategy on the reference engine, in direct mode or under a random schedule, for short scripts. */
import { fileURLToPath } from "node:url";
import {
  type ActorSpec,
  createDirect,
  type Direct,
  ReferenceEngine,
  type ReferenceResult,
} from "../../src/engines/reference/index.ts";
import type { Audit } from "../../src/kernel/audit.ts";
import { type BootPopulation, bootArguments } from "../../src/kernel/boot-arguments.ts";
import { Event } from "../../src/kernel/events.ts";
import type { IrProgram } from "../../src/link/ir.ts";
import { kernelProgram, linkProgram } from "../../src/link/link.ts";
import { nodeHost } from "../../src/link/node-host.ts";
import { buildStepped, type SteppedProgram } from "../../src/link/stepped/index.ts";

export const strategies = ["none", "kref", "percpu-ref", "cred-local"] as const;
export type StrategyName = (typeof strategies)[number];

/** Strategies that the kernel's own tests do without: how labels are counted is looked at in test/lifetime. */
type LifetimeStrategy = "rcuref" | "hazard-pointer" | "percpu-managed" | "percpu-dynamic";

export type Population = BootPopulation;

export const smallPopulation: Population = {
  profiles: 3,
  tasks: 4,
  descriptorsPerTask: 8,
  threadsPerProcess: 1,
  channels: 2,
};

const host = nodeHost();
const programs = new Map<string, SteppedProgram>();

/** The kernel linked with a strategy of `strategies/`; a second call with the same arguments returns the same program. */
export function kernel(
  strategy: StrategyName | LifetimeStrategy,
  options: Readonly<Record<string, number>> = {},
): SteppedProgram {
  const key = JSON.stringify([strategy, options]);
  const known = programs.get(key);
  if (known !== undefined) return known;
  const program = buildStepped(linkedKernel(strategy, options));
  programs.set(key, program);
  return program;
}

/** The same before a back end has seen it, linked anew with each call. */
export function linkedKernel(
  strategy: Parameters<typeof kernel>[0],
  options: Readonly<Record<string, number>> = {},
): IrProgram {
  const path = fileURLToPath(new URL(`../../strategies/${strategy}.ts`, import.meta.url));
  const small = { percpuBytes: 1024, quarantine: 8, ...options };
  return linkProgram(kernelProgram({ path }, small, host), host);
}

/** One record of a script: an event's name (or a number that may be none) and its operands. */
export type Line = readonly [keyof typeof Event | number, ...number[]];

/** The script as engines take it, with its `end`. */
export function scriptOf(lines: readonly Line[]): Int32Array {
  const records = [...lines, ["end"] as const].map(([event, a = 0, b = 0, c = 0]) => [
    typeof event === "number" ? event : Event[event],
    a,
    b,
    c,
  ]);
  return Int32Array.from(records.flat());
}

const memoryBytes = 1 << 20;

/** One CPU whose script runs record by record, with nothing beside it. */
export class OneCpu {
  readonly machine: Direct;

  constructor(
    strategy: StrategyName,
    lines: readonly Line[],
    options: Readonly<Record<string, number>> = {},
    population = smallPopulation,
    bytes = memoryBytes,
  ) {
    this.machine = createDirect(kernel(strategy, { verify: 1, ...options }), {
      scripts: [scriptOf(lines)],
      memoryWords: bytes / 4,
    });
    this.machine.call("boot", bootArguments(population));
    this.machine.call("bootCpu", [0]);
  }

  /** Executes so many records more; all that are left without a number. False once the script is finished. */
  run(records = 0): boolean {
    return this.machine.call("run", [0, records]) === 1;
  }

  audit(counter: Audit): number {
    return this.machine.call("audit", [counter]);
  }

  /** Grace periods until no callback is left. */
  settle(): void {
    while (this.machine.gracePeriod(0) > 0);
  }

  /** Everything is taken down, and all callbacks run. */
  end(): void {
    this.machine.call("teardown", [0]);
    this.settle();
    this.machine.call("dismantle");
    this.settle();
  }
}

export interface Outcome {
  readonly result: ReferenceResult;
  /** Before tear-down, with all callbacks run. */
  readonly running: (counter: Audit) => number;
  /** After `dismantle`. */
  readonly left: (counter: Audit) => number;
  /** Atomic operations of the scripts alone. */
  readonly scriptRmws: number;
  readonly scriptStrategyRmws: number;
}

/** Runs scripts, one per CPU, under the schedule of `seed`, from boot to dismantle, and asks both audits. */
export function runScripts(
  program: SteppedProgram,
  seed: string,
  scripts: readonly (readonly Line[])[],
  population: Population = smallPopulation,
): Outcome {
  const cpus = scripts.length;
  // Callbacks run on a CPU of their own: they use per-CPU cells, and the schedule would run them in the midst of a record.
  const engine = new ReferenceEngine(program, {
    memoryBytes,
    cpus: cpus + 1,
    seed,
    scripts: scripts.map(scriptOf),
  });
  const softirq: ActorSpec = { cpu: cpus, entry: "softirq", args: [cpus], role: "softirq" };
  const one = (entry: string, ...args: number[]): ActorSpec => ({ cpu: 0, entry, args, role: "script" });
  const each = (entry: string, ...args: number[]): ActorSpec[] =>
    scripts.map((_, cpu) => ({ cpu, entry, args: [cpu, ...args], role: "script" }));
  const audits = (): ((counter: Audit) => number) => {
    const values = new Map<number, number>();
    const counters = Array.from({ length: 80 }, (_, counter) => counter);
    engine.run(counters.map((counter) => one("audit", counter)));
    for (const counter of counters) values.set(counter, engine.returnedBy(counter));
    return (counter) => values.get(counter) ?? 0;
  };
  engine.run([one("boot", ...bootArguments(population))]);
  for (let cpu = 0; cpu <= cpus; cpu++) engine.run([{ cpu, entry: "bootCpu", args: [cpu], role: "script" }]);
  const before = engine.world.counters();
  engine.run([...each("run", 0), softirq]);
  const after = engine.world.counters();
  const running = audits();
  engine.run([...each("teardown"), softirq]);
  engine.run([one("dismantle"), softirq]);
  const left = audits();
  return {
    result: engine.finish(),
    running,
    left,
    scriptRmws: after.rmws - before.rmws,
    scriptStrategyRmws: after.strategyRmws - before.strategyRmws,
  };
}
