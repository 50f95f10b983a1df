/** What happens outside virtual time, on the reference engine: boot and set-up before the run, tear-down and audits around it. */
import { Boot } from "../../machine/memory-map.ts";
import { type ActorSpec, type Mark, ReferenceEngine, type Violation } from "../reference/index.ts";
import type { SimJob } from "./types.ts";

/** Operations that everything outside virtual time may take together. */
const stepLimit = 2e9;
/** Actors of one phase of the tear-down: the reference engine has a limit. */
const chunk = 128;

export class Untimed {
  /** CPU numbers: scripts, callbacks, maintenance. */
  readonly actors: number;
  readonly softirqCpu: number;
  /** -1: none. */
  readonly maintenanceCpu: number;
  private readonly engine: ReferenceEngine;
  private readonly job: SimJob;

  constructor(
    job: SimJob,
    onObject?: (address: number, kind: number, bytes: number) => void,
    onMark?: (mark: Mark) => void,
  ) {
    this.job = job;
    const { program, cpus, scripts, memoryBytes } = job;
    this.softirqCpu = program.entries.has("softirq") ? cpus : -1;
    const behind = cpus + (this.softirqCpu < 0 ? 0 : 1);
    this.maintenanceCpu = job.maintenance === true && program.entries.has("maintain") ? behind : -1;
    this.actors = behind + (this.maintenanceCpu < 0 ? 0 : 1);
    this.engine = new ReferenceEngine(program, {
      memoryBytes,
      cpus: this.actors,
      scripts,
      seed: "untimed",
      stepLimit,
      record: false,
      checks: false,
      ...(onObject === undefined ? {} : { onObject }),
      ...(onMark === undefined ? {} : { onMark }),
      ...(job.verdictOfMark === undefined ? {} : { verdictOfMark: job.verdictOfMark }),
    });
  }

  get memory(): Int32Array {
    return this.engine.memory;
  }

  get violations(): readonly Violation[] {
    return this.engine.world.violations;
  }

  private get background(): ActorSpec[] {
    const { softirqCpu, maintenanceCpu } = this;
    return [
      ...(softirqCpu < 0
        ? []
        : [{ cpu: softirqCpu, entry: "softirq", args: [softirqCpu], role: "softirq" } as const]),
      ...(maintenanceCpu < 0
        ? []
        : [{ cpu: maintenanceCpu, entry: "maintain", args: [maintenanceCpu], role: "maintenance" } as const]),
    ];
  }

  private has(entry: string): boolean {
    return this.job.program.entries.has(entry);
  }

  private call(entry: string, cpu: number, args: readonly number[], background: boolean): void {
    if (!this.has(entry)) return;
    this.engine.run([{ cpu, entry, args, role: "script" }, ...(background ? this.background : [])]);
  }

  /** Boots, and executes the set-up's records; callbacks that this queues have run at its end. */
  setUp(): void {
    const { boot = [], setupRecords = 0 } = this.job;
    this.call("boot", 0, boot, false);
    for (let cpu = 0; cpu < this.actors; cpu++) this.call("bootCpu", cpu, [cpu], false);
    if (setupRecords > 0) this.call("run", 0, [0, setupRecords], true);
  }

  /** Lets each CPU execute the first records of its script, one CPU after the other. */
  warmUp(): void {
    const { warmRecords = [] } = this.job;
    warmRecords.forEach((records, cpu) => {
      if (records > 0) this.call("run", cpu, [cpu, records], false);
    });
    if (warmRecords.some((records) => records > 0)) this.engine.run(this.background);
  }

  /** What `now` shows, us: before the run it begins at 0, and behind it, it goes on where virtual time ended. */
  setClock(us: number): void {
    this.memory[Boot.tick >> 2] = us;
  }

  /** Takes everything down again. */
  tearDown(): void {
    const { cpus } = this.job;
    if (this.has("teardown")) {
      for (let first = 0; first < cpus; first += chunk) {
        const actors = Array.from({ length: Math.min(chunk, cpus - first) }, (_, i) => first + i);
        this.engine.run([
          ...actors.map((cpu) => ({ cpu, entry: "teardown", args: [cpu], role: "script" }) as const),
          ...this.background,
        ]);
      }
    }
    this.call("dismantle", 0, [], true);
  }

  /** Values of the job's audit counters, by name. */
  audit(): Record<string, number> {
    const counters = Object.entries(this.job.audit ?? {});
    if (!this.has("audit")) return {};
    return Object.fromEntries(
      counters.map(([name, counter]) => {
        this.call("audit", 0, [counter], false);
        return [name, this.engine.returnedBy(0)];
      }),
    );
  }
}
