/** What `refplay check --json` prints: one document with a version, names instead of the engine's numbers. */
import { z } from "zod";
import type { Replay, ReplayStep } from "../engines/check/types.ts";
import { Mark } from "../kernel/core/marks.ts";
import type { ChainFrame } from "../link/stepped/index.ts";
import { Op } from "../machine/ops.ts";
import type { CheckReport, ExplorerName } from "./types.ts";

/** Goes up when a reader of the old form would misread the new one. */
export const checkDocumentVersion = 1;

const frame = z.strictObject({ function: z.string(), file: z.string(), line: z.int(), column: z.int() });
const chain = z.array(frame);
const cell = { address: z.int().nullable(), symbol: z.string().optional() };

const step = z.strictObject({
  actor: z.int(),
  kind: z.enum(["step", "flush", "take"]),
  op: z.string(),
  operands: z.array(z.int()),
  result: z.int().nullable(),
  ...cell,
  before: z.int().nullable(),
  after: z.int().nullable(),
  chain,
  buffer: z.array(
    z.strictObject({
      what: z.enum(["store", "freed", "rcuReadUnlock", "callRcu"]),
      ...cell,
      value: z.int(),
      at: frame.nullable(),
    }),
  ),
  marks: z.array(z.strictObject({ event: z.string(), argument: z.int(), symbol: z.string().optional() })),
});

const breach = z.strictObject({
  verdict: z.string(),
  /** null: found after the last step. */
  actor: z.int().nullable(),
  op: z.string().nullable(),
  ...cell,
  detail: z.string(),
  chain,
});

const replay = z.strictObject({
  /** Names by actor's number. */
  actors: z.array(z.string()),
  schedule: z.string(),
  steps: z.array(step),
  breach: breach.nullable(),
  /** The step, from 0, that cannot happen where the schedule has it; null: all could. */
  stuckAt: z.int().nullable(),
  unfinished: z.boolean(),
});

const identity = {
  strategy: z.string().nullable(),
  program: z.string(),
};

const checked = z.strictObject({
  kind: z.literal("checked"),
  ...identity,
  model: z.enum(["sc", "tso"]),
  bounds: z.record(z.string(), z.int()),
  /** Number of the program's deliberate bug, where that was checked. */
  broken: z.int().optional(),
  explorer: z.enum(["states", "dpor", "naive"]),
  verdict: z.string(),
  /** What a deliberately broken strategy announces. */
  expected: z.strictObject({ verdict: z.string(), model: z.string(), program: z.string() }).optional(),
  complete: z.boolean(),
  /** Why it is not complete, where that was a limit. */
  limit: z.enum(["memory", "states", "steps", "buffer", "interrupted"]).optional(),
  states: z.int(),
  transitions: z.int(),
  executions: z.int(),
  sleepBlocked: z.int(),
  depth: z.int(),
  passes: z.int(),
  outcomes: z.array(z.string()),
  searchMs: z.number(),
  finding: replay.nullable(),
});

const skipped = z.strictObject({ kind: z.literal("skipped"), ...identity, reason: z.string() });

const replayed = z.strictObject({
  kind: z.literal("replayed"),
  ...identity,
  model: z.enum(["sc", "tso"]),
  bounds: z.record(z.string(), z.int()),
  replay,
});

export const checkDocument = z.strictObject({
  version: z.literal(checkDocumentVersion),
  refplay: z.string(),
  /** Whether Ctrl-C ended it; checks that had not begun are missing then. */
  interrupted: z.boolean(),
  reports: z.array(z.discriminatedUnion("kind", [checked, skipped, replayed])),
});

export type CheckDocument = z.output<typeof checkDocument>;
type CheckEntry = CheckDocument["reports"][number];
type ReplayEntry = z.output<typeof replay>;

/** What the report itself does not say. */
export interface CheckContext {
  readonly explorer: ExplorerName;
  readonly expected?: Expectation | undefined;
  /** The deliberate bug of the program that was checked. */
  readonly broken?: { readonly value: number } | undefined;
}

/** What a deliberately broken strategy or program must get, and where. */
export interface Expectation {
  readonly verdict: string;
  readonly model: string;
  readonly program: string;
}

/**
 * A finished check.
 * @param actors names by number
 */
export function checkedEntry(
  report: CheckReport,
  actors: readonly string[],
  { explorer, expected, broken }: CheckContext,
): CheckEntry {
  const { strategy, program, model, bounds, verdict, finding, result, searchMs } = report;
  const { complete, limit, states, transitions, executions, sleepBlocked, depth, passes } = result;
  return {
    kind: "checked",
    strategy,
    program,
    model,
    bounds: { ...bounds },
    ...(broken === undefined ? {} : { broken: broken.value }),
    explorer,
    verdict,
    ...(expected === undefined ? {} : { expected: { ...expected } }),
    complete,
    ...(limit === undefined ? {} : { limit }),
    states,
    transitions,
    executions,
    sleepBlocked,
    depth,
    passes,
    outcomes: [...result.outcomes],
    searchMs,
    finding: finding === null ? null : replayEntry(finding.replay, finding.schedule, actors),
  };
}

/** A replay by itself. */
export function replayEntry(replay: Replay, schedule: string, actors: readonly string[]): ReplayEntry {
  const { steps, breach, stuckAt, unfinished } = replay;
  return {
    actors: [...actors],
    schedule,
    steps: steps.map(stepEntry),
    breach:
      breach === null
        ? null
        : {
            verdict: breach.verdict,
            actor: orNull(breach.actor),
            op: breach.op === null ? null : Op[breach.op],
            ...cellEntry(breach),
            detail: breach.detail,
            chain: breach.chain.map(frameEntry),
          },
    stuckAt: orNull(stuckAt),
    unfinished,
  };
}

function stepEntry(step: ReplayStep): ReplayEntry["steps"][number] {
  const { actor, kind, op, operands, result, before, after } = step;
  return {
    actor,
    kind,
    op: Op[op],
    operands: [...operands],
    result,
    ...cellEntry(step),
    before,
    after,
    chain: step.chain.map(frameEntry),
    buffer: step.buffer.map((entry) => ({
      what: entry.what,
      ...cellEntry(entry),
      value: entry.value,
      at: entry.at === null ? null : frameEntry(entry.at),
    })),
    marks: step.marks.map(({ event, argument, symbol }) => ({
      event: Mark[event] ?? String(event),
      argument,
      ...(symbol === undefined ? {} : { symbol }),
    })),
  };
}

function cellEntry({ address, symbol }: { readonly address: number; readonly symbol?: string }): {
  address: number | null;
  symbol?: string;
} {
  return { address: orNull(address), ...(symbol === undefined ? {} : { symbol }) };
}

function frameEntry({ function: name, file, line, column }: ChainFrame): z.output<typeof frame> {
  return { function: name, file, line, column };
}

/** The engine's -1. */
function orNull(value: number): number | null {
  return value < 0 ? null : value;
}
