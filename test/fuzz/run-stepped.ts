/**
 * Runs a stepped program one operation at a time on a `World`, and makes life hard for its actor on the way: its words are
 * copied to another place in the middle, everything else is filled with rubbish, dead words are cleared, and a second
 * actor of the same program runs in between.
 */

import { ActorWord } from "../../src/link/stepped/actor.ts";
import type { Step, SteppedProgram } from "../../src/link/stepped/program.ts";
import { FaultReason, Op, opByCode } from "../../src/machine/ops.ts";
import type { FaultName, Outcome, Run } from "./interpreter.ts";
import type { FuzzProgram, OperationName } from "./program.ts";
import { arenaBase, entriesOf, mainOf } from "./program.ts";
import { Rng } from "./random.ts";
import { SourcePlaces } from "./source-places.ts";
import { AddressFault, World } from "./world.ts";

/** What is done to the actor between operations. */
export interface Disturbance {
  /** Copies the actor to another place and goes on there. */
  readonly relocate: boolean;
  /** Sets words that cannot be read any more to 0. */
  readonly normalise: boolean;
  /** A second actor takes a step after each of the first. */
  readonly companion: boolean;
  /** Not done to it, but asked of it: the place in the source where it stands, at every operation. */
  readonly places: boolean;
}

export const undisturbed: Disturbance = {
  relocate: false,
  normalise: false,
  companion: false,
  places: false,
};

/** Operations after which a run counts as endless: more than any program that the interpreter finished needs. */
const maxOperations = 50_000;

/** Words that other actors leave behind; nothing may depend on them. */
const rubbish = 0x5a5a5a5a;

/** The script lies behind this many bytes of other scripts. */
export const scriptBaseBytes = 64;

/** The scripts of a machine of which the program's actor has one. */
export function scriptsOf(program: FuzzProgram): Int32Array {
  const { script } = program.inputs;
  const scripts = new Int32Array(scriptBaseBytes / 4 + script.length).fill(rubbish);
  scripts.set(script, scriptBaseBytes / 4);
  return scripts;
}

export function faultName(reason: number): FaultName {
  const name = FaultReason[reason];
  if (name === undefined) throw new Error(`no fault has the reason ${reason}`);
  return name as FaultName;
}

/**
 * What an operation that an actor stopped at leads to: its result, or how the run ended.
 * @param word the actor's word at an index of its header
 */
export function carryOut(
  program: FuzzProgram,
  world: World,
  op: Op,
  word: (index: number) => number,
): number | Outcome {
  if (op === Op.done) {
    const returns = mainOf(program).result !== null;
    return { kind: "returned", value: returns ? word(ActorWord.returnValue) : null };
  }
  if (op === Op.fault) return { kind: "fault", reason: faultName(word(ActorWord.operand0)) };
  const info = opByCode(op);
  const operands = info.operands.map((_, index) => word(ActorWord.operand0 + index));
  if (world.trace.length > maxOperations) return { kind: "tooLong" };
  try {
    const result = world.perform(info.name as OperationName, operands);
    return result === "blocked" ? { kind: "blocked" } : result;
  } catch (error) {
    if (!(error instanceof AddressFault)) throw error;
    return { kind: "fault", reason: error.reason };
  }
}

/** What an entry is called with; only `main` has arguments of its own. */
function argumentsOf(program: FuzzProgram, entry: string): readonly number[] {
  const { args } = program.inputs;
  if (entry === "main") return args;
  const parameters = program.functions.find((fn) => fn.name === entry)?.parameters ?? [];
  const byType = { i32: args[0] ?? 0, u32: args[1] ?? 0, ptr: arenaBase, bool: 1 };
  return parameters.map((local) => byType[local.type]);
}

/** One actor with a world of its own. */
class Actor {
  readonly world: World;
  private readonly program: FuzzProgram;
  private readonly stepped: SteppedProgram;
  private readonly state: Int32Array;
  private readonly step: Step;
  base: number;
  private result = 0;
  outcome: Outcome | null = null;

  constructor(
    program: FuzzProgram,
    stepped: SteppedProgram,
    state: Int32Array,
    base: number,
    step: Step,
    entry: string,
  ) {
    this.program = program;
    this.stepped = stepped;
    this.state = state;
    this.step = step;
    this.base = base;
    this.world = new World(program.inputs);
    stepped.start(state, base, entry, argumentsOf(program, entry), {
      cpu: program.inputs.cpu,
      scriptBase: scriptBaseBytes,
    });
  }

  /** Runs to the next operation and carries it out; `between` happens while the actor waits for it. */
  advance(between: (actor: Actor, op: Op) => void): void {
    const op = this.step(this.state, this.base, this.result);
    if (op !== Op.done && op !== Op.fault) between(this, op);
    const next = carryOut(this.program, this.world, op, (index) => this.state[this.base + index] as number);
    if (typeof next === "number") this.result = next;
    else this.outcome = next;
  }

  relocate(to: number): void {
    const { wordsPerActor } = this.stepped;
    this.state.copyWithin(to, this.base, this.base + wordsPerActor);
    this.state.fill(rubbish, this.base, this.base + wordsPerActor);
    this.base = to;
  }
}

/** Runs `main` of a stepped program from the inputs of the fuzz program that it was linked from. */
export function runStepped(
  program: FuzzProgram,
  stepped: SteppedProgram,
  disturbance: Disturbance = undisturbed,
): Run {
  const rng = new Rng(`disturb ${program.seed}`);
  const step = stepped.instantiate(scriptsOf(program));
  // Four places with words between them that nobody may touch.
  const stride = stepped.wordsPerActor + 5;
  const state = new Int32Array(4 * stride + 5).fill(rubbish);
  const place = (index: number): number => 5 + index * stride;
  const main = new Actor(program, stepped, state, place(0), step, "main");
  const other = entriesOf(program).at(-1) ?? "main";
  const companion = disturbance.companion ? new Actor(program, stepped, state, place(3), step, other) : null;
  const places = disturbance.places ? new SourcePlaces(program) : null;
  const between = (actor: Actor, op: Op): void => {
    places?.check(stepped, stepped.chain(state, actor.base), op);
    if (disturbance.normalise) stepped.normalise(state, actor.base);
    if (actor === main && disturbance.relocate && rng.chance(0.4)) {
      const free = [0, 1, 2].map(place).filter((base) => base !== actor.base);
      actor.relocate(rng.pick(free));
    }
  };
  while (main.outcome === null) {
    main.advance(between);
    // The companion runs ahead and lags behind, so that both are seldom at the same place.
    for (let extra = rng.below(3); extra > 0 && companion !== null && companion.outcome === null; extra--)
      companion.advance(between);
  }
  for (let index = 0; index < 4; index++) {
    for (let word = place(index) - 5; word < place(index); word++) {
      if (state[word] !== rubbish) throw new Error(`word ${word} outside all actors was overwritten`);
    }
  }
  return { outcome: main.outcome, trace: main.world.trace, memory: main.world.memory };
}
