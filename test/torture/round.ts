/** One round: its machines live, and everything that was promised of each is held against what is there. */
import { leaksOf, violationsOf } from "../../src/runner/audited.ts";
import { type Expected, type History, writeHistory } from "./history.ts";
import { type Audits, type Counters, type LifeLimits, runMachine } from "./machine.ts";
import { planRound, type RoundLimits, type RoundPlan } from "./plan.ts";
import { buildProgram, declaredBy, type TortureStrategy } from "./program.ts";

export interface RoundResult {
  readonly plan: RoundPlan;
  /** What is wrong, by kind; empty where all is well. */
  readonly wrong: Readonly<Record<string, number>>;
  /** Why a machine did not come to its end. */
  readonly death: string | null;
  /** Machines, and milliseconds that they lived. */
  readonly lives: number;
  readonly ms: number;
  /** What the last machine did, for the log; empty where it died. */
  readonly did: Counters;
}

/** Counters that tell how much happened. */
const shown = ["events", "policyUpdates", "compoundsMade", "rebuilt", "merges", "gracePeriods", "reclaimed"];

/** Starting threads takes seconds where cores are busy, and a machine may live less than one. */
const usualLives: LifeLimits = { lives: 12, ms: 12_000 };

/** Runs round `number` of the run with that seed. @throws RefplayError `interrupted`, or for a strategy that cannot be linked */
export async function runRound(
  strategy: TortureStrategy,
  seed: string,
  number: number,
  limits: RoundLimits = {},
  signal?: AbortSignal,
): Promise<RoundResult> {
  const plan = planRound(seed, number, declaredBy(strategy), limits);
  const program = await buildProgram(strategy, plan.variant);
  const history = writeHistory(plan);
  const judged = (audits: Audits) => judge(audits, history, strategy);
  const isWell = (audits: Audits): boolean => Object.keys(judged(audits)).length === 0;
  const limited = { ...usualLives, ...(limits.lives === undefined ? {} : { lives: limits.lives }) };
  const run = await runMachine(program, plan, history, limited, isWell, signal);
  const { audits, death, lives, ms } = run;
  if (audits === null) {
    const wrong = { [death?.code ?? "dead"]: 1, ...violationsOf(run.atDeath) };
    return { plan, wrong, death: death?.message ?? null, lives, ms, did: {} };
  }
  const did = Object.fromEntries(shown.map((name) => [name, audits.atTeardown[name] ?? 0]));
  return { plan, wrong: judged(audits), death: null, lives, ms, did };
}

function judge(run: Audits, history: History, { meta }: TortureStrategy): Record<string, number> {
  const { releases } = meta.capabilities;
  return {
    ...violationsOf(run.atTeardown),
    ...prefixed("left: ", leaksOf(run.atTeardown, releases)),
    ...differences("at the end", run.atEnd, history.atEnd),
    ...(run.atRest === null || history.atRest === null
      ? {}
      : differences(
          "at rest",
          run.atRest,
          releases === "never" ? withoutKept(history.atRest) : history.atRest,
        )),
  };
}

/** What a strategy that never releases a label keeps for ever. */
const kept = new Set(["labels", "profiles", "proxies", "namespaces", "rawdata"]);

function withoutKept(expected: Expected): Expected {
  return Object.fromEntries(Object.entries(expected).filter(([name]) => !kept.has(name)));
}

/** By how much counters differ from what they must be. */
function differences(when: string, found: Counters, expected: Expected): Record<string, number> {
  return Object.fromEntries(
    Object.entries(expected).flatMap(([name, value]) => {
      const more = (found[name] ?? 0) - value;
      return more === 0 ? [] : [[`${name} ${when}`, more]];
    }),
  );
}

function prefixed(prefix: string, counts: Counters): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).map(([name, count]) => [`${prefix}${name}`, count]));
}
