/** Holds the stateful and the depth-first search against all states of a program with areas. */
import { DporExplorer } from "../../src/engines/check/dpor.ts";
import { CheckMachine } from "../../src/engines/check/machine.ts";
import { replaySchedule } from "../../src/engines/check/replay.ts";
import { StatefulExplorer } from "../../src/engines/check/stateful.ts";
import type { CheckProblem, ExploreOptions, Explorer, MemoryModel } from "../../src/engines/check/types.ts";
import type { SteppedProgram } from "../../src/link/stepped/index.ts";
import {
  type AreaProgram,
  areaProblem,
  areaSource,
  everything,
  type Line,
  linkAreas,
  upToSwaps,
} from "./check-areas.ts";

/** States beyond which a program is left out. */
export const stateLimit = 5000;
const verdictsAtTheEnd: ReadonlySet<string> = new Set(["deadlock", "leak"]);

export interface AreaJudgement {
  /** What is wrong, or null. */
  readonly difference: string | null;
  readonly skipped: boolean;
  readonly clean: boolean;
  /** Whether the reduction by symmetry was on to the end and kept fewer states. */
  readonly swapped: boolean;
}

type Make = (program: SteppedProgram, problem: CheckProblem, options: ExploreOptions) => Explorer;

const stateful =
  (reduce: boolean, symmetry: boolean): Make =>
  (program, problem, options) =>
    new StatefulExplorer(program, problem, { ...options, reduce, symmetry });

const areaSearches: readonly (readonly [string, Make])[] = [
  ["reduction", stateful(true, false)],
  ["symmetry", stateful(false, true)],
  ["reduction and symmetry", stateful(true, true)],
];

/** Executions beyond which the depth-first search of a program is left out. */
const executionLimit = 20_000;

const dporSearch: readonly [string, Make] = [
  "DPOR",
  (program, problem, options) =>
    new DporExplorer(new CheckMachine(program, problem), { ...options, stateLimit: executionLimit }),
];

/** DPOR comes last: how many states the others keep is compared by their places. */
function searchesFor(fuzz: AreaProgram): readonly (readonly [string, Make])[] {
  return [...(fuzz.copies > 1 ? areaSearches : areaSearches.slice(0, 1)), dporSearch];
}

export function judgeAreas(
  fuzz: AreaProgram,
  model: MemoryModel,
  searches: readonly (readonly [string, Make])[] = searchesFor(fuzz),
  limit = stateLimit,
): AreaJudgement {
  const program = linkAreas(fuzz);
  const problem = areaProblem(fuzz, model);
  const all = everything(program, problem, limit);
  if (all === null || all.verdicts.has("limit-exceeded")) {
    return { difference: null, skipped: true, clean: false, swapped: false };
  }
  const swap = (outcome: string): string => upToSwaps(fuzz, outcome);
  const there = new Set([...all.outcomes].map(swap));
  const exact = [...all.verdicts].every((verdict) => verdictsAtTheEnd.has(verdict));
  const states: number[] = [];
  const judgement = (difference: string | null): AreaJudgement => ({
    difference,
    skipped: false,
    clean: all.verdicts.size === 0,
    swapped: (states[2] ?? 0) < (states[0] ?? 0),
  });
  for (const [name, make] of searches) {
    const run = (stopAtFirst: boolean) => {
      const explorer = make(program, problem, { stopAtFirst });
      while (!explorer.advance(100_000));
      return explorer.result();
    };
    const result = run(false);
    states.push(result.states);
    const wrong = (message: string): AreaJudgement => judgement(`${model}, ${name}: ${message}`);
    if (name === "DPOR" && result.limit === "states") continue;
    if (!result.complete) return wrong(`not complete (${result.limit})`);
    const found = new Set(result.findings.map(({ breach }) => breach.verdict));
    // Where there is nothing to find both do the same.
    const early = all.verdicts.size === 0 ? [] : run(true).findings;
    if (found.size > 0 !== all.verdicts.size > 0 || early.length > 0 !== all.verdicts.size > 0) {
      return wrong(`found ${[...found]} (at first ${early.length}), but there is ${[...all.verdicts]}`);
    }
    for (const { breach, schedule } of [...result.findings, ...early]) {
      const replay = replaySchedule(program, problem, schedule);
      const verdict = replay.stuckAt >= 0 ? `stuck at ${replay.stuckAt}` : replay.breach?.verdict;
      if (verdict !== breach.verdict) return wrong(`${breach.verdict} replays to ${verdict}`);
    }
    const outcomes = new Set(result.outcomes.map(swap));
    const invented = [...outcomes].filter((outcome) => !there.has(outcome));
    if (invented.length > 0) return wrong(`came to ${invented.join(" ")}, which cannot be`);
    if (!exact) continue;
    const missed = [...there].filter((outcome) => !outcomes.has(outcome));
    if (missed.length > 0) return wrong(`missed ${missed.join(" ")}`);
    const missing = [...all.verdicts].filter((verdict) => !found.has(verdict as never));
    if (missing.length > 0) return wrong(`missed ${missing.join(" ")}`);
  }
  return judgement(null);
}

// ---- making failing programs small ----

function* smallerLines(lines: readonly Line[]): Iterable<readonly Line[]> {
  for (const [index, line] of lines.entries()) {
    const put = (by: readonly Line[]): readonly Line[] => [
      ...lines.slice(0, index),
      ...by,
      ...lines.slice(index + 1),
    ];
    yield put([]);
    if (typeof line === "string") continue;
    yield put(line[1]);
    for (const body of smallerLines(line[1])) yield put([[line[0], body, line[2]]]);
  }
}

function* smaller(program: AreaProgram): Iterable<AreaProgram> {
  if (program.copies > 0) yield { ...program, copies: program.copies - 1 };
  for (const [index, lines] of program.others.entries()) {
    const put = (by: readonly (readonly Line[])[]): AreaProgram => ({
      ...program,
      others: [...program.others.slice(0, index), ...by, ...program.others.slice(index + 1)],
    });
    yield put([]);
    for (const less of smallerLines(lines)) yield put([less]);
  }
  for (const member of smallerLines(program.member)) yield { ...program, member };
  for (const boot of smallerLines(program.boot)) yield { ...program, boot };
  for (const callback of smallerLines(program.callback)) yield { ...program, callback };
  for (const maintenance of smallerLines(program.maintenance)) yield { ...program, maintenance };
  if (program.softirqs > 0) yield { ...program, softirqs: program.softirqs - 1 };
  if (program.leaks) yield { ...program, leaks: false };
}

/** The smallest program found that fails in the same way, as source, and as data. */
export function areaReport(fuzz: AreaProgram, model: MemoryModel, found: string): string {
  const kind = (text: string): string => text.replace(/-?\d+(,-?\d+)*/g, "0").replace(/(0 )+0/g, "0");
  let best = fuzz;
  let message = found;
  for (let again = true; again; ) {
    again = false;
    for (const candidate of smaller(best)) {
      let difference: string | null = null;
      try {
        difference = judgeAreas(candidate, model).difference;
      } catch {
        continue;
      }
      if (difference === null || kind(difference) !== kind(found)) continue;
      best = candidate;
      message = difference;
      again = true;
      break;
    }
  }
  return `seed ${fuzz.seed}, ${message}\n${areaSource(best)}\nas data: ${JSON.stringify(best)}`;
}
