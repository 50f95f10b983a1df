/** Memory, lifetimes and RCU of one machine: does single operations for the scheduled engine and for direct mode. */
import { ActorWord, type ChainFrame, type SteppedProgram } from "../../link/stepped/index.ts";
import { writeBootBlock } from "../../machine/boot.ts";
import { Boot, RcuHead } from "../../machine/memory-map.ts";
import { Op } from "../../machine/ops.ts";
import { badAddressText, isBadAddress } from "../bad-address.ts";
import { GracePeriods } from "./grace.ts";
import { Shadow } from "./shadow.ts";
import { symbolAt } from "./symbols.ts";
import type { Counters, Verdict, Violation, WorldOptions } from "./types.ts";

/** Actors that one phase may have. */
export const maxActors = 256;

export class World {
  readonly program: SteppedProgram;
  readonly memory: Int32Array;
  readonly grace = new GracePeriods(maxActors);
  readonly shadow: Shadow | null;
  readonly violations: Violation[] = [];
  /** Set by the first violation; the engine stops. */
  halted = false;
  /** Operations done. */
  steps = 0;
  /** No callback can come any more: `rcuTake` yields 0. */
  rcuOver = false;
  /** Actor state, replaced by each phase. */
  state: Int32Array = new Int32Array(0);
  /** Address that the last operation wrote, or -1; the engine takes it to wake who awaits it. */
  written = -1;
  /** Whether RMWs of strategies are told apart. */
  readonly countsStrategy: boolean;
  private readonly bytes: number;
  /** Operations done, by `Op`. */
  readonly byOp = new Float64Array(32);
  private readonly marks = new Map<number, number>();
  private strategyRmws = 0;
  private readonly options: WorldOptions;

  constructor(program: SteppedProgram, options: WorldOptions) {
    this.program = program;
    this.options = options;
    this.countsStrategy = options.countStrategyRmws ?? options.checks !== false;
    this.bytes = options.memoryBytes & -64;
    this.memory = new Int32Array(this.bytes >> 2);
    this.shadow = options.checks === false ? null : new Shadow(this.memory.length);
    const constant = (name: string, otherwise: number) => program.constants.get(name) ?? otherwise;
    writeBootBlock(this.memory, {
      cpus: options.cpus ?? 1,
      cpuBase: options.cpuBase ?? constant("cpuAreaBase", 1024),
      cpuStride: options.cpuStride ?? constant("cpuAreaBytes", 0),
      memoryBytes: this.bytes,
    });
  }

  counters(): Counters {
    let rmws = 0;
    for (let op: number = Op.fetchAdd; op <= Op.compareExchange; op++) rmws += this.byOp[op] as number;
    return {
      steps: this.steps,
      byOp: this.byOp.slice(),
      rmws,
      strategyRmws: this.strategyRmws,
      marks: new Map(this.marks),
    };
  }

  /** Notes a violation at what the actor is doing and stops the run. */
  report(
    verdict: Verdict,
    actor: number,
    base: number,
    op: Op | null,
    address: number,
    detail: string,
  ): void {
    const chain = actor < 0 ? [] : this.program.chain(this.state, base);
    this.add(verdict, actor, op, address, chain, detail);
    this.halted = true;
  }

  private add(
    verdict: Verdict,
    actor: number,
    op: Op | null,
    address: number,
    chain: readonly ChainFrame[],
    detail: string,
  ): void {
    const symbol = address < 0 ? undefined : this.symbol(address);
    const where = symbol === undefined ? {} : { symbol };
    this.violations.push({ verdict, actor, op, address, ...where, chain, step: this.steps, detail });
  }

  /** A name for an address, where one is known. */
  symbol(address: number): string | undefined {
    return symbolAt(address, this.shadow?.at(address), this.program.structs, this.options);
  }

  /** Every live object as a `leak`. */
  reportLeaks(): void {
    for (const object of this.shadow?.live() ?? []) {
      const kind = this.options.kinds?.get(object.kind) ?? `object of kind ${object.kind}`;
      const detail = `${kind} at ${object.address} (${object.bytes} bytes, allocated at step ${object.step}) was never freed`;
      this.add("leak", -1, null, object.address, object.chain, detail);
    }
  }

  /** Whether a waiting operation may go on. */
  ready(op: Op, actor: number, base: number): boolean {
    const { state } = this;
    switch (op) {
      case Op.awaitEqual:
      case Op.awaitNotEqual:
      case Op.awaitAtLeast: {
        const address = state[base + ActorWord.operand0] as number;
        // A bad address is for `perform` to report.
        if (isBadAddress(address, this.bytes) || this.shadow?.isFreed(address)) return true;
        const value = this.memory[address >> 2] as number;
        const wanted = state[base + ActorWord.operand1] as number;
        if (op === Op.awaitEqual) return value === wanted;
        if (op === Op.awaitNotEqual) return value !== wanted;
        return ((value - wanted) | 0) >= 0;
      }
      case Op.synchronizeRcu:
        return this.grace.inSection(actor) || this.grace.synchronized(actor);
      case Op.rcuTake:
        return this.grace.ready || this.rcuOver;
      default:
        return true;
    }
  }

