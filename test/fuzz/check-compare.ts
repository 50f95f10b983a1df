/**
 * Holds the checker's searches against each other on one program: the naive search, which leaves nothing out and has nothing
 * to be wrong about, says what there is to find.
 */
import { DporExplorer } from "../../src/engines/check/dpor.ts";
import { CheckMachine } from "../../src/engines/check/machine.ts";
import { minimise } from "../../src/engines/check/minimise.ts";
import { NaiveExplorer } from "../../src/engines/check/naive.ts";
import { replaySchedule } from "../../src/engines/check/replay.ts";
import { StatefulExplorer } from "../../src/engines/check/stateful.ts";
import type {
  CheckProblem,
  ExploreOptions,
  ExploreResult,
  Explorer,
  Finding,
  MemoryModel,
} from "../../src/engines/check/types.ts";
import type { SteppedProgram } from "../../src/link/stepped/index.ts";
import { linkLitmus, litmusProblem } from "../litmus/litmus-problem.ts";
import { type CheckFuzzProgram, printCheckProgram } from "./check-program.ts";

/** Interleavings after which a program is left out. */
const executionLimit = 30_000;

/** Verdicts that an execution only gets when nothing more can happen: they cut nothing off that others would have seen. */
const verdictsAtTheEnd: ReadonlySet<string> = new Set(["deadlock", "leak"]);

export interface CheckDifference {
  readonly model: MemoryModel;
  readonly search: string;
  readonly message: string;
}

/** A program under one model, linked and searched by the naive search. */
export interface Judged {
  readonly program: SteppedProgram;
  readonly problem: CheckProblem;
  readonly naive: ExploreResult;
}

type MakeMachine = (program: SteppedProgram, problem: CheckProblem) => CheckMachine;

export interface Search {
  readonly name: string;
  /** Whether its outcomes are those up to swapping actors that do the same. */
  readonly swaps?: boolean;
  readonly make: (judged: Judged, options: ExploreOptions) => Explorer;
}

/** DPOR on a machine of one's own: a wrong one shows whether the fuzz would notice. */
export function dporOn(makeMachine: MakeMachine): Search {
  return {
    name: "DPOR",
    make: ({ program, problem }, options) => new DporExplorer(makeMachine(program, problem), options),
  };
}

function states(name: string, reduce: boolean, symmetry: boolean): Search {
  return {
    name,
    swaps: symmetry,
    make: ({ program, problem }, options) =>
      new StatefulExplorer(program, problem, { ...options, reduce, symmetry }),
  };
}

/** Every search that is held against the naive one. */
const searches: readonly Search[] = [
  dporOn((program, problem) => new CheckMachine(program, problem)),
  states("stateful search", true, false),
  states("stateful search without reduction", false, false),
  states("stateful search with symmetry", true, true),
];

function run(explorer: Explorer): ExploreResult {
  while (!explorer.advance(100_000));
  return explorer.result();
}

/** Links a program and searches it naively; null where that would take too long. */
export function judge(fuzz: CheckFuzzProgram, model: MemoryModel): Judged | null {
  const litmus = printCheckProgram(fuzz);
  const program = linkLitmus(litmus);
  const problem = litmusProblem(litmus, model);
  const options = { stopAtFirst: false, stateLimit: executionLimit };
  const naive = run(new NaiveExplorer(new CheckMachine(program, problem), options));
  if (!naive.complete && naive.limit === "states") return null;
  return { program, problem, naive };
}

/** The searches that a program is for: symmetry only where there are actors that do the same. */
export function searchesFor(fuzz: CheckFuzzProgram): readonly Search[] {
  return fuzz.actors.some(({ copies }) => copies > 1) ? searches : searches.slice(0, -1);
}

/** The first difference of any search from the naive one, or null; "skipped" where the naive search takes too long. */
export function compareSearches(
  fuzz: CheckFuzzProgram,
  model: MemoryModel,
): CheckDifference | "skipped" | null {
  const judged = judge(fuzz, model);
  return judged === null ? "skipped" : compareJudged(judged, searchesFor(fuzz));
}

