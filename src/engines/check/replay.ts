/** Runs one schedule and writes down what a person needs to follow it: operations, lines, names, values, store buffers. */

import type { IrStruct } from "../../link/ir.ts";
import { ActorWord, type ChainFrame, type SteppedProgram } from "../../link/stepped/index.ts";
import { Op, opByCode } from "../../machine/ops.ts";
import { symbolAt } from "../reference/symbols.ts";
import { stepsAlone } from "./collector.ts";
import { CheckMachine } from "./machine.ts";
import { longestRound, type Round, RoundFinder } from "./repeats.ts";
import { queueLimit } from "./sections.ts";
import {
  type Breach,
  type BufferEntry,
  type CheckProblem,
  type Replay,
  type ReplayStep,
  type Transition,
  TransitionKind,
  transitionStride,
} from "./types.ts";

/** What put an entry into a store buffer. */
interface Fill {
  readonly op: Op;
  readonly operands: readonly number[];
  readonly chain: readonly ChainFrame[];
  readonly entry: BufferEntry;
}

/** A transition before it is done. */
interface Pending {
  readonly actor: number;
  readonly kind: ReplayStep["kind"];
  readonly op: Op;
  readonly operands: readonly number[];
  readonly chain: readonly ChainFrame[];
  readonly address: number;
  /** The cell that it writes in memory, or -1. */
  readonly writes: number;
  readonly before: number;
  readonly result: number | null;
}

const fillNames: ReadonlyMap<Op, BufferEntry["what"]> = new Map([
  [Op.freed, "freed"],
  [Op.rcuReadUnlock, "rcuReadUnlock"],
  [Op.callRcu, "callRcu"],
]);

const formatFrame = (frame: ChainFrame): string =>
  `${frame.function} ${frame.file}:${frame.line}:${frame.column}`;

class Replayer {
  readonly machine: CheckMachine;
  readonly steps: ReplayStep[] = [];
  private readonly program: SteppedProgram;
  private readonly problem: CheckProblem;
  private readonly fills: Fill[][];
  /** By object: who allocated and who freed it. */
  private readonly allocatedBy = new Map<number, readonly ChainFrame[]>();
  private readonly freedBy = new Map<number, readonly ChainFrame[]>();
  private marks: ReplayStep["marks"][number][] = [];

  constructor(program: SteppedProgram, problem: CheckProblem) {
    this.program = program;
    this.problem = problem;
    this.machine = new CheckMachine(program, problem);
    this.fills = problem.actors.map(() => []);
    this.machine.reset();
    this.machine.marks.onMark = (_, event, argument) => {
      const symbol = argument < 64 ? undefined : this.symbol(argument);
      this.marks.push({ event, argument, ...(symbol === undefined ? {} : { symbol }) });
    };
  }

  symbol(address: number): string | undefined {
    if (address < 0) return undefined;
    const { objects } = this.machine.world;
    const found = objects.find(address >> 2);
    const object =
      found < 0
        ? undefined
        : {
            address: objects.base[found] as number,
            kind: objects.kind[found] as number,
            bytes: objects.bytes[found] as number,
            serial: objects.serial(found),
            chain: [],
            step: 0,
            freed: null,
          };
    return symbolAt(address, object, this.problem.structs ?? this.program.structs, this.problem);
  }

  private chain(actor: number): ChainFrame[] {
    const { state, stride } = this.machine;
    return this.program.chain(state, actor * stride);
  }

  private pending(transition: Transition): Pending {
    const { machine } = this;
    const actor = Math.floor(transition / transitionStride);
    const kind = transition % transitionStride;
    const { memory, sections } = machine.world;
    if (kind === TransitionKind.flush) {
      const { op, operands, chain, entry } = (this.fills[actor] as Fill[])[0] as Fill;
      const writes = entry.what === "store" ? entry.address : -1;
      const before = writes < 0 ? 0 : (memory[writes >> 2] as number);
      const { address } = entry;
      return { actor, kind: "flush", op, operands, chain, address, writes, before, result: null };
    }
    const op = machine.pendingOp(actor);
    const info = opByCode(op);
    const first = actor * machine.stride + ActorWord.operand0;
    const operands = [...machine.state.subarray(first, first + info.operands.length)];
    const chain = this.chain(actor);
    const base = { actor, op, operands, chain, before: 0, writes: -1 };
    if (op === Op.rcuTake) {
      const from = kind - TransitionKind.takeFrom;
      const isTake = kind >= TransitionKind.takeFrom;
      const head = isTake ? (sections.queue[from * queueLimit * sections.stride] as number) : 0;
      return { ...base, kind: "take", address: isTake ? head : -1, result: head };
    }
    const isPlace = info.operands[0] === "address" || info.operands[0] === "head";
    const address = isPlace ? (operands[0] as number) : -1;
    const seen = info.returns ? this.seen(actor, op, address) : null;
    const isRmw = info.class === "rmw";
    const writesNow = isRmw || (info.class === "store" && this.problem.model === "sc");
    if (!writesNow) return { ...base, kind: "step", address, result: seen };
    return {
      ...base,
      kind: "step",
      address,
      writes: address,
      before: memory[address >> 2] ?? 0,
      result: seen,
    };
  }

