/**
 * Schedules as text that people can read, cut and paste: `0*3 1 1f 2<0` is three steps of actor 0, a step of actor 1, a flush of
 * actor 1's store buffer, and actor 2 taking the oldest RCU callback that actor 0 queued.
 */
import { RefplayError } from "../../errors.ts";
import { type Transition, TransitionKind, transitionStride } from "./types.ts";

/** What the same transition done several times in a row is cut off at, so that a typing error fills no memory. */
const maxTransitions = 1_000_000;

function formatTransition(transition: Transition): string {
  const actor = Math.floor(transition / transitionStride);
  const kind = transition % transitionStride;
  if (kind === TransitionKind.step) return `${actor}`;
  return kind === TransitionKind.flush ? `${actor}f` : `${actor}<${kind - TransitionKind.takeFrom}`;
}

/** Transitions as text, runs of the same one as `*count`. An empty schedule is an empty text. */
export function formatSchedule(schedule: readonly Transition[]): string {
  const words: string[] = [];
  for (let from = 0, to = 0; from < schedule.length; from = to) {
    while (to < schedule.length && schedule[to] === schedule[from]) to++;
    const word = formatTransition(schedule[from] as Transition);
    words.push(to - from === 1 ? word : `${word}*${to - from}`);
  }
  return words.join(" ");
}

const wordPattern = /^(\d{1,6})(?:(f)|<(\d{1,2}))?(?:\*(\d+))?$/;

function refuse(text: string, word: string, at: number, why: string): never {
  throw new RefplayError("bad-schedule", `character ${at + 1} of the schedule, '${word}': ${why}`, {
    hint: `a schedule reads like "0*3 1 1f 2<0": actor 0 three times, actor 1, a flush of actor 1, actor 2 takes what actor 0 queued; this one is ${text.length} characters long`,
  });
}

/**
 * The transitions that `formatSchedule` wrote. Whether they fit a program is for `replaySchedule` to say.
 * @throws RefplayError "bad-schedule" with the character, from 1, where the text is none
 */
export function parseSchedule(text: string): Transition[] {
  const schedule: Transition[] = [];
  for (const match of text.matchAll(/\S+/g)) {
    const [word] = match;
    const parts = wordPattern.exec(word);
    if (parts === null) return refuse(text, word, match.index, "this is no transition");
    const [, actor, flush, from, count] = parts;
    let kind: number = flush === undefined ? TransitionKind.step : TransitionKind.flush;
    if (from !== undefined) kind = TransitionKind.takeFrom + Number(from);
    if (kind >= transitionStride) return refuse(text, word, match.index, `there is no actor ${from}`);
    const times = count === undefined ? 1 : Number(count);
    if (times === 0) return refuse(text, word, match.index, "the count must be 1 or more");
    if (schedule.length + times > maxTransitions) {
      return refuse(
        text,
        word,
        match.index,
        `the count is too large: more than ${maxTransitions} transitions`,
      );
    }
    for (let i = 0; i < times; i++) schedule.push(Number(actor) * transitionStride + kind);
  }
  return schedule;
}
