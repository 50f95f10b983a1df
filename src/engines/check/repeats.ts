/**
 * Finds where a schedule goes round: one actor by itself comes back to a state in which everything is as it was, so that it can
 * go on like that for ever.
 */
import { ActorWord, type SteppedProgram } from "../../link/stepped/index.ts";
import { opByCode } from "../../machine/ops.ts";
import { CheckMachine } from "./machine.ts";
import { type CheckProblem, type Transition, transitionStride } from "./types.ts";

/** Steps of a schedule that leave everything as it was: the first one's index, and how many. */
export interface Round {
  readonly from: number;
  readonly length: number;
}

/** Longer rounds are not looked for: nobody would read them. */
export const longestRound = 1000;

/** What can differ while nobody but `actor` moves, of its own words those that may still be read. */
function stateKey(machine: CheckMachine, actor: number): string {
  const { program, state, stride, world, actorCount } = machine;
  const base = actor * stride;
  const pc = state[base] as number;
  const own: number[] = [pc];
  const operands = pc === 0 ? 0 : opByCode(machine.pendingOp(actor)).operands.length;
  for (let i = 0; i < operands; i++) own.push(state[base + ActorWord.operand0 + i] as number);
  for (let frame = pc; frame !== 0; ) {
    for (const word of program.liveWords(frame)) own.push(state[base + word] as number);
    const back = program.returnWord(frame);
    frame = back === 0 ? 0 : (state[base + back] as number);
  }
  const snapshot = machine.save();
  const shared = snapshot.subarray(2 + actorCount * stride, snapshot.length - world.cells.length);
  const changed = world.cells
    .filter((cell) => world.memory[cell] !== world.start[cell])
    .sort((a, b) => a - b);
  const memory = changed.map((cell) => `${cell}=${world.memory[cell]}`);
  return `${own.join()};${shared.join()};${memory.join()}`;
}

/** Told of every state on the way, notices the first one that was there before. */
export class RoundFinder {
  private readonly machine: CheckMachine;
  private readonly seen = new Map<string, number>();
  private actor = -1;

  constructor(machine: CheckMachine) {
    this.machine = machine;
  }

  /** Before step `at` of `actor`, or behind the last step (its actor again): the round that is complete here, or null. */
  look(at: number, actor: number): Round | null {
    if (actor !== this.actor) this.seen.clear();
    this.actor = actor;
    const key = stateKey(this.machine, actor);
    const from = this.seen.get(key);
    // The latest one counts: it makes the shortest round.
    this.seen.set(key, at);
    return from === undefined ? null : { from, length: at - from };
  }
}

/** The first round behind step `from`, within so many steps that `longestRound` allows; null where nothing repeats. */
export function firstRound(
  program: SteppedProgram,
  problem: CheckProblem,
  schedule: readonly Transition[],
  from: number,
): Round | null {
  const machine = new CheckMachine(program, problem);
  machine.reset();
  const finder = new RoundFinder(machine);
  const end = Math.min(schedule.length, from + 2 * longestRound);
  for (let i = 0; i < end; i++) {
    const transition = schedule[i] as Transition;
    if (i >= from) {
      const round = finder.look(i, Math.floor(transition / transitionStride));
      if (round !== null) return round;
    }
    if (!machine.isEnabled(transition) || !machine.perform(transition)) return null;
  }
  return null;
}