  /** The value that an operation hands back. */
  private seen(actor: number, op: Op, address: number): number {
    const { buffers, memory } = this.machine.world;
    const at = op === Op.load || op === Op.loadAcquire ? buffers.newestStore(actor, address) : -1;
    return (at < 0 ? memory[address >> 2] : buffers.entries[at + 1]) ?? 0;
  }

  /** Does a transition; false where it breaks a rule. */
  do(transition: Transition): boolean {
    const { machine } = this;
    const pending = this.pending(transition);
    const { actor, kind, op, operands, chain, address, writes, before, result } = pending;
    this.marks = [];
    const worked = machine.perform(transition);
    const fills = this.fills[actor] as Fill[];
    if (kind === "flush") fills.shift();
    else if (machine.enqueued === 1) fills.push({ op, operands, chain, entry: this.entry(pending) });
    this.noteLifetime(pending);
    const symbol = this.symbol(address);
    this.steps.push({
      transition,
      actor,
      kind,
      op,
      operands,
      result,
      address,
      ...(symbol === undefined ? {} : { symbol }),
      before: writes < 0 ? null : before,
      after: writes < 0 ? null : (machine.world.memory[writes >> 2] ?? 0),
      chain,
      buffer: fills.map((fill) => fill.entry),
      marks: this.marks,
    });
    return worked;
  }

  private entry({ op, operands, chain, address }: Pending): BufferEntry {
    const symbol = this.symbol(address);
    return {
      what: fillNames.get(op) ?? "store",
      address,
      ...(symbol === undefined ? {} : { symbol }),
      value: operands[1] ?? 0,
      at: chain.at(-1) ?? null,
    };
  }

  /** Remembers who allocated and who freed an object; a freed one counts as soon as its own actor has freed it. */
  private noteLifetime({ kind, op, address, chain }: Pending): void {
    if (kind !== "step" || (op !== Op.allocated && op !== Op.freed)) return;
    const object = this.machine.world.objects.find(address >> 2);
    if (object < 0) return;
    const notes = op === Op.allocated ? this.allocatedBy : this.freedBy;
    if (op === Op.allocated) this.freedBy.delete(object);
    if (!notes.has(object)) notes.set(object, chain);
  }

  /** Marks of the calls that come now belong to no step. */
  endSteps(): void {
    this.marks = [];
  }

  /** With the object's name, and of a label who has it still and what the strategy has in it. */
  private leakDetail(object: number, detail: string): string {
    const { objects, memory } = this.machine.world;
    const address = objects.base[object] as number;
    const name = this.nameOf(object);
    if (name === undefined) return detail;
    const text = `${name} (${objects.bytes[object]} bytes) was never freed`;
    if (!name.startsWith("label#")) return text;
    const count = objects.holders(object);
    const holders = count === 0 ? "no holder is" : count === 1 ? "one holder is" : `${count} holders are`;
    const isLabel = ({ name, instance }: IrStruct) => name === "Label" && instance === null;
    const kernels = this.program.structs.find(isLabel)?.fields ?? [];
    const own = (this.problem.structs ?? [])
      .find(isLabel)
      ?.fields.filter((field) => !kernels.some((other) => other.name === field.name));
    // By offset: a file that is linked twice names its bytes twice.
    const byOffset = new Map((own ?? []).map((field) => [field.offset, field.name]));
    const values = [...byOffset].map(([offset, field]) => {
      const value = memory[(address + offset) >> 2] as number;
      const at = (value & 3) === 0 && value > 0 ? objects.base.indexOf(value) : -1;
      const number = Math.abs(value) < 0x10000 ? String(value) : `0x${(value >>> 0).toString(16)}`;
      return `, ${field} is ${(at < 0 ? undefined : this.nameOf(at)) ?? number}`;
    });
    return `${text}; ${holders} left${values.join("")}`;
  }

  /** `label#1`, where the object's first cell has such a name. */
  private nameOf(object: number): string | undefined {
    return /^\w+#\d+/.exec(this.symbol(this.machine.world.objects.base[object] ?? -1) ?? "")?.[0];
  }

