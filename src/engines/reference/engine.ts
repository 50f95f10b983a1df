/**
 * The smallest engine: runs a stepped program under a seeded random schedule, sequentially consistent, one operation at a
 * time. It is the yardstick for the other engines and the home of the poison checks in tests.
 *
 * A run has phases (boot, the scripts, tear-down, ...) that share memory; each starts its actors anew. Actors that cannot go
 * on are set aside and come back when the cell they await is written, or a read section ends, or a callback is queued. When
 * all are set aside, the phase is over (`settle` in `phase.ts`), or time moves on, or it is a deadlock.
 */
import type { Step, SteppedProgram } from "../../link/stepped/index.ts";
import { Chooser } from "./chooser.ts";
import { Phase } from "./phase.ts";
import { Recording } from "./recording.ts";
import type { ActorSpec, ReferenceOptions, ReferenceResult } from "./types.ts";
import { World } from "./world.ts";

const defaultStepLimit = 10_000_000;
const defaultMaintenancePeriod = 256;

/** A machine with a program on it. Make one, run its phases, then `finish`. */
export class ReferenceEngine {
  readonly world: World;
  private readonly options: ReferenceOptions;
  private readonly chooser: Chooser;
  private readonly recording: Recording | null;
  private readonly step: Step;
  /** Byte offset of every CPU's script. */
  private readonly scriptBases: number[] = [];
  private followed = 0;
  private returned: number[] = [];

  constructor(program: SteppedProgram, options: ReferenceOptions) {
    this.options = options;
    this.world = new World(program, options);
    this.chooser = new Chooser(options.seed);
    this.recording = (options.record ?? options.checks !== false) ? new Recording() : null;
    const scripts = options.scripts ?? [];
    const all = new Int32Array(scripts.reduce((sum, script) => sum + script.length, 0) + 4);
    let cell = 0;
    for (const script of scripts) {
      this.scriptBases.push(cell * 4);
      all.set(script, cell);
      cell += script.length;
    }
    this.step = program.instantiate(all);
  }

  /** The machine's memory, for tests that look at cells. */
  get memory(): Int32Array {
    return this.world.memory;
  }

  /** Runs actors until all scripts are done and everything behind them is quiet. False if a violation ended it. */
  run(actors: readonly ActorSpec[]): boolean {
    if (this.world.halted) return false;
    const { options } = this;
    const phase = new Phase(this.world, this.step, actors, this.scriptBases, {
      chooser: this.chooser,
      recording: this.recording,
      schedule: options.schedule ?? [],
      followed: this.followed,
      stepLimit: options.stepLimit ?? defaultStepLimit,
      period: options.maintenancePeriodSteps ?? defaultMaintenancePeriod,
    });
    phase.run();
    this.followed = phase.followed;
    this.returned = phase.returned;
    return !this.world.halted;
  }

  /** What one actor's entry returned in the last phase. */
  returnedBy(actor: number): number {
    return this.returned[actor] ?? 0;
  }

  /** The result; reports every object still alive as a leak unless a violation cut the run short. */
  finish(): ReferenceResult {
    if (!this.world.halted) this.world.reportLeaks();
    return {
      violations: [...this.world.violations],
      counters: this.world.counters(),
      schedule: this.recording?.toArray() ?? new Uint8Array(0),
      returned: [...this.returned],
    };
  }
}

/** Runs phases one after the other on a fresh machine. */
export function runReference(
  program: SteppedProgram,
  phases: readonly (readonly ActorSpec[])[],
  options: ReferenceOptions,
): ReferenceResult {
  const engine = new ReferenceEngine(program, options);
  for (const actors of phases) if (!engine.run(actors)) break;
  return engine.finish();
}