/** The first difference of any of these searches from the naive one, or null. */
export function compareJudged(judged: Judged, against: readonly Search[]): CheckDifference | null {
  const { model } = judged.problem;
  const naive = disagreement(judged, judged.naive) ?? badFinding(judged, judged.naive.findings);
  if (naive !== null) return { model, search: "naive search", message: naive };
  for (const search of against) {
    const result = run(search.make(judged, { stopAtFirst: false }));
    const message =
      disagreement(judged, result, search.swaps) ??
      badFinding(judged, result.findings) ??
      early(judged, search);
    if (message !== null) return { model, search: search.name, message };
  }
  return null;
}

export function verdictsOf(result: ExploreResult): string[] {
  return [...new Set(result.findings.map(({ breach }) => breach.verdict))].sort();
}

/** What is wrong with a result, or null. */
function disagreement({ naive, problem }: Judged, result: ExploreResult, swaps = false): string | null {
  if (!result.complete) return `did not look at everything (${result.limit ?? "no reason given"})`;
  const [found, there] = [verdictsOf(result), verdictsOf(naive)];
  if ((found.length === 0) !== (there.length === 0)) {
    return `found ${list(found)}, but there is ${list(there)}`;
  }
  const invented = found.filter((verdict) => !there.includes(verdict));
  if (invented.length > 0) return `found ${list(invented)}, which is not there`;
  const strange = result.outcomes.filter((outcome) => !naive.outcomes.includes(outcome));
  if (strange.length > 0) return `came to ${list(strange)}, which cannot be`;
  // A breach ends its execution, and with it what a search could learn for other executions from the rest of it.
  if (!there.every((verdict) => verdictsAtTheEnd.has(verdict))) return null;
  const seen = new Set(result.outcomes.map((outcome) => (swaps ? inOrder(problem, outcome) : outcome)));
  const missed = naive.outcomes.filter((outcome) => !seen.has(swaps ? inOrder(problem, outcome) : outcome));
  if (missed.length > 0) return `missed ${list(missed)}`;
  return found.length < there.length ? `found ${list(found)} only, of ${list(there)}` : null;
}

/** An outcome with the values of actors of one group sorted: the same whichever of them had which. */
function inOrder({ actors }: CheckProblem, outcome: string): string {
  const values = outcome.split(",");
  const scripts = actors.filter(({ role }) => role === "script");
  const sorted = [...values];
  for (const group of new Set(scripts.flatMap(({ group }) => group ?? []))) {
    const members = scripts.flatMap((actor, index) => (actor.group === group ? [index] : []));
    const theirs = members.map((member) => values[member] as string).sort();
    for (const [place, member] of members.entries()) sorted[member] = theirs[place] as string;
  }
  return sorted.join(",");
}

/** A search that ends at the first breach finds one where there is one. */
function early(judged: Judged, search: Search): string | null {
  const result = run(search.make(judged, { stopAtFirst: true }));
  const wanted = judged.naive.findings.length === 0 ? 0 : 1;
  if (result.findings.length !== wanted)
    return `ended with ${result.findings.length} breaches, not ${wanted}`;
  return badFinding(judged, result.findings);
}

/** What is wrong with a schedule, or null: it replays to its verdict, and so does its minimised form, which no step can miss. */
function badFinding({ program, problem }: Judged, findings: readonly Finding[]): string | null {
  const verdict = (schedule: Finding["schedule"]): string => {
    const replay = replaySchedule(program, problem, schedule);
    if (replay.stuckAt >= 0) return `stuck at ${replay.stuckAt}`;
    return replay.breach?.verdict ?? "no breach";
  };
  for (const finding of findings) {
    const wanted = finding.breach.verdict;
    const full = verdict(finding.schedule);
    if (full !== wanted) return `the schedule of ${wanted} replays to ${full}`;
    const least = minimise(program, problem, finding);
    const again = verdict(least.schedule);
    if (again !== wanted) return `the minimised schedule of ${wanted} replays to ${again}`;
    if (least.schedule.length > finding.schedule.length)
      return `the minimised schedule of ${wanted} is longer`;
    for (let left = 0; left < least.schedule.length; left++) {
      if (verdict(least.schedule.filter((_, index) => index !== left)) === wanted) {
        return `the minimised schedule of ${wanted} does not need its step ${left}`;
      }
    }
  }
  return null;
}

function list(items: readonly string[]): string {
  return items.length === 0 ? "nothing" : items.join(" ");
}