  /** Every object that there is or was, unless its memory is another one's now. */
  objects(): NonNullable<Replay["objects"]> {
    const { objects } = this.machine.world;
    return objects.base.flatMap((address, object) => {
      const name = objects.find(address >> 2) === object ? this.nameOf(object) : undefined;
      return name === undefined ? [] : [{ address, bytes: objects.bytes[object] as number, name }];
    });
  }

  /** A schedule that ends with steps that change nothing. The line is that of the step with the fewest calls around it. */
  livelock(round: Round): Replay {
    const { steps, machine } = this;
    const shown = steps.slice(round.from);
    const loop = shown.reduce((best, step) => (step.chain.length < best.chain.length ? step : best));
    const { actor, op, address, symbol, chain } = loop;
    const which =
      round.length === 1
        ? `step ${round.from + 1} leaves`
        : `steps ${round.from + 1} to ${steps.length} leave`;
    const enabled = new Int32Array(4096);
    const count = machine.enabled(enabled);
    const others = enabled.subarray(0, count).some((t) => Math.floor(t / transitionStride) !== actor);
    const unless = others ? ", unless another actor changes what it waits for" : "";
    const detail = `${which} everything as it was: the loop does not end${unless}`;
    const breach = { verdict: "livelock" as const, actor, op, address, detail, chain };
    return {
      steps,
      breach: { ...breach, ...(symbol === undefined ? {} : { symbol }) },
      stuckAt: -1,
      unfinished: false,
      round,
    };
  }

  /** A breach with names and lines. */
  describe(breach: Breach): NonNullable<Replay["breach"]> {
    const { machine } = this;
    const last = this.steps[this.steps.length - 1];
    const object = breach.address < 0 ? -1 : machine.world.objects.find(breach.address >> 2);
    let { detail } = breach;
    let chain: readonly ChainFrame[] = [];
    if (breach.verdict === "leak") {
      chain = this.allocatedBy.get(object) ?? machine.births.get(object) ?? [];
      detail = this.leakDetail(object, detail);
    } else if (breach.actor >= 0 && last?.kind === "flush" && last.actor === breach.actor) chain = last.chain;
    else if (breach.actor >= 0) chain = this.chain(breach.actor);
    else if (breach.op !== null) chain = this.chain(machine.actorCount);
    if (chain.length === 0 && last?.actor === breach.actor) ({ chain } = last);
    const freedAt = this.freedBy.get(object)?.at(-1);
    if (breach.verdict === "use-after-free" && freedAt !== undefined) {
      detail += `, freed by ${formatFrame(freedAt)}`;
    }
    const symbol = this.symbol(breach.address);
    return { ...breach, detail, ...(symbol === undefined ? {} : { symbol }), chain };
  }
}

/**
 * What a schedule does, step by step. Where nothing can happen after its last transition, the calls after the actors are run
 * too; a breach ends the replay, whatever the schedule goes on with. One that ends where an actor goes round is a livelock.
 * @throws RefplayError "check-boot" as `CheckMachine`
 */
export function replaySchedule(
  program: SteppedProgram,
  problem: CheckProblem,
  schedule: readonly Transition[],
): Replay {
  const replayer = new Replayer(program, problem);
  return { ...run(replayer, schedule), objects: replayer.objects() };
}

function run(replayer: Replayer, schedule: readonly Transition[]): Replay {
  const { machine, steps } = replayer;
  const rounds = new RoundFinder(machine);
  const watched = schedule.length - Math.min(stepsAlone(schedule), longestRound);
  for (let i = 0; i < schedule.length; i++) {
    const transition = schedule[i] as Transition;
    if (!machine.isEnabled(transition)) {
      return { steps, breach: null, stuckAt: i, unfinished: !machine.isOver() };
    }
    if (i >= watched) rounds.look(i, Math.floor(transition / transitionStride));
    if (!replayer.do(transition)) {
      const breach = replayer.describe(machine.breach as Breach);
      return { steps, breach, stuckAt: -1, unfinished: false };
    }
  }
  const end = { steps, stuckAt: -1 };
  if (machine.enabled(new Int32Array(4096)) !== 0) {
    const last = steps.at(-1);
    const round = last === undefined ? null : rounds.look(steps.length, last.actor);
    return round === null ? { ...end, breach: null, unfinished: true } : replayer.livelock(round);
  }
  if (!machine.isOver()) return { ...end, breach: replayer.describe(machine.deadlock()), unfinished: false };
  replayer.endSteps();
  const concluded = machine.conclude();
  return {
    ...end,
    breach: concluded ? null : replayer.describe(machine.breach as Breach),
    unfinished: false,
  };
}
