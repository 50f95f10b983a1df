/** Stands in for the checker: two programs, and verdicts that depend on the strategy's name. */

import type {
  CheckChoice,
  CheckProgram,
  CheckReport,
  PreparedCheck,
  RunOptions,
} from "../../src/checks/index.ts";
import type { CheckServices } from "../../src/cli/check-services.ts";
import { parseSchedule } from "../../src/engines/check/schedule-string.ts";
import type { ExploreResult } from "../../src/engines/check/types.ts";
import { lookUpAfterLastPut } from "../checks/replays.ts";

const bound = (name: string, most: number) => ({ default: 2, min: 1, max: most, doc: name });

export const lookUp: CheckProgram = {
  name: "put-vs-look-up",
  title: "The last put meets a look-up.",
  kind: "bare",
  source: "test/programs/check/label.ts",
  strategy: true,
  needs: { releases: ["lastPut"] },
  bounds: { readers: bound("tasks that look up", 6), rounds: bound("look-ups of each", 3) },
  build: () => ({ actors: [], cpus: 2, boot: [], finish: [] }),
};

export const ring: CheckProgram = {
  name: "ring",
  title: "A ring without any strategy.",
  kind: "bare",
  source: "test/programs/check/ring.ts",
  strategy: false,
  bounds: { rounds: bound("rounds", 9) },
  broken: [
    { value: 2, title: "without a fence", verdict: "use-after-free", model: "tso", bounds: { rounds: 3 } },
  ],
  build: () => ({ actors: [], cpus: 1, boot: [], finish: [] }),
};

const actors = ["reader 1", "closer"].map((name, cpu) => ({
  name,
  role: "script" as const,
  cpu,
  entry: "run",
  args: [],
}));

const allSeen: ExploreResult = {
  complete: true,
  findings: [],
  outcomes: ["0 0"],
  states: 1234,
  transitions: 56_789,
  executions: 0,
  sleepBlocked: 0,
  depth: 21,
  passes: 1,
};

export function passed(prepared: PreparedCheck, result: Partial<ExploreResult> = {}): CheckReport {
  const { strategyName, program, model, bounds } = prepared;
  const whole = { ...allSeen, ...result };
  return {
    strategy: strategyName,
    program: program.name,
    model,
    bounds,
    verdict: whole.complete ? "pass" : "limit-exceeded",
    finding: null,
    result: whole,
    searchMs: 12.3,
  };
}

/** `from-zero` is caught; everything else passes. */
export async function search(prepared: PreparedCheck): Promise<CheckReport> {
  const replay = lookUpAfterLastPut();
  if (prepared.strategyName !== "from-zero" || replay.breach === null) return passed(prepared);
  return {
    ...passed(prepared, { complete: false }),
    verdict: replay.breach.verdict,
    finding: { schedule: "0*2 1 1f 1 0", replay, breach: replay.breach },
  };
}

export interface MadeUpChecks extends CheckServices {
  /** What was searched, as `strategy program model bounds`, with the options. */
  readonly searched: [string, RunOptions][];
  readonly prepared: CheckChoice[];
}

/** Strategies named `never` release nothing; those in a folder `broken` announce premature-release. */
export function madeUpChecks(changes: Partial<CheckServices> = {}): MadeUpChecks {
  const searched: [string, RunOptions][] = [];
  const choices: CheckChoice[] = [];
  const run = changes.run ?? search;
  return {
    searched,
    prepared: choices,
    programs: [lookUp, ring],
    describe: (path) => ({
      title: "A title",
      summary: "A summary.",
      sources: [],
      options: {},
      capabilities: {
        releases: path.endsWith("none.ts") ? "never" : "lastPut",
        detects: [],
        needsMaintenance: false,
      },
      ...(path.includes("broken")
        ? { expect: { verdict: "premature-release", model: "tso", program: "put-vs-look-up" } }
        : {}),
    }),
    appliesTo: (program, meta) =>
      program.strategy && meta?.capabilities.releases === "never"
        ? "the strategy never releases a label"
        : null,
    prepare(program, strategy, choice) {
      const { model, bounds = {} } = choice;
      choices.push(choice);
      const defaults = Object.entries(program.bounds).map(([name, entry]) => [name, entry.default]);
      return {
        program,
        model,
        bounds: { ...Object.fromEntries(defaults), ...bounds },
        strategyName: strategy === null ? null : strategy.path.replace(/^.*\/(.*)\.ts$/, "$1"),
        stepped: { structs: [] as const } as unknown as PreparedCheck["stepped"],
        problem: { actors, model, cpus: 2, memoryBytes: 64, boot: [], finish: [] },
      };
    },
    replay(_prepared, schedule) {
      const steps = parseSchedule(schedule);
      const whole = lookUpAfterLastPut();
      if (steps.length > whole.steps.length) return { ...whole, breach: null, stuckAt: whole.steps.length };
      if (steps.length === whole.steps.length) return whole;
      return { steps: whole.steps.slice(0, steps.length), breach: null, stuckAt: -1, unfinished: true };
    },
    ...changes,
    async run(prepared, options) {
      const { strategyName, program, model, bounds } = prepared;
      const size = Object.entries(bounds).map(([name, value]) => `${name}=${value}`);
      searched.push([[strategyName, program.name, model, ...size].join(" "), options]);
      return run(prepared, options);
    },
  };
}
