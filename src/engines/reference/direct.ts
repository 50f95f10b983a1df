/**
 * Direct mode, for unit tests: portable functions are called one at a time and every operation is done at once, with all
 * checks on. Nothing runs beside a call; RCU callbacks wait until the test asks for a grace period.
 */
import { ActorWord, type Step, type SteppedProgram } from "../../link/stepped/index.ts";
import { RcuHead } from "../../machine/memory-map.ts";
import { Op } from "../../machine/ops.ts";
import { faultTexts } from "../bad-address.ts";
import type { Violation, WorldOptions } from "./types.ts";
import { World } from "./world.ts";

export interface DirectOptions extends Omit<WorldOptions, "memoryBytes"> {
  /** Cells of memory; 65,536 unless given. */
  readonly memoryWords?: number;
  /** One script per CPU. */
  readonly scripts?: readonly Int32Array[];
  /** Operations after which a call is taken for endless; 10 million unless given. */
  readonly stepLimit?: number;
}

const defaultWords = 65_536;
const defaultStepLimit = 10_000_000;

export class Direct {
  private readonly world: World;
  private readonly step: Step;
  private readonly scriptBases: number[] = [];
  private readonly stepLimit: number;
  private readonly stride: number;
  private callbacksOpen = 0;

  constructor(program: SteppedProgram, options: DirectOptions = {}) {
    this.world = new World(program, { ...options, memoryBytes: (options.memoryWords ?? defaultWords) * 4 });
    this.stepLimit = options.stepLimit ?? defaultStepLimit;
    this.stride = program.wordsPerActor;
    this.world.state = new Int32Array(this.stride * (options.cpus ?? 1));
    const cells: number[] = [];
    for (const script of options.scripts ?? []) {
      this.scriptBases.push(cells.length * 4);
      cells.push(...script);
    }
    this.step = program.instantiate(Int32Array.from([...cells, 0, 0, 0, 0]));
  }

  /** The cell at a byte address. */
  read(address: number): number {
    return this.world.memory[this.index(address)] as number;
  }

  /** Sets the cell at a byte address. */
  write(address: number, value: number): void {
    this.world.memory[this.index(address)] = value;
  }

  private index(address: number): number {
    const { memory } = this.world;
    if (address % 4 !== 0 || address < 0 || address >= memory.length * 4) {
      throw new RangeError(`${address} is not the address of a cell`);
    }
    return address >> 2;
  }

  /** What went wrong so far. A call that breaks a rule ends there and throws. */
  violations(): readonly Violation[] {
    return this.world.violations;
  }

  /** Objects that `allocated` announced and `freed` did not take back. */
  liveObjects(): readonly { readonly address: number; readonly kind: number; readonly bytes: number }[] {
    return this.world.shadow?.live() ?? [];
  }

  /** RCU callbacks that wait for `gracePeriod`. */
  get pendingCallbacks(): number {
    return this.world.grace.pending;
  }

  /** Runs an entry to its end and returns its value (0 where it returns nothing); bools are 0 and 1. */
  call(entry: string, args: readonly number[] = [], cpu = 0): number {
    const { world, step, stepLimit } = this;
    const { program, state } = world;
    const base = cpu * this.stride;
    if (base + this.stride > state.length) throw new RangeError(`there is no CPU ${cpu}`);
    const scriptBase = this.scriptBases[cpu] ?? 0;
    world.halted = false;
    program.start(state, base, entry, args, { cpu, scriptBase });
    let result = 0;
    for (let n = 0; ; n++) {
      const op = step(state, base, result);
      if (op === Op.done) return state[base + ActorWord.returnValue] as number;
      if (op === Op.fault) {
        const reason = state[base + ActorWord.operand0] as number;
        world.report("assertion", cpu, base, op, -1, faultTexts[reason] ?? `stopped with fault ${reason}`);
      } else if (n >= stepLimit) {
        world.report("limit-exceeded", cpu, base, op, -1, `did not end within ${stepLimit} operations`);
      } else result = this.perform(op, cpu, base);
      if (world.halted) throw this.failure(entry);
    }
  }

  private perform(op: Op, cpu: number, base: number): number {
    const { world } = this;
    if (op === Op.rcuTake) {
      // Only what was queued before the grace period began.
      if (this.callbacksOpen === 0 || !world.grace.ready) return 0;
      this.callbacksOpen--;
    } else if (op === Op.synchronizeRcu) world.grace.synchronize(cpu);
    if (op !== Op.rcuTake && !world.ready(op, cpu, base)) {
      const detail = `${Op[op]} would wait for ever: nothing else runs in direct mode`;
      const address = op === Op.synchronizeRcu ? -1 : (world.state[base + ActorWord.operand0] as number);
      world.report("deadlock", cpu, base, op, address, detail);
      return 0;
    }
    const result = world.perform(op, cpu, base);
    world.steps++;
    return result;
  }

  private failure(entry: string): Error {
    const violation = this.world.violations.at(-1) as Violation;
    const chain = violation.chain
      .map((at) => `${at.function} ${at.file}:${at.line}:${at.column}`)
      .join(" > ");
    return new Error(
      `${entry}: ${violation.verdict}: ${violation.detail}${chain === "" ? "" : ` (${chain})`}`,
    );
  }

  /**
   * Lets a grace period pass and runs the callbacks that were queued before it: through the program's entry `softirq(cpu)` if
   * it has one, else `runCallback(cpu, id, head)`. Returns how many ran; callbacks they queue wait for the next one.
   */
  gracePeriod(cpu = 0): number {
    const { grace, program, memory } = this.world;
    const queued = grace.pending;
    this.callbacksOpen = queued;
    if (program.entries.has("softirq")) this.call("softirq", [cpu], cpu);
    else {
      for (; this.callbacksOpen > 0 && grace.ready; this.callbacksOpen--) {
        const head = grace.take();
        this.call("runCallback", [cpu, memory[(head + RcuHead.callback) >> 2] as number, head], cpu);
      }
    }
    const left = this.callbacksOpen;
    this.callbacksOpen = 0;
    return queued - left;
  }
}

/** A machine whose entries can be called like functions. */
export function createDirect(program: SteppedProgram, options: DirectOptions = {}): Direct {
  return new Direct(program, options);
}