  /** False, and a violation, where the cell may not be touched. */
  private touch(op: Op, actor: number, base: number, address: number): boolean {
    if (isBadAddress(address, this.bytes)) {
      const place = badAddressText(address);
      this.report("assertion", actor, base, op, address, `${Op[op]} ${place} (${address})`);
      return false;
    }
    if (this.shadow?.isFreed(address)) {
      const object = this.shadow.at(address);
      const by = object?.freed?.[object.freed.length - 1];
      const where = by === undefined ? "" : `, freed by ${by.function} ${by.file}:${by.line}:${by.column}`;
      this.report("use-after-free", actor, base, op, address, `${Op[op]} touches a freed object${where}`);
      return false;
    }
    return true;
  }

  private countRmw(base: number): void {
    if (this.countsStrategy && this.program.inStrategy(this.state, base)) this.strategyRmws++;
  }

  /** Does the operation that the actor waits for (one that is `ready`) and returns its result, 0 where it has none. */
  perform(op: Op, actor: number, base: number): number {
    const { memory, state } = this;
    this.byOp[op] = (this.byOp[op] as number) + 1;
    const address = state[base + ActorWord.operand0] as number;
    if (op <= Op.compareExchange) {
      if (!this.touch(op, actor, base, address)) return 0;
      const cell = address >> 2;
      const before = memory[cell] as number;
      if (op <= Op.loadAcquire) return before;
      const value = state[base + ActorWord.operand1] as number;
      this.written = address;
      if (op <= Op.storeRelease) {
        memory[cell] = value;
        return 0;
      }
      this.countRmw(base);
      switch (op) {
        case Op.fetchAdd:
          memory[cell] = before + value;
          break;
        case Op.fetchAnd:
          memory[cell] = before & value;
          break;
        case Op.fetchOr:
          memory[cell] = before | value;
          break;
        case Op.exchange:
          memory[cell] = value;
          break;
        default:
          if (before === value) memory[cell] = state[base + ActorWord.operand2] as number;
      }
      return before;
    }
    switch (op) {
      case Op.awaitEqual:
      case Op.awaitNotEqual:
      case Op.awaitAtLeast:
        this.touch(op, actor, base, address);
        return 0;
      case Op.rcuReadLock:
        this.grace.lock(actor);
        return 0;
      case Op.now:
        return memory[Boot.tick >> 2] as number;
      case Op.mark:
        this.mark(actor, base, address, state[base + ActorWord.operand1] as number);
        return 0;
      case Op.fence:
      case Op.loadFence:
      case Op.storeFence:
      case Op.spin:
        return 0;
      default:
        return this.performRare(op, actor, base, address);
    }
  }

  private mark(actor: number, base: number, event: number, argument: number): void {
    this.marks.set(event, (this.marks.get(event) ?? 0) + 1);
    this.options.onMark?.({ event, argument, actor, step: this.steps });
    const verdict = this.options.verdictOfMark?.(event);
    if (verdict === undefined) return;
    this.report(verdict, actor, base, Op.mark, argument, "the program's own check failed");
  }

  private performRare(op: Op, actor: number, base: number, operand: number): number {
    const { grace, state } = this;
    switch (op) {
      case Op.rcuReadUnlock:
        if (!grace.inSection(actor)) {
          this.report("assertion", actor, base, op, -1, "left a read section that it was not in");
        } else grace.unlock(actor);
        return 0;
      case Op.callRcu: {
        const cell = operand + RcuHead.callback;
        if (!this.touch(op, actor, base, operand) || !this.touch(op, actor, base, cell)) return 0;
        if (this.shadow !== null && grace.isQueued(operand)) {
          this.report("double-free", actor, base, op, operand, "this head already waits for a grace period");
          return 0;
        }
        this.memory[cell >> 2] = state[base + ActorWord.operand1] as number;
        this.written = cell;
        grace.queue(operand);
        return 0;
      }
      case Op.synchronizeRcu:
        if (grace.inSection(actor)) {
          this.report("deadlock", actor, base, op, -1, "waits for a grace period inside a read section");
        }
        return 0;
      case Op.work:
      case Op.quiescent:
        if (grace.inSection(actor)) {
          this.report("assertion", actor, base, op, -1, `${Op[op]} inside an RCU read section`);
        }
        return 0;
      case Op.allocated: {
        const kind = state[base + ActorWord.operand1] as number;
        const bytes = state[base + ActorWord.operand2] as number;
        this.options.onObject?.(operand, kind, bytes);
        if (this.shadow === null) return 0;
        const chain = this.program.chain(state, base);
        const problem = this.shadow.allocate(operand, kind, bytes, chain, this.steps);
        if (problem !== null) this.report("assertion", actor, base, op, operand, problem);
        return 0;
      }
      case Op.freed:
        this.free(actor, base, operand);
        return 0;
      case Op.rcuTake:
        return grace.ready ? grace.take() : 0;
      default:
        throw new Error(`operation ${op} is unknown to the reference engine`);
    }
  }

  private free(actor: number, base: number, address: number): void {
    this.options.onObject?.(address, 0, 0);
    if (this.shadow === null) return;
    const before = this.shadow.at(address);
    if (this.shadow.free(address, this.program.chain(this.state, base)) !== undefined) return;
    if (before?.freed != null) {
      const by = before.freed[before.freed.length - 1];
      const where = by === undefined ? "" : `, first by ${by.function} ${by.file}:${by.line}:${by.column}`;
      this.report("double-free", actor, base, Op.freed, address, `frees an object again${where}`);
    } else {
      const detail =
        before === undefined ? "frees what was never allocated" : "frees at an address inside an object";
      this.report("assertion", actor, base, Op.freed, address, detail);
    }
  }
}
