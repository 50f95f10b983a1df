/** Searches a prepared check in portions, so that a page or a terminal stays alive, and turns what it finds into a report. */
import {
  CheckBootError,
  CheckMachine,
  DporExplorer,
  type ExploreOptions,
  type Explorer,
  firstRound,
  formatSchedule,
  minimise,
  NaiveExplorer,
  parseSchedule,
  replaySchedule,
  StatefulExplorer,
  stepsAlone,
} from "../engines/check/index.ts";
import type { ExploreResult, Finding, Replay } from "../engines/check/types.ts";
import type { CheckReport, ExplorerName, PreparedCheck, ReportedFinding, RunOptions } from "./types.ts";

/** Operations of one chain without a scheduling point, where the program says nothing else. */
const defaultStepLimit = 100_000;

/** Transitions between two looks at the event loop: about a tenth of a second. */
const portion = 100_000;

function explorerOf(prepared: PreparedCheck, name: ExplorerName, options: ExploreOptions): Explorer {
  const { stepped, problem } = prepared;
  if (name === "states") return new StatefulExplorer(stepped, problem, options);
  const machine = new CheckMachine(stepped, problem);
  return name === "dpor" ? new DporExplorer(machine, options) : new NaiveExplorer(machine, options);
}

function reportFinding(prepared: PreparedCheck, result: ExploreResult): ReportedFinding | null {
  const first = result.findings[0];
  if (first === undefined) return null;
  const { stepped, problem } = prepared;
  const shortest = minimise(stepped, problem, first);
  const replay = replaySchedule(stepped, problem, shortest.schedule);
  if (replay.breach === null || replay.round !== undefined) return reportEndless(prepared, first);
  return { schedule: formatSchedule(shortest.schedule), replay, breach: replay.breach };
}

/** Steps shown of an endless loop in which something changes every time. */
const shownSteps = 24;

/**
 * An actor that runs on for ever by itself breaks no rule at any one step: the search gave up. The schedule is cut off where
 * the loop has come round once, or has been seen for long enough.
 */
function reportEndless(prepared: PreparedCheck, { breach, schedule }: Finding): ReportedFinding {
  const isLimit = breach.verdict === "limit-exceeded";
  if (breach.verdict !== "livelock" && !isLimit)
    throw new Error("a finding's schedule does not lead to its breach");
  const { stepped, problem } = prepared;
  // The depth-first searches tell this of one actor; the stateful one of a chain that may begin with steps of others.
  const endless = isLimit ? stepsAlone(schedule) : (problem.stepLimit ?? defaultStepLimit);
  const prefix = Math.max(0, schedule.length - endless);
  const round = firstRound(stepped, problem, schedule, prefix);
  const shown = schedule.slice(0, round === null ? prefix + shownSteps : round.from + round.length);
  const replay = replaySchedule(stepped, problem, shown);
  if (replay.round !== undefined && replay.breach !== null) {
    const detail = `${breach.detail}: ${replay.breach.detail}`;
    const found = { ...replay.breach, verdict: breach.verdict, detail };
    return { schedule: formatSchedule(shown), replay: { ...replay, breach: found }, breach: found };
  }
  const last = replay.steps.at(-1);
  const found = { ...breach, actor: last?.actor ?? breach.actor, chain: last?.chain ?? [] };
  return { schedule: formatSchedule(shown), replay: { ...replay, breach: found }, breach: found };
}

/** What there is to see of a rule that was broken before the actors begin: no steps, but where and what. */
function bootReplay(prepared: PreparedCheck, { breach, chain }: CheckBootError): ReportedFinding {
  const symbol = prepared.problem.symbol?.(breach.address);
  const named = { ...breach, ...(symbol === undefined ? {} : { symbol }), chain };
  const replay: Replay = { steps: [], breach: named, stuckAt: -1, unfinished: false };
  return { schedule: "", replay, breach: named };
}

const nothingSearched: ExploreResult = {
  complete: false,
  findings: [],
  outcomes: [],
  states: 0,
  transitions: 0,
  executions: 0,
  sleepBlocked: 0,
  depth: 0,
  passes: 0,
};

/**
 * Searches until everything was looked at, a rule is broken, a limit is reached or `signal` says so. The first breach ends
 * the search; its schedule is made as short as it gets, and is empty where the rule is broken before the actors begin.
 */
export async function runCheck(prepared: PreparedCheck, options: RunOptions = {}): Promise<CheckReport> {
  const { program, strategyName: strategy, model, bounds } = prepared;
  try {
    return await search(prepared, options);
  } catch (error) {
    if (!(error instanceof CheckBootError)) throw error;
    const { breach } = error;
    const result = { ...nothingSearched, findings: [{ breach, schedule: [] }] };
    const finding = bootReplay(prepared, error);
    const { verdict } = breach;
    return { strategy, program: program.name, model, bounds, verdict, finding, result, searchMs: 0 };
  }
}

async function search(prepared: PreparedCheck, options: RunOptions): Promise<CheckReport> {
  const { explorer: name = "states", memoryBytes, stateLimit, signal, onProgress } = options;
  const began = performance.now();
  const explorer = explorerOf(prepared, name, {
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
    ...(stateLimit === undefined ? {} : { stateLimit }),
  });
  while (signal?.aborted !== true && !explorer.advance(portion)) {
    onProgress?.(explorer.progress());
    await new Promise<void>((resume) => setTimeout(resume, 0));
  }
  const searchMs = performance.now() - began;
  // Also for searches that one portion was enough for.
  onProgress?.(explorer.progress());
  const found = explorer.result();
  const interrupted = signal?.aborted === true && found.findings.length === 0 && !found.complete;
  const result: ExploreResult = interrupted ? { ...found, limit: "interrupted" } : found;
  const finding = reportFinding(prepared, result);
  return {
    strategy: prepared.strategyName,
    program: prepared.program.name,
    model: prepared.model,
    bounds: prepared.bounds,
    verdict: finding?.breach.verdict ?? (result.complete ? "pass" : "limit-exceeded"),
    finding,
    result,
    searchMs,
  };
}

/**
 * Goes through a schedule step by step.
 * @throws RefplayError "bad-schedule" where the text is none
 */
export function replayCheck(prepared: PreparedCheck, schedule: string): Replay {
  const transitions = parseSchedule(schedule);
  try {
    return replaySchedule(prepared.stepped, prepared.problem, transitions);
  } catch (error) {
    if (error instanceof CheckBootError) return bootReplay(prepared, error).replay;
    throw error;
  }
}
